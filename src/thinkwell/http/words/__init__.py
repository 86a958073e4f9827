"""The words of the plain page, and which language a reader gets. Knows no page.

Most are the app's own (web/src/lib/words; a test compares them); those under ``plain.`` are for it alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from thinkwell.http.words import ar, de, en, es, fr, hi, it, ja, pl, pt, uk, zh

Words = Mapping[str, str]

LANGUAGES: dict[str, tuple[str, Words]] = {
    "en": ("English", en.WORDS),
    "ar": ("العربية", ar.WORDS),
    "de": ("Deutsch", de.WORDS),
    "es": ("Español", es.WORDS),
    "fr": ("Français", fr.WORDS),
    "hi": ("हिन्दी", hi.WORDS),
    "it": ("Italiano", it.WORDS),
    "ja": ("日本語", ja.WORDS),
    "pl": ("Polski", pl.WORDS),
    "pt": ("Português", pt.WORDS),
    "uk": ("Українська", uk.WORDS),
    "zh": ("简体中文", zh.WORDS),
}
# As BCP 47 wants it on the page.
TAGS = {code: "zh-Hans" if code == "zh" else code for code in LANGUAGES}
RIGHT_TO_LEFT = frozenset({"ar"})
MOST_HEADER = 500


def direction_of(code: str) -> str:
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def language_of(chosen: str | None, accepted: str, offered: Sequence[str] = tuple(LANGUAGES)) -> str:
    """``chosen``, if it is offered; else the first that fits of an Accept-Language header, by its weights;
    else the first that is offered."""
    if chosen is not None and chosen in offered:
        return chosen
    wanted = []
    for place, part in enumerate(accepted[:MOST_HEADER].split(",")):
        tag, _, parameter = part.partition(";")
        wanted.append((-_weight(parameter), place, tag.strip().lower().split("-")[0]))
    return next((base for weight, _, base in sorted(wanted) if weight < 0 and base in offered), offered[0])


def _weight(parameter: str) -> float:
    name, _, value = parameter.replace(" ", "").partition("=")
    if name.lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
