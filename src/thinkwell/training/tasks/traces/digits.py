"""Arithmetic by columns, one line for one operation: ``57 + 87 = [7+7=14 5+8+1=14] 144``.

What stands in brackets is the working, from the last column to the first; without it the line is a true
equation. A model of 135 million parameters cannot carry over five digits in its head, but it can learn a few
hundred facts about single digits, and to copy. Digits are one token each in the models that we teach; the
columns come in the order in which carries go (Lee et al., "Teaching Arithmetic to Small Transformers", 2023).

Numbers are ``int`` or ``Decimal``, of any sign. Knows no task and no language.
"""

from __future__ import annotations

from decimal import Decimal

Number = int | Decimal

# By these a number is divided without working: each digit of the quotient follows from two neighbours.
_LOCAL = (2, 5, 10)
# Up to this divisor (the primes that factor numbers below 1,000, the bases to 16) a digit of the quotient is
# a fact to be known; above it is worked out by a product and a difference.
_TABLE = 31
# Below these two numbers are added or subtracted without working: one digit, and at most two.
_EASY = (10, 100)


def places_of(number: Number) -> int:
    """How many digits stand behind the point."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    return max(0, -int(exponent))


def show(number: Number, places: int | None = None) -> str:
    """In plain digits; with ``places``, padded with zeros behind the point."""
    if isinstance(number, int) and not places:
        return str(number)
    return f"{Decimal(number):.{places_of(number) if places is None else places}f}"


def add(a: Number, b: Number) -> list[str]:
    """One line that ends in the sum."""
    return [_signed_sum(a, b, f"{show(a)} + {show(b)}")]


def subtract(a: Number, b: Number) -> list[str]:
    """One line that ends in the difference."""
    return [_signed_sum(a, -b, f"{show(a)} - {show(b)}")]


def multiply(a: Number, b: Number) -> list[str]:
    """Lines of which the last ends in the product.

    Long multiplication that keeps to the right edge: each line takes the line before it without its last
    digit, and adds the next partial product. The digits left behind are the end of the product.
    """
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        places = places_of(a) + places_of(b)
        x, y = (int(Decimal(it).scaleb(places_of(it))) for it in (a, b))
        product = Decimal(x * y).scaleb(-places)
        return [*multiply(x, y), f"{show(a)} * {show(b)} = {show(product, places)}"]
    whole = f"{a} * {b} = {a * b}"
    x, y = (int(str(abs(it)).rstrip("0") or "0") for it in (a, b))
    if min(x, y) <= 1 or max(x, y) < 10:
        return [whole]
    short, long = sorted((x, y), key=lambda it: (len(str(it)), it == x))
    if short < 10:
        line = _times_digit(long, short)
        if (x, y) == (short, long):
            line = f"{x} * {y} = {line}"
        return [line] if (a, b) == (x, y) else [line, whole]
    lines: list[str] = []
    kept = 0
    for digit in reversed(str(short)):
        lines.append(_times_digit(long, int(digit), kept if lines else None))
        kept = (long * int(digit) + kept) // 10
    return [*lines, whole]


def divide(a: int, b: int) -> list[str]:
    """Lines of which the last ends in the quotient, with ``r`` and the remainder where there is one.
    Only a division without a remainder may have negative numbers: ValueError otherwise."""
    quotient, rest = divmod(abs(a), abs(b))
    if rest and (a < 0 or b < 0):
        raise ValueError("a remainder of negative numbers")
    whole = f"{a} / {b} = {a // b}" + (f" r {rest}" if rest else "")
    x, y = abs(a), abs(b)
    if x < y or y == 1 or y in _LOCAL or (y <= _TABLE and quotient < 10):
        return [whole]
    lines: list[str] = []
    if y <= _TABLE:
        working = " ".join(f"{it}={it // y}*{y}+{it % y}" for it in _chunks(x, y))
        lines.append(f"{x} / {y} = [{working}] {quotient}" + (f" r {rest}" if rest else ""))
        return lines if (x, y) == (a, b) else [*lines, whole]
    for chunk in _chunks(x, y):
        digit = chunk // y
        lines += multiply(y, digit)
        if digit:
            lines += subtract(chunk, y * digit)
    return [*lines, whole]


def divide_out(a: Number, b: Number) -> list[str]:
    """Lines of which the last ends in the quotient, with as many places as it needs. Raises ValueError
    where six are too few."""
    zeros = max(places_of(a), places_of(b))
    x, y = (int(Decimal(it).scaleb(zeros)) for it in (a, b))
    places = next((it for it in range(7) if x * 10**it % y == 0), None)
    if places is None:
        raise ValueError("a quotient that does not end")
    plain = f"{x}{'0' * places if x else ''}"
    lines = divide(int(plain), y)
    if (show(a), show(b)) == (plain, str(y)):
        return lines
    quotient = (Decimal(x * 10**places) / y).scaleb(-places)
    return [*lines, f"{show(a)} / {show(b)} = {show(quotient, places)}"]


def _chunks(a: int, b: int) -> list[int]:
    """What each digit of the quotient is found from: the rest so far, with the next digit behind it."""
    chunks: list[int] = []
    rest = 0
    for digit in str(a):
        rest = rest * 10 + int(digit)
        if rest >= b or chunks:
            chunks.append(rest)
            rest %= b
    return chunks


def _signed_sum(a: Number, b: Number, asked: str) -> str:
    """The line for ``a + b``, which ``asked`` writes as it was asked."""
    places = max(places_of(a), places_of(b))
    total = a + b
    left, right = (-it if it < 0 else it for it in (a, b))
    x, y, ending = show(left, places), show(right, places), show(total, places)
    if not (a and b and total):
        return f"{asked} = {ending}"
    if (a < 0) == (b < 0):
        plain, working = f"{x} + {y}", _add_columns(x, y)
    elif left >= right:
        plain, working = f"{x} - {y}", _subtract_columns(x, y)
    else:
        plain, working = f"{y} - {x}", _subtract_columns(y, x)
    if asked == f"{x} - {y}" and left < 10 and right < 10 and not places:
        return f"{asked} = {ending}"
    plain = f"-({plain})" if total < 0 else plain
    head = asked if plain == asked else f"{asked} = {plain}"
    return f"{head} = [{working}] {ending}" if working else f"{head} = {ending}"


def _easy(x: str, y: str) -> bool:
    small, large = sorted(int(it.replace(".", "")) for it in (x, y))
    return small < _EASY[0] and large < _EASY[1]


def _add_columns(x: str, y: str) -> str:
    if _easy(x, y):
        return ""
    columns: list[str] = []
    carry = 0
    for left, right in _columns(x, y):
        parts = [it for it in (left, right) if it] + (["1"] if carry else [])
        total = sum(map(int, parts))
        columns.append(f"{'+'.join(parts)}={total}" if len(parts) > 1 else parts[0])
        carry = total // 10
    return " ".join(columns)


def _subtract_columns(x: str, y: str) -> str:
    """x >= y. A column that borrows writes its upper digit with the ten it borrowed."""
    if _easy(x, y):
        return ""
    columns: list[str] = []
    borrow = 0
    for left, right in _columns(x, y):
        parts = [it for it in (right,) if it] + (["1"] if borrow else [])
        down = sum(map(int, parts))
        borrow = int(left) < down
        top = int(left) + 10 * borrow
        columns.append(f"{'-'.join([str(top), *parts])}={top - down}" if parts else left)
    return " ".join(columns)


def _columns(x: str, y: str) -> list[tuple[str, str]]:
    """Pairs of digits from the right; the upper one is never empty. Both have the same places."""
    pairs = []
    x, y = x.replace(".", "")[::-1], y.replace(".", "")[::-1]
    for at in range(max(len(x), len(y))):
        left, right = x[at : at + 1], y[at : at + 1]
        pairs.append((left, right) if left else (right, ""))
    return pairs


def _times_digit(long: int, digit: int, kept: int | None = None) -> str:
    """``long * digit``, added to what was ``kept`` of the line before."""
    product = long * digit + (kept or 0)
    head = f"{long} * {digit}" if kept is None else f"{kept} + {long} * {digit}"
    if not digit or (digit == 1 and kept is None):
        return f"{head} = {product}"
    above = "" if kept is None else str(kept)[::-1]
    columns, carry = [], 0
    for at, upper in enumerate(reversed(str(long))):
        more = above[at : at + 1]
        total = int(upper) * digit + int(more or 0) + carry
        term = "".join(f"+{it}" for it in (more, carry or "") if it)
        columns.append(f"{upper}*{digit}{term}={total}")
        carry = total // 10
    return f"{head} = [{' '.join(columns)}] {product}"
