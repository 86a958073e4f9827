"""Thoughts for chains of sums, products, and expressions with brackets; for legs that are counted."""

from __future__ import annotations

from decimal import Decimal

from thinkwell.training.tasks.traces.digits import Number, add, divide, multiply, places_of, show, subtract
from thinkwell.training.tasks.traces.entry import Entry, Thought

_LEGS = {
    0: "snake, sea slug, jellyfish, flatworm, leech",
    2: "chicken, bird, human, duck",
    4: "dog, cat, cow, horse, lion, elephant, giraffe, tiger, deer, sheep",
    5: "starfish",
    6: "insect, ant, butterfly, beetle, bee, wasp, grasshopper, cricket, cockroach, praying mantis, firefly",
    8: "spider, scorpion",
    10: "crab, lobster, shrimp",
    14: "woodlouse",
}
LEGS = {animal: legs for legs, animals in _LEGS.items() for animal in animals.split(", ")}


def chain_sum(entry: Entry) -> Thought:
    """The running total, one line for each term; of two numbers with points the shorter is filled up."""
    terms, signs = (entry.metadata["expression"].split(" ")[at::2] for at in (0, 1))
    total, *numbers = [Decimal(it) if "." in it else int(it) for it in terms]
    lines: list[str] = []
    for sign, term in zip(signs, numbers, strict=True):
        total, number = _level(total, term)
        lines += add(total, number) if sign == "+" else subtract(total, number)
        total = total + number if sign == "+" else total - number
    return Thought("\n".join(lines), show(total))


def _level(a: Number, b: Number) -> tuple[Number, Number]:
    """Both with as many places as the one that has more."""
    places = max(places_of(a), places_of(b))
    return (Decimal(show(a, places)), Decimal(show(b, places))) if places else (a, b)


def products(entry: Entry) -> Thought:
    total, *factors = map(int, entry.metadata["expression"].split(" * "))
    lines: list[str] = []
    for factor in factors:
        lines += multiply(total, factor)
        total *= factor
    return Thought("\n".join(lines), str(total))


def leg_counting(entry: Entry) -> Thought:
    total = 0
    lines: list[str] = []
    for animal, count in entry.metadata["animals"].items():
        legs = count * LEGS[animal]
        lines.append(f"{animal}: {count} * {LEGS[animal]} = {legs}")
        if total and legs:
            lines += add(total, legs)
        total += legs
    return Thought("\n".join(lines), str(total))


def simple_geometry(entry: Entry) -> Thought:
    """The angles of a polygon are 180 degrees for each side but two; the known ones are taken away."""
    sides = entry.metadata["n_sides"]
    left = (sides - 2) * 180
    lines = [f"({sides} - 2) * 180 = {sides - 2} * 180 = {left}"]
    for angle in map(int, entry.metadata["known_angles"]):
        lines += subtract(left, angle)
        left -= angle
    return Thought("\n".join(lines), str(left))


def basic_arithmetic(entry: Entry) -> Thought:
    """Inner brackets first, then products and quotients, then sums; after each operation what is left of
    the expression."""
    parts: list[str] = entry.metadata["expression"].split(" ")
    lines: list[str] = []
    while len(parts) > 1:
        close = parts.index(")") if ")" in parts else len(parts)
        opening = max((at for at in range(close) if parts[at].endswith("(")), default=-1)
        inner = range(opening + 1, close)
        strong = (at for at in inner if parts[at] in ("*", "/"))
        at = next(strong, next((at for at in inner if parts[at] in ("+", "-")), None))
        if at is not None:
            worked, value = _operate(int(parts[at - 1]), parts[at], int(parts[at + 1]))
            lines += worked
            parts[at - 1 : at + 2] = [str(value)]
            close -= 2
        done = opening >= 0 and close == opening + 2
        turned = done and parts[opening] == "-("
        if done:
            number = int(parts[opening + 1])
            parts[opening : close + 1] = [str(-number if turned else number)]
        if len(parts) > 3 or turned:
            lines.append(f"= {' '.join(parts)}")
    return Thought("\n".join(lines), parts[0])


def _operate(a: int, sign: str, b: int) -> tuple[list[str], int]:
    match sign:
        case "+":
            return add(a, b), a + b
        case "-":
            return subtract(a, b), a - b
        case "*":
            return multiply(a, b), a * b
        case _:
            # Raises ValueError for a remainder of negative numbers: there "/" rounds down, which nobody
            # expects who reads the question.
            return divide(a, b), a // b
