"""What a login name may be, and which names are the same one. Pure; knows no account.

A name is letters and digits of one script, with ``. _ - @``, so that an e-mail address is a name too. Three
things keep two names apart that a person could not tell apart:

- NFKC, case folding, and nothing invisible: full width, ligatures, zero-width and direction marks;
- one script to a name, as in "highly restrictive" of Unicode TS 39, section 5.2: no Cyrillic letter hides
  among Latin ones. Han goes with kana, Bopomofo or Hangul, and with Latin, as people write it;
- letters of Cyrillic, Greek and Armenian that look like a Latin one fold to it, so that a whole word of
  them is that Latin word's twin.

Not folded: what looks alike within one script (l and 1, o and 0, rn and m), and letters of other scripts.
The standard library has no table of look-alikes, and knows scripts only by the names of its characters.
"""

from __future__ import annotations

import re
import unicodedata

from thinkwell.errors import BadRequest

LEAST, MOST = 3, 64
MOST_RAW = 256  # before NFKC, which can make one character eighteen
MOST_MARKS = 3  # accents on one letter; Hebrew and Vietnamese need no more
SIGNS = frozenset("._-@")

# Unicode's Default_Ignorable_Code_Point, but for those of category Cf.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U000e0000-\U000e0fff]"
)
# Lower case, as folded; what looks alike in upper case alone is there too (В and B, Н and H, Ρ and P).
_LOOKS_LIKE = str.maketrans(
    dict(
        zip(
            "авекмнорстухуіјѕԁԛԝһӏԍүґ" + "αβεζηικμνορτυχγϲϳ" + "աոսօցհյվքոԱ".casefold() + "ı",
            "abekmhopctyxyijsdqwhlgyr" + "abezhikmvoptyxycj" + "wnuoghjvfnw" + "i",
            strict=True,
        )
    )
)
# First words of the names of Unicode's characters, where they are not the script.
_OF_NO_SCRIPT = ("COMBINING", "MODIFIER", "DIGIT")
_EAST_ASIA = {
    "IDEOGRAPHIC": "CJK",
    "VERTICAL": "CJK",
    "KATAKANA-HIRAGANA": "KATAKANA",
    "HALFWIDTH": "KATAKANA",
}
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)


def name_key(name: str) -> str:
    """The same for all spellings that a person would take for one another; for any text, also a bad name."""
    text = _without_invisible(unicodedata.normalize("NFKC", name))
    text = _without_invisible(unicodedata.normalize("NFKC", text.casefold()))
    digits = (str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    folded = unicodedata.normalize("NFD", "".join(digits).translate(_LOOKS_LIKE))
    # Accented letters fold by their base: Cyrillic ё as Latin ë. The dot of i̇ is one that i has anyway.
    return unicodedata.normalize("NFC", folded.translate(_LOOKS_LIKE).replace("i\u0307", "i"))


def check_name(name: str) -> str:
    """The name as it is kept (NFKC). Raises BadRequest, which says what is wrong with it."""
    text = unicodedata.normalize("NFKC", name.strip()) if len(name) <= MOST_RAW else ""
    if not LEAST <= len(text) <= MOST:
        raise BadRequest(f"A name has {LEAST} to {MOST} characters.", param="name")
    scripts, marks = set(), 0
    for place, char in enumerate(text):
        kind = unicodedata.category(char)
        if _INVISIBLE.match(char) or not (char in SIGNS or kind[0] in "LM" or kind == "Nd"):
            raise BadRequest("A name is made of letters, digits and . _ - @ alone.", param="name")
        marks = marks + 1 if kind[0] == "M" else 0
        if marks > MOST_MARKS or (marks == 1 and (place == 0 or text[place - 1] in SIGNS)):
            raise BadRequest("A name has no more accents than letters can bear.", param="name")
        if char not in SIGNS:
            scripts.add(_script(char, kind))
    scripts.discard(None)
    if text[0] in SIGNS:
        raise BadRequest("A name begins with a letter or a digit.", param="name")
    if len(scripts) > 1 and not any(scripts <= some for some in _TOGETHER):
        raise BadRequest("A name keeps to one script: its letters look like those of another.", param="name")
    return text


def _script(char: str, kind: str) -> str | None:
    """None: of every script."""
    first = unicodedata.name(char, "").split(" ")[0]
    if kind == "Nd":
        return None if char.isascii() else first
    if first in _OF_NO_SCRIPT:
        return None
    return _EAST_ASIA.get(first, first)


def _without_invisible(text: str) -> str:
    return "".join(
        char for char in text if unicodedata.category(char) not in ("Cf", "Cc") and not _INVISIBLE.match(char)
    )
