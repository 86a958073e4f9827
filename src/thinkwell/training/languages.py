"""Which language a text is in, as far as its small words tell.

Enough to see that a thought is in another language than the question; no language identification for
short texts: of a line of sums it says that it cannot tell. Words that two languages share count for both.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final

_WORDS: Final = {
    "en": "the no of and to is are was were be been it that this these those with for from not have has had "
    "so then there we you they he she i what which how when but or if by at as an in on do does will can",
    "fr": "le la les l d un une des du de et est sont était être il elle ils elles que qui ce cette ces avec "
    "pour dans sur ne pas ont alors donc on nous vous je tu quoi quel quelle comment quand mais ou si par au "
    "aux en a y reste combien",
    "de": "der die das den dem des ein eine einen und ist sind war sein es dass dieser diese dieses mit für "
    "von nicht haben hat dann also wir ihr sie er ich was welche wie wann aber oder wenn bei auf im in zu",
    "es": "el la los las un una unos de del y es son era ser que este esta estos con para en no han ha "
    "entonces nosotros ellos ella yo tú cual como cuando pero o si por al se lo hay cuántos",
}
KNOWN: Final = {language: frozenset(words.split()) for language, words in _WORDS.items()}
# Single letters are spelled words more often than words.
_WORD = re.compile(r"[^\W\d_]{2,}")
# Fewer words that tell something are too few to judge by.
ENOUGH = 5


def share_in(text: str, language: str) -> float | None:
    """Of the words that tell a language, the share that can be ``language``'s. None: it cannot be told."""
    if language not in KNOWN:
        return None
    words = [
        word for word in _WORD.findall(text.casefold()) if any(word in known for known in KNOWN.values())
    ]
    if len(words) < ENOUGH:
        return None
    return sum(word in KNOWN[language] for word in words) / len(words)


def likeliest(text: str, otherwise: str = "en") -> str:
    """The language that most of the telling words can be of; ``otherwise`` where it cannot be told."""
    shares = {language: share_in(text, language) or 0.0 for language in KNOWN}
    best = max(shares, key=lambda language: (shares[language], language == otherwise))
    return best if shares[best] else otherwise


def foreign_script(question: str, text: str) -> str | None:
    """A script that ``text`` writes words in and ``question`` does not: the commonest sign of a thought
    that wandered off. Single letters (formulas) do not count."""
    asked, written = _scripts(question), _scripts(text)
    return next(
        (script for script, count in written.most_common() if count > 1 and script not in asked), None
    )


def _scripts(text: str) -> Counter[str]:
    """Of letters other than Latin and Greek, by the first word of their Unicode name."""
    letters = (letter for letter in text if letter > "\u0400" and letter.isalpha())
    found = Counter(unicodedata.name(letter, "UNKNOWN").split()[0] for letter in letters)
    for usual in ("LATIN", "GREEK", "MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT"):
        found.pop(usual, None)
    return found
