"""What our own tasks are built of: kinds of questions by level, and how people and thoughts talk.

A kind is a function that asks one question in one language. Here live numbers, words and politeness of both
languages; what is asked lives in the modules beside this one. Pure; imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple, TypeVar

from thinkwell.training.rows import Row
from thinkwell.training.tasks.phrases import Phrases
from thinkwell.training.tasks.words import EN_DAYS, EN_MONTHS, EN_NAMES, FR_NAMES

LANGUAGES = ("en", "fr")
T = TypeVar("T")


class Asked(NamedTuple):
    """``lines``: the thought; the first restates what is asked."""

    prompt: str
    lines: Sequence[str]
    answer: str
    verifier: str = "int"
    entry: dict[str, Any] = {}  # noqa: RUF012 — never changed


WORDS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
    "dix-sept dix-huit dix-neuf vingt",
}
BEFORE = Phrases(
    en=(
        "Hi! ",
        "Hello, ",
        "Quick question: ",
        "I have a question. ",
        "Can you help me? ",
        "Please help: ",
        "Hey, ",
        "Good morning! ",
    ),
    fr=(
        "Bonjour ! ",
        "Bonjour, ",
        "Salut, ",
        "Petite question : ",
        "J'ai une question. ",
        "Peux-tu m'aider ? ",
        "Aide-moi, s'il te plaît : ",
        "Bonsoir, ",
    ),
)
AFTER = Phrases(
    en=(" Thanks!", " Thank you.", " Please tell me.", " I need to know.", " Can you work it out?"),
    fr=(
        " Merci !",
        " Merci d'avance.",
        " Dis-moi, s'il te plaît.",
        " J'aimerais savoir.",
        " Peux-tu le calculer ?",
    ),
)
# Metres and litres, which others write as meters and liters.
_BRITISH = re.compile(r"\b((?:kilo|deci|centi|milli)?(?:met|lit))re(?=s?\b)")
# What keeps its capital after "Hello, ".
CAPITALS = frozenset(("I", "I'm", "I've", *EN_NAMES, *FR_NAMES, *EN_DAYS, *EN_MONTHS))


class Talk:
    """One question's language and chance."""

    def __init__(self, random: Random, language: str) -> None:
        self.random = random
        self.language = language
        self.fr = language == "fr"

    def of(self, en: T, fr: T) -> T:
        return fr if self.fr else en

    def say(self, phrases: Phrases, **parts: object) -> str:
        options: tuple[str, ...] = getattr(phrases, self.language)
        return self.random.choice(options).format(**parts)

    def pick(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def show(self, value: int | Decimal | Fraction) -> str:
        """As a thought writes it: digits, with the language's decimal mark."""
        if isinstance(value, Fraction):
            return f"{value.numerator}/{value.denominator}"
        text = f"{value:f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return text.replace(".", ",") if self.fr else text

    def grouped(self, value: int | Decimal) -> str:
        """As an answer prints it: thousands apart from 10,000 on."""
        whole, mark, part = self.show(value).partition(self.of(".", ","))
        if len(whole.lstrip("-")) > 4:
            whole = f"{int(whole):,}".replace(",", self.of(",", " "))
        return whole + mark + part

    def typed(self, value: int | Decimal, *, words: bool = True) -> str:
        """As people type it: small ones sometimes in words, large ones sometimes grouped."""
        if isinstance(value, int) and 2 <= value <= 20 and words and self.random.random() < 0.2:
            return self.word(value)
        return self.grouped(value) if self.random.random() < 0.3 else self.show(value)

    def word(self, value: int) -> str:
        return WORDS[self.language].split()[value]

    def lines(self, lines: Sequence[str]) -> list[str]:
        """Lines of digits.py with the language's decimal mark."""
        return [line.replace(".", ",") for line in lines] if self.fr else list(lines)

    def names(self, count: int) -> list[str]:
        return self.random.sample(self.of(EN_NAMES, FR_NAMES), count)

    def listed(self, items: Sequence[str], last: str = "") -> str:
        """a, b and c."""
        joint = last or self.of(" and ", " et ")
        return ", ".join(items[:-1]) + joint + items[-1] if len(items) > 1 else items[0]


Kind = Callable[[Talk], Asked]


class Made:
    """A task: for each level the kinds of questions that it asks."""

    languages = LANGUAGES

    def __init__(self, name: str, *levels: tuple[Kind, ...]) -> None:
        self.name = name
        self._kinds = levels

    @property
    def levels(self) -> int:
        return len(self._kinds)

    def make(self, random: Random, level: int, language: str) -> Row:
        if not 0 <= level < self.levels or language not in self.languages:
            raise ValueError(f"{self.name} has no level {level} in {language!r}")
        asked = random.choice(self._kinds[level])(Talk(random, language))
        return Row(
            prompt=dressed(random, language, asked.prompt),
            answer=asked.answer,
            verifier=asked.verifier,
            trace="\n".join(asked.lines),
            task=self.name,
            language=language,
            level=level,
            source="made",
            entry=asked.entry,
        )


def dressed(random: Random, language: str, prompt: str) -> str:
    """As a visitor might type it: mostly as it is, sometimes politer, sometimes in a hurry."""
    if language == "en" and random.random() < 0.4:
        prompt = _BRITISH.sub(r"\1er", prompt)
    chance = random.random()
    first = prompt.split(maxsplit=1)[0].strip(",:.")
    low = prompt if first in CAPITALS else prompt[0].lower() + prompt[1:]
    if chance < 0.12 and prompt[-1] in "?.":
        before: str = random.choice(getattr(BEFORE, language))
        return before + (low if before[-2] in ",:" else prompt)
    if chance < 0.18 and prompt[-1] in "?.":
        return prompt + str(random.choice(getattr(AFTER, language)))
    if chance < 0.26:
        return low.rstrip(" ?.")
    return low if chance < 0.32 else prompt
