"""Which equations that a thought writes are wrong.

Knows the form in which ``digits`` writes: working in brackets within an equation, ``r`` before a remainder.
Other lines claim nothing that can be checked here.
"""

from __future__ import annotations

import ast
import re
from fractions import Fraction

_WORKING = re.compile(r"\[([^\[\]]*)\] ")
_SIDE = re.compile(r"[-+*/%()\d. ]*\d[-+*/%()\d. ]*")
_BETWEEN = re.compile(r"[:,] ")
# A word that judges, behind an equation.
_REMARK = re.compile(r" [a-z]{2,}$")
_REMAINDER = re.compile(r"(\d+) / (\d+) = (\d+) r (\d+)")


def claims(thought: str) -> list[str]:
    """Every equation, those of the working too; a colon parts a name from it, a comma one from the next."""
    found: list[str] = []
    for line in thought.splitlines():
        for working in _WORKING.findall(line):
            found += [it for it in working.split(" ") if _is_equation(it)]
        for piece in _BETWEEN.split(_WORKING.sub("", line)):
            plain = _REMARK.sub("", piece)
            if _REMAINDER.fullmatch(plain):
                found.append(plain)
            else:
                parts = [plain] if " = " in plain else plain.split(" ")
                found += [it for it in parts if _is_equation(it)]
    return found


def wrong_claims(thought: str) -> list[str]:
    return [it for it in claims(thought) if not holds(it)]


def value_of(expression: str) -> Fraction:
    """Of an expression of numbers. Raises ValueError for anything else, and for a division by zero."""
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ZeroDivisionError, RecursionError) as problem:
        raise ValueError(f"no expression: {expression!r}") from problem


def _is_equation(text: str) -> bool:
    sides = text.split("=")
    return len(sides) > 1 and all(_SIDE.fullmatch(it) for it in sides)


def holds(equation: str) -> bool:
    """Of one that ``claims`` found."""
    if found := _REMAINDER.fullmatch(equation):
        a, b, quotient, rest = map(int, found.groups())
        return b > 0 and divmod(a, b) == (quotient, rest)
    try:
        first, *others = [value_of(it) for it in equation.split("=")]
    except ValueError:
        return False
    return all(it == first for it in others)


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.BinOp(left=left, op=operator, right=right):
            a, b = _value(left), _value(right)
            match operator:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div():
                    return a / b
                case ast.Mod():
                    return a % b
    raise ValueError("no arithmetic")
