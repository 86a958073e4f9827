"""Thoughts that search: a target from numbers, backwards from the target to the numbers that are left.

Each step takes one number off (``309 + 6 = 315``: then the others must make 315). With three numbers left
every way is tried in order; with two left a look at the last digits says which operation is worth working
out. So wrong turns are shown, and the end of a search is that it has found (Gandhi et al., "Stream of
Search", 2024); with more than three numbers the first step is a guess that a model learns to make.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from thinkwell.training.tasks.traces.digits import add, divide, multiply, subtract
from thinkwell.training.tasks.traces.entry import Entry, Thought

# In what part of the thoughts about four numbers the first guess is a wrong one.
_WRONG_GUESSES = 0.35


class Step(NamedTuple):
    """Backwards: what is left to make without ``number``, which ``sign`` puts on again."""

    rest: int
    number: int
    sign: str


def countdown(entry: Entry) -> Thought:
    numbers: list[int] = list(entry.metadata["numbers"])
    goal: int = entry.metadata["target"]
    path = list(_unfold(entry.metadata["expression"], goal))
    lines: list[str] = []
    # The generator's own random is not at hand, and a thought is to depend on its entry alone.
    chance = Random(f"{numbers} {goal}")
    if len(numbers) == 4 and chance.random() < _WRONG_GUESSES:
        number, sign = chance.choice(numbers), chance.choice("+-")
        guess = Step(goal - number if sign == "+" else goal + number, number, sign)
        if guess.rest > 0 and guess != path[0]:
            found = _search(goal, numbers, [guess], lines)
            if found:
                return Thought("\n".join(lines), found)
    answer = _search(goal, numbers, path, lines)
    if not answer:
        raise ValueError("a way that this search does not go")
    return Thought("\n".join(lines), answer)


def _search(goal: int, numbers: list[int], path: list[Step], lines: list[str]) -> str:
    """Down the ``path`` as far as three numbers are left, and there every way. The expression, or nothing."""
    left, taken = list(numbers), []
    for step in path[: len(numbers) - 3]:
        lines.append(f"{goal}: {' '.join(map(str, left))}")
        lines += _undo(goal, step)
        left.remove(step.number)
        taken.append(step)
        goal = step.rest
    lines.append(f"{goal}: {' '.join(map(str, left))}")
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
