"""Countdown: does an equation use exactly the given numbers, and does it reach the target?

Exact and bounded: only + - * / and brackets over whole numbers, so that no text can make it work for long.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from fractions import Fraction
from typing import Any

LONGEST = 200
_DIGITS = re.compile(r"\d{5}")
_AS_TYPED = str.maketrans(
    {"×": "*", "·": "*", "x": "*", "÷": "/", ":": "/", "−": "-", "–": "-", "[": "(", "]": ")"}
)
_ALLOWED = re.compile(r"[\d+\-*/() ]+")
_RUN = re.compile(r"[(\d][\d+\-*/(). ]*[\d)]")


def reaches(said: str, entry: dict[str, Any]) -> bool:
    """``entry`` has ``numbers`` and ``target``. ``= target`` may stand behind or before the expression."""
    sides = [side.strip(" .`$") for side in said.translate(_AS_TYPED).split("=")]
    target, numbers = entry["target"], [int(number) for number in entry["numbers"]]
    if len(sides) == 2 and str(target) in sides:
        sides.remove(str(target))
    return len(sides) == 1 and value(sides[0], numbers) == target


def reaches_anywhere(said: str, entry: dict[str, Any]) -> bool:
    """Whether the last expression with an operator in the text does."""
    text = said[-4000:].translate(_AS_TYPED)
    runs = [run for run in _RUN.findall(text) if any(sign in run for sign in "+-*/")]
    return bool(runs) and reaches(runs[-1], entry)


def value(expression: str, numbers: list[int]) -> Fraction | None:
    """None where it is no expression over exactly these numbers, or divides by nothing."""
    if len(expression) > LONGEST or not _ALLOWED.fullmatch(expression) or _DIGITS.search(expression):
        return None
    if "**" in expression or "//" in expression:
        return None
    used: Counter[int] = Counter()
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        reached = _reached(tree.body, used)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None
    return reached if used == Counter(numbers) else None


def _reached(node: ast.expr, used: Counter[int]) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        used[node.value] += 1
        return Fraction(node.value)
    if isinstance(node, ast.BinOp):
        left, right = _reached(node.left, used), _reached(node.right, used)
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right
    raise ValueError("not of these")
