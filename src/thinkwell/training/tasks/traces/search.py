"""Thoughts that search for an expression: what can be tried wholly first, then backwards from the target.

By signs: all numbers added are too many by twice what must be subtracted instead; that half is one of the
numbers, or two. By a factor: the target divided by a number, and the others by signs. By a product: of two
numbers whose product comes near, and the others by signs. Backwards: each step takes one number off (``309 +
6 = 315``: then the others must make 315); with three left every way is tried in order, with two left a look
at the last digits says what is worth working out.

So a thought shows its wrong turns (Gandhi et al., "Stream of Search", 2024). Only which products come near,
and the steps backwards from more than three numbers, are guesses that a model learns to make.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain, combinations
from typing import NamedTuple

from thinkwell.training.tasks.traces.digits import add, divide, multiply, subtract
from thinkwell.training.tasks.traces.entry import Entry, Thought

# Smaller numbers divide too many targets by chance.
_LEAST_FACTOR = 4
_MOST_FAILED = 2


class Step(NamedTuple):
    """Backwards: what is left to make without ``number``, which ``sign`` puts on again."""

    rest: int
    number: int
    sign: str


def countdown(entry: Entry) -> Thought:
    numbers: list[int] = list(entry.metadata["numbers"])
    goal: int = entry.metadata["target"]
    lines: list[str] = []
    found = ""
    if len(numbers) > 3:
        found = _by_signs(goal, numbers, lines).removeprefix("+ ")
        found = found or _first(_by_factor(goal, numbers), lines) or _first(_by_product(goal, numbers), lines)
    found = found or _backwards(goal, numbers, list(_unfold(entry.metadata["expression"], goal)), lines)
    if not found:
        raise ValueError("a way that this search does not go")
    return Thought("\n".join(lines), found)


def _first(tries: Iterator[tuple[str, list[str]]], lines: list[str]) -> str:
    """The first that finds, with the lines of it and of at most two before it; of tries that all fail, one is
    shown: which of them to begin with is what a model is to learn."""
    failed: list[list[str]] = []
    for found, worked in tries:
        if found:
            lines += [*chain.from_iterable(failed[-_MOST_FAILED:]), *worked]
            return found
        failed.append(worked)
    lines += failed[0] if failed else []
    return ""


def _head(goal: int, numbers: list[int]) -> str:
    return f"{goal}: {' '.join(map(str, numbers))}"


def _by_signs(goal: int, numbers: list[int], lines: list[str]) -> str:
    """Starts with a sign: ``+ 78 + 66 - 28``. Or nothing."""
    lines.append(_head(goal, numbers))
    total = numbers[0]
    sums = []
    for number in numbers[1:]:
        sums.append(f"{total}+{number}={total + number}")
        total += number
    over = total - goal
    lines.append(" ".join(sums))
    if over < 0:
        lines.append(f"{total} < {goal} no")
        return ""
    lines.append(f"{total}-{goal}={over}" if goal > 0 else f"{total}+{-goal}={over}")
    if over % 2 == 0 and over:
        lines.append(f"{over}/2={over // 2}")
    for minus in _halves(over, numbers, lines):
        lines[-1] += " yes"
        plus = list(numbers)
        for number in minus:
            plus.remove(number)
        return " ".join([*(f"+ {it}" for it in plus), *(f"- {it}" for it in minus)])
    lines[-1] += " no"
    return ""


def _halves(over: int, numbers: list[int], lines: list[str]) -> Iterator[list[int]]:
    """What makes half of ``over``: nothing of nothing, all, one number, or two."""
    half = over // 2
    if over % 2 or (half > sum(sorted(numbers)[-2:]) and half != sum(numbers)):
        return
    if half in (0, sum(numbers), *numbers):
        yield [half] if half in numbers else numbers if half else []
    for at, number in enumerate(numbers):
        if 0 < half - number <= max(numbers):
            lines[-1] += " no"
            lines.append(f"{half}-{number}={half - number}")
            if half - number in numbers[:at] + numbers[at + 1 :]:
                yield [number, half - number]


def _by_factor(goal: int, numbers: list[int]) -> Iterator[tuple[str, list[str]]]:
    for at, number in enumerate(numbers):
        if number >= _LEAST_FACTOR and goal % number == 0:
            lines = divide(goal, number)
            found = _by_signs(goal // number, numbers[:at] + numbers[at + 1 :], lines)
            yield found and f"({found.removeprefix('+ ')}) * {number}", lines


def _by_product(goal: int, numbers: list[int]) -> Iterator[tuple[str, list[str]]]:
    for first, second in combinations(range(len(numbers)), 2):
        a, b = numbers[first], numbers[second]
        others = [it for at, it in enumerate(numbers) if at not in (first, second)]
        if min(a, b) > 1 and abs(goal - a * b) <= sum(others):
            lines = [*multiply(a, b), f"{goal}-{a * b}={goal - a * b}"]
            found = _by_signs(goal - a * b, others, lines)
            yield found and f"{a} * {b} {found}", lines


def _backwards(goal: int, numbers: list[int], path: list[Step], lines: list[str]) -> str:
    """Down the ``path`` as far as three numbers are left, and there every way. The expression, or nothing."""
    left, taken = list(numbers), list[Step]()
    for step in path[: len(numbers) - 3]:
        if not taken or taken[-1].sign in "+-":
            lines.append(_head(goal, left))
        elif found := _by_signs(goal, left, lines):
            return _written(found.removeprefix("+ "), taken)
        lines += _undo(goal, step)
        left.remove(step.number)
        taken.append(step)
        goal = step.rest
    lines.append(_head(goal, left))
    for step in _ways(goal, left):
        pair = list(left)
        pair.remove(step.number)
        sign = {"+": "-", "-": "+", "*": "/"}[step.sign]
        lines.append(f"{goal}{sign}{step.number}={step.rest}: {pair[0]} {pair[1]}")
        if found := _pair(step.rest, max(pair), min(pair), lines):
            return _written(found, [*taken, step])
    return ""


def _ways(goal: int, numbers: list[int]) -> Iterator[Step]:
    yield from (Step(goal // it, it, "*") for it in numbers if it > 1 and goal % it == 0)
    yield from (Step(goal - it, it, "+") for it in numbers if goal > it)
    yield from (Step(goal + it, it, "-") for it in numbers)


def _pair(goal: int, a: int, b: int, lines: list[str]) -> str:
    """a >= b. Tries what can be right by its size and its last digit."""
    for sign, value, possible in (
        ("+", a + b, goal > a),
        ("-", a - b, goal < a),
        ("*", a * b, goal >= a),
        ("/", a // b, goal <= a and a % b == 0),
    ):
        ending = goal * b - a if sign == "/" else value - goal
        if possible and ending % 10 == 0:
            if sign == "*":
                lines += multiply(a, b)
            else:
                lines.append(f"{a}{sign}{b}={value}")
            if value == goal:
                lines[-1] += " yes"
                return f"{a} {sign} {b}"
    lines[-1] += " no"
    return ""


def _undo(goal: int, step: Step) -> list[str]:
    undone = {"+": subtract, "-": add, "*": divide, "/": multiply}
    return undone[step.sign](goal, step.number)


def _written(found: str, steps: list[Step]) -> str:
    loose = found.split(" ")[1] in "+-"
    for _, number, sign in reversed(steps):
        found = f"({found})" if loose and sign in "*/" else found
        found = f"{found} {sign} {number}"
        loose = sign in "+-"
    return found


def _unfold(expression: str, goal: int) -> Iterator[Step]:
    """From the outside in: what is subtracted first, so that no step is below zero. Raises ValueError for an
    expression that is no chain of single numbers."""
    node: ast.expr | None = ast.parse(expression, mode="eval").body
    while node is not None:
        weak = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
        terms = list(_terms(node, "+" if weak else "*"))
        inner = [(sign, it) for sign, it in terms if not isinstance(it, ast.Constant)]
        if len(inner) > 1 or any(sign in "-/" for sign, _ in inner):
            raise ValueError("an expression that is no chain")
        node = inner[0][1] if inner else None
        leaves = [(sign, int(ast.unparse(it))) for sign, it in terms if isinstance(it, ast.Constant)]
        for sign, number in sorted(leaves, key=lambda it: it[0] in "+*"):
            match sign:
                case "+":
                    goal -= number
                case "-":
                    goal += number
                case "*":
                    goal //= number
                case _:
                    goal *= number
            yield Step(goal, number, sign)


def _terms(node: ast.expr, sign: str) -> Iterator[tuple[str, ast.expr]]:
    """Of a sum or a product, with the sign of each: "+" and "-", or "*" and "/"."""
    kind = ast.Add | ast.Sub if sign in "+-" else ast.Mult | ast.Div
    other = {"+": "-", "-": "+", "*": "/", "/": "*"}[sign]
    if isinstance(node, ast.BinOp) and isinstance(node.op, kind):
        yield from _terms(node.left, sign)
        yield from _terms(node.right, other if isinstance(node.op, ast.Sub | ast.Div) else sign)
    elif isinstance(node, ast.UnaryOp) and sign in "+-":
        yield from _terms(node.operand, other)
    else:
        yield sign, node
