"""Words as search knows them: folded, in order, between single spaces; and what somebody wrote into a search
box as phrases of such words. Pure; knows no index and no database.

Scripts that are written without spaces between words (Chinese, Japanese, Thai, …) and Korean, whose endings
cling to its words, are taken character by character: a word of them is a phrase of its characters.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

# Of one text. A longer one is found by what it begins with.
MOST_CHARACTERS = 200_000
# Of one search: of more, what follows is left out.
MOST_PHRASES = 16
MOST_WORDS = 64
# A longer word is several that follow each other.
LONGEST = 64

# Taken character by character.
_EACH = (
    "\u0e01-\u0e3a\u0e40-\u0eff\u1000-\u1049\u1050-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Vowel signs and the like, without which words of these scripts would fall apart.
_MARKS = "\u0730-\u074a\u07a6-\u07b0\u0900-\u0963\u0966-\u0dff\u0f00-\u0f03\u0f18-\u0f39\u0f3e-\u0fbc"
# Accents and points that people leave out when they search.
_ACCENTS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
)

_WORDS = re.compile(f"[{_EACH}]|(?:[^\\W_{_EACH}]|[{_MARKS}]){{1,{LONGEST}}}")
_ASCII_WORDS = re.compile(f"[a-z0-9]{{1,{LONGEST}}}")
_accents = re.compile(f"[{_ACCENTS}]+")
_is_each = re.compile(f"[{_EACH}]").fullmatch
# A word as it stands in a text, with all that belongs to it.
AS_WRITTEN = re.compile(f"[{_EACH}][{_ACCENTS}\u3099\u309a]*|(?:[^\\W_{_EACH}]|[{_MARKS}{_ACCENTS}])+")
# Letters that are one with another, and are no accent upon it.
_ALIKE = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe"})
_CHUNKS = re.compile(r'"([^"]*)(?:"|$)|([^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂", '"'))


class Phrase(msgspec.Struct, frozen=True):
    """Words that follow each other. ``open``: the last one may be only the beginning of a word."""

    words: tuple[str, ...]
    open: bool = False

    def times_in(self, folded_text: str) -> int:
        """How often it is in a text that is folded and has a space before and after it."""
        return folded_text.count(" " + " ".join(self.words) + ("" if self.open else " "))


def folded(text: str) -> str:
    """The words of a text, alike for all spellings that a person takes for the same."""
    text = text[:MOST_CHARACTERS]
    if text.isascii():
        return " ".join(_ASCII_WORDS.findall(text.lower()))
    text = unicodedata.normalize("NFKD", text.casefold()).casefold()
    text = unicodedata.normalize("NFKC", _accents.sub("", text).translate(_ALIKE))
    return " ".join(_WORDS.findall(text))


def phrases_of(query: str) -> list[Phrase]:
    """What is to be found, all of it. Between quotation marks stands a phrase; of the last word the beginning
    is enough, since people search while they write."""
    found: list[Phrase] = []
    left = MOST_WORDS
    chunks = list(_CHUNKS.finditer(query.translate(_QUOTES)))
    for place, chunk in enumerate(chunks):
        quoted, plain = chunk.groups()
        words = tuple(folded(plain if quoted is None else quoted).split())[:left]
        if not words:
            continue
        last = place == len(chunks) - 1 and quoted is None
        phrase = Phrase(words, open=last and len(words[-1]) > 1 and not _is_each(words[-1]))
        if phrase not in found:
            found.append(phrase)
            left -= len(words)
        if not left or len(found) == MOST_PHRASES:
            break
    return found
