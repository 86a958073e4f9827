"""Word problems of one and two steps: shopping, sharing, ages, travelling, boxes and books."""

from __future__ import annotations

import re
from collections.abc import Sequence

from thinkwell.training.tasks.made import Asked, Talk
from thinkwell.training.tasks.phrases import Phrases
from thinkwell.training.tasks.phrases import stories as said
from thinkwell.training.tasks.traces import digits
from thinkwell.training.tasks.words import EN_GENDERS, EN_GOODS, FR_GENDERS, FR_GOODS

# A number before a unit's symbol is typed in digits.
_MEASURED = re.compile(r"\$#|# (?:€|km|g |%)|[/]#")


def told(
    talk: Talk,
    story: Phrases,
    thought: tuple[str, str],
    steps: Sequence[str],
    answer: int,
    unit: str = "",
    **parts: object,
) -> Asked:
    """``thought``: in both languages, with the fields of the story."""
    template = talk.pick(getattr(story, talk.language))
    shown = {
        name: talk.typed(value, words=not _MEASURED.search(template.replace(f"{{{name}}}", "#")))
        if isinstance(value, int)
        else value
        for name, value in parts.items()
    }
    asked = template.format(**shown)
    plan = talk.of(*thought).format(**parts)
    printed = talk.grouped(answer)
    text = talk.of(f"${printed}", f"{printed} €") if unit == "$" else f"{printed} {unit}".strip()
    return Asked(asked[0].upper() + asked[1:], [plan, *steps], text)


def goods(talk: Talk) -> str:
    return talk.pick(talk.of(EN_GOODS, FR_GOODS))


def he(talk: Talk, name: str) -> str:
    woman = talk.of(EN_GENDERS, FR_GENDERS)[name]
    return talk.of(("he", "she"), ("il", "elle"))[woman]


def within(talk: Talk, low: int, high: int) -> int:
    return talk.random.randint(low, high)


def gets(talk: Talk) -> Asked:
    a, b = talk.names(2)
    g, x, y = goods(talk), within(talk, 3, 60), within(talk, 2, 40)
    thought = ("{x} {g} and {y} more.", "{x} {g}, et {y} de plus.")
    return told(talk, said.GETS, thought, digits.add(x, y), x + y, g, A=a, B=b, g=g, x=x, y=y)


def loses(talk: Talk) -> Asked:
    a, b = talk.names(2)
    g, x = goods(talk), within(talk, 8, 90)
    y = within(talk, 2, x - 2)
    thought = ("{y} of the {x} {g} go away.", "Sur {x} {g}, {y} partent.")
    return told(
        talk, said.LOSES, thought, digits.subtract(x, y), x - y, g, A=a, B=b, g=g, x=x, y=y, he=he(talk, a)
    )


def boxes(talk: Talk) -> Asked:
    g, x, y = goods(talk), within(talk, 2, 9), within(talk, 3, 24)
    thought = ("{x} times {y} {g}.", "{x} fois {y} {g}.")
    return told(talk, said.BOXES, thought, digits.multiply(x, y), x * y, g, A=talk.names(1)[0], g=g, x=x, y=y)


def shares(talk: Talk) -> Asked:
    g, y, q = goods(talk), within(talk, 2, 9), within(talk, 2, 20)
    thought = ("I split {x} into {y} equal parts.", "Je partage {x} en {y} parts égales.")
    return told(
        talk, said.SHARES, thought, digits.divide(y * q, y), q, g, A=talk.names(1)[0], g=g, x=y * q, y=y
    )


def older(talk: Talk) -> Asked:
    a, b = talk.names(2)
    x, y = within(talk, 4, 60), within(talk, 2, 30)
    thought = ("{x} years and {y} more.", "{x} ans, et {y} de plus.")
    unit = talk.of("years", "ans")
    return told(talk, said.OLDER, thought, digits.add(x, y), x + y, unit, A=a, B=b, x=x, y=y, he=he(talk, a))


