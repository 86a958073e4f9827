"""Thoughts about divisors: the greatest common one, the least common multiple, primes, other bases, bits."""

from __future__ import annotations

import re

from thinkwell.training.tasks.traces.digits import add, divide, multiply, subtract
from thinkwell.training.tasks.traces.entry import Entry, Thought

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31)


def euclid(a: int, b: int) -> tuple[list[str], int]:
    """Lines, each with the rest of the two numbers before it, and the greatest common divisor."""
    lines: list[str] = []
    a, b = max(a, b), min(a, b)
    while b > 1 and a % b:
        lines += subtract(a, b) if a < 2 * b else divide(a, b)
        a, b = b, a % b
    if b > 1:
        lines += divide(a, b)
    return lines, b


def gcd(entry: Entry) -> Thought:
    lines: list[str] = []
    common, *others = entry.metadata["numbers"]
    for number in others:
        worked, common = euclid(common, number)
        lines += worked
    return Thought("\n".join([*lines, f"gcd {common}"]), str(common))


def lcm(entry: Entry) -> Thought:
    """a / gcd * b."""
    multiple, *others = entry.metadata["numbers"]
    lines: list[str] = []
    for number in others:
        worked, common = euclid(multiple, number)
        lines += [*worked, f"gcd {common}"]
        if common > 1:
            lines += divide(multiple, common)
        lines += multiply(multiple // common, number)
        multiple = multiple // common * number
    return Thought("\n".join(lines), str(multiple))


def prime_factorization(entry: Entry) -> Thought:
    """Each prime in turn, until its square is more than what is left."""
    left = entry.metadata["number"]
    lines: list[str] = []
    found: list[int] = []
    for prime in _PRIMES:
        while left >= prime * prime:
            lines += divide(left, prime)
            if left % prime:
                break
            found.append(prime)
            left //= prime
    if left > 1:
        lines.append(f"{left} is prime")
        found.append(left)
    return Thought("\n".join(lines), " × ".join(map(str, found)))


def base_conversion(entry: Entry) -> Thought:
    """To a decimal number by Horner's scheme, then by repeated division."""
    made = entry.metadata
    value, source, target = made["decimal_value"], made["source_base"], made["target_base"]
    if not made["source_repr"] or not entry.answer:
        raise ValueError("a zero that the generator writes as nothing")
    lines: list[str] = []
    if source != 10:
        numerals = [int(it, 36) for it in made["source_repr"]]
        lines.append(" ".join(map(str, numerals)))
        so_far = numerals[0]
        for numeral in numerals[1:]:
            grown = so_far * source
            total = (
                f"={grown}+{numeral}={grown + numeral}" if numeral and source > 2 else f"={grown + numeral}"
            )
            lines.append(f"{so_far}*{source}+{numeral}{total}")
            so_far = grown + numeral
    if target != 10:
        rest, digits = value, [value % target]
        while rest >= target:
            *worked, last = divide(rest, target)
            lines += [*worked, last if " r " in last else f"{last} r 0"]
            rest //= target
            digits.append(rest % target)
        lines.append(" ".join(map(str, reversed(digits))))
    return Thought("\n".join(lines) or str(value), entry.answer)


def count_bits(entry: Entry) -> Thought:
    """Halves, each with the number of odd ones so far: those are the bits that are set."""
    number, count = entry.metadata["number"], 0
    lines = []
    while number:
        count += number % 2
        lines.append(f"{number}: {count}")
        number //= 2
    return Thought("\n".join(lines), str(count))


_TERM = re.compile(r"([+-]?)\s*(?:(\d+)\*)?([a-z]|\d+)")


def simple_equations(entry: Entry) -> Thought:
    """``b + a*x = c``: take b away on both sides, divide by a."""
    name = entry.metadata["variable"]
    left, right = entry.metadata["equation"].split(" = ")
    slope, constant, value = 0, 0, int(right)
    for sign, factor, term in _TERM.findall(left):
        size = int(factor or 1) * (1 if term == name else int(term))
        if term == name:
            slope += -size if sign == "-" else size
        else:
            constant += -size if sign == "-" else size
    if not slope:
        raise ValueError("an equation without its unknown")
    lines: list[str] = []
    if constant:
        lines += subtract(value, constant) if constant > 0 else add(value, -constant)
        value -= constant
    if slope != 1:
        shown = f"-{name}" if slope == -1 else f"{slope}*{name}"
        lines.append(f"{shown} = {value}")
        lines += divide(value, slope)
        value //= slope
    return Thought("\n".join([*lines, f"{name} = {value}"]), str(value))
