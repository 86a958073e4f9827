"""The thought about reasoning-gym's countdown: the search of our own numbers game, with larger products.

Where that search finds nothing (one in eight, by default), the look at signs, and then the known expression
step by step: a guess, which a model can only learn to make now and then.
"""

from __future__ import annotations

import ast
from random import Random

from thinkwell.training.tasks.countdown import Term, look, search
from thinkwell.training.tasks.made import Talk
from thinkwell.training.tasks.traces.entry import Entry, Thought

# Of a product, above the target: the other numbers rarely bring it down by more.
_ABOVE = 200


def countdown(entry: Entry) -> Thought:
    numbers: list[int] = list(entry.metadata["numbers"])
    target: int = entry.metadata["target"]
    opening = f"I need {target} from {', '.join(map(str, numbers))}."
    # A thought is to depend on its entry alone.
    talk = Talk(Random(f"{numbers} {target}"), "en")
    lines, answer = search(talk, numbers, target, target + _ABOVE) or _known(talk, entry)
    return Thought("\n".join([opening, *lines]), answer)


def _known(talk: Talk, entry: Entry) -> tuple[list[str], str]:
    terms = tuple(Term(it) for it in entry.metadata["numbers"])
    steps: list[str] = []
    expression: str = entry.metadata["expression"]
    _steps(ast.parse(expression, mode="eval").body, steps)
    lines = look(talk, terms, entry.metadata["target"]).lines
    return [*lines, ", ".join(steps)], expression.replace("*", " * ").replace("/", " / ")


def _steps(node: ast.expr, steps: list[str]) -> int:
    """The value, which every operation keeps whole. Raises ValueError where one does not."""
    match node:
        case ast.Constant(value=int() as number):
            return number
        case ast.UnaryOp(operand=inner):
            return -_steps(inner, steps)
        case ast.BinOp(left=left, right=right, op=operator):
            a, b = _steps(left, steps), _steps(right, steps)
            signs = {ast.Add: ("+", a + b), ast.Sub: ("-", a - b), ast.Mult: ("*", a * b)}
            sign, value = signs.get(type(operator)) or ("/", a // b if b and a % b == 0 else None)
            if value is not None:
                steps.append(f"{a} {sign} {b} = {value}")
                return value
    raise ValueError("an expression that goes through fractions")