def change(talk: Talk) -> Asked:
    x, y = within(talk, 2, 9), within(talk, 2, 12)
    z = talk.pick([n for n in (10, 20, 30, 40, 50, 100, 120, 150) if n > x * y])
    thought = (
        "First what the {x} cost, then the change from {z}.",
        "D'abord le prix des {x}, puis la monnaie sur {z}.",
    )
    steps = [*digits.multiply(x, y), *digits.subtract(z, x * y)]
    return told(
        talk, said.CHANGE, thought, steps, z - x * y, "$", A=talk.names(1)[0], g=goods(talk), x=x, y=y, z=z
    )


def eaten(talk: Talk) -> Asked:
    a = talk.names(1)[0]
    g, x, y = goods(talk), within(talk, 2, 9), within(talk, 4, 20)
    z = within(talk, 2, x * y - 1)
    thought = ("All the {g} first, then {z} less.", "D'abord tous les {g}, puis {z} de moins.")
    if talk.fr and g in ("pommes", "poires", "bougies", "cartes"):
        thought = ("", "D'abord toutes les {g}, puis {z} de moins.")
    steps = [*digits.multiply(x, y), *digits.subtract(x * y, z)]
    he1 = he(talk, a).capitalize()
    return told(talk, said.EATEN, thought, steps, x * y - z, g, A=a, he1=he1, g=g, x=x, y=y, z=z)


def together(talk: Talk) -> Asked:
    a, b = _men(talk)
    g, x, y = goods(talk), within(talk, 3, 50), within(talk, 2, 30)
    thought = (
        "{B} has {x} and {y} more; then both together.",
        "{B} en a {x} plus {y} ; puis les deux ensemble.",
    )
    steps = [*digits.add(x, y), *digits.add(x, x + y)]
    return told(talk, said.TOGETHER, thought, steps, 2 * x + y, "", A=a, B=b, g=g, x=x, y=y)


def times(talk: Talk) -> Asked:
    a, b = _men(talk)
    g, x, y = goods(talk), within(talk, 3, 30), within(talk, 2, 6)
    thought = (
        "{B} has {y} times {x}; then both together.",
        "{B} en a {y} fois {x} ; puis les deux ensemble.",
    )
    steps = [*digits.multiply(x, y), *digits.add(x, x * y)]
    return told(talk, said.TIMES, thought, steps, x + x * y, "", A=a, B=b, g=g, x=x, y=y)


def _men(talk: Talk) -> tuple[str, str]:
    """Two for whom French says "ils"."""
    a = talk.pick([n for n, woman in talk.of(EN_GENDERS, FR_GENDERS).items() if not woman])
    b = talk.pick([n for n in talk.of(EN_GENDERS, FR_GENDERS) if n != a])
    return (a, b) if talk.random.random() < 0.5 else (b, a)


def book(talk: Talk) -> Asked:
    x, y = within(talk, 5, 30), within(talk, 2, 9)
    z = x * y + within(talk, 5, 150)
    thought = (
        "What was read in {y} days, then the rest of {z}.",
        "Ce qui est lu en {y} jours, puis le reste de {z}.",
    )
    steps = [*digits.multiply(x, y), *digits.subtract(z, x * y)]
    return told(talk, said.BOOK, thought, steps, z - x * y, "pages", A=talk.names(1)[0], x=x, y=y, z=z)


def unit_price(talk: Talk) -> Asked:
    x, p = within(talk, 2, 9), within(talk, 2, 12)
    y = talk.pick([n for n in range(2, 13) if n != x])
    thought = ("The price of one, then of {y}.", "Le prix d'une pièce, puis de {y}.")
    steps = [*digits.divide(x * p, x), *digits.multiply(y, p)]
    return told(
        talk,
        said.UNIT_PRICE,
        thought,
        steps,
        y * p,
        "$",
        A=talk.names(1)[0],
        g=goods(talk),
        x=x,
        y=y,
        z=x * p,
    )


def drive(talk: Talk) -> Asked:
    x, y, z = within(talk, 3, 24) * 5, within(talk, 2, 6), within(talk, 2, 60)
    thought = ("{y} hours at {x} km, then {z} km more.", "{y} heures à {x} km, puis {z} km de plus.")
    steps = [*digits.multiply(x, y), *digits.add(x * y, z)]
    return told(talk, said.DRIVE, thought, steps, x * y + z, "km", A=talk.names(1)[0], x=x, y=y, z=z)


SHORT = (gets, loses, boxes, shares, older)
MIDDLE = (change, eaten, together, times, book, unit_price, drive)
