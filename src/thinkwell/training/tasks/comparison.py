"""Comparing: larger and smaller numbers, fractions, putting in order, who is older than whom."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from thinkwell.training.tasks.made import Asked, Kind, Made, Talk
from thinkwell.training.tasks.phrases import comparison as said
from thinkwell.training.tasks.traces import digits
from thinkwell.training.tasks.words import EN_GENDERS, FR_GENDERS


def _verdict(talk: Talk, larger: bool, a: str, b: str, first: bool, lines: list[str]) -> Asked:
    """``first``: a is the larger one."""
    pick = a if first == larger else b
    thought = talk.say(said.BIGGEST if larger else said.SMALLEST, a=a, b=b)
    sign = f"{a} > {b}" if first else f"{a} < {b}"
    asked = talk.say(said.LARGER if larger else said.SMALLER, a=a, b=b)
    return Asked(asked, [thought, *lines, sign], pick, "choice", {"options": [a, b]})


def wholes(low: int, high: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        x = talk.random.randint(low, high)
        y = int("".join(talk.random.sample(str(x), len(str(x))))) if talk.random.random() < 0.5 else x
        if x == y:
            y = talk.random.randint(low, high) + 1
        if x == y:
            y += 1
        a, b = str(x), str(y)
        if len(a) != len(b):
            lines = [
                talk.of(f"{len(a)} digits and {len(b)} digits.", f"{len(a)} chiffres et {len(b)} chiffres.")
            ]
        else:
            lines = [_digits_apart(a, b)]
        return _verdict(talk, talk.random.random() < 0.65, a, b, x > y, lines)

    return ask


def _digits_apart(a: str, b: str) -> str:
    """Digit by digit until they differ: ``4 = 4, 7 > 2``."""
    parts = []
    for left, right in zip(a, b, strict=True):
        sign = "=" if left == right else ">" if left > right else "<"
        parts.append(f"{left} {sign} {right}")
        if sign != "=":
            break
    return ", ".join(parts)


def points(talk: Talk) -> Asked:
    """9.11 or 9.9: as many decimals on both sides, then digit by digit."""
    whole = talk.random.randint(0, 30)
    x = Decimal(f"{whole}.{talk.random.randint(1, 9)}")
    y = Decimal(f"{whole if talk.random.random() < 0.8 else whole + 1}.{talk.random.randint(1, 99):02}")
    if talk.random.random() < 0.3:
        x = Decimal(f"{whole}.{talk.random.randint(1, 99):02}")
    if x == y:
        y += Decimal("0.01")
    if talk.random.random() < 0.5:
        x, y = y, x
    a, b = talk.show(x), talk.show(y)
    wide_a, wide_b = (f"{v:.2f}".replace(".", talk.of(".", ",")) for v in (x, y))
    lines = [talk.of(f"That is {wide_a} and {wide_b}.", f"C'est {wide_a} et {wide_b}.")]
    (whole_a, part_a), (whole_b, part_b) = (v.split(talk.of(".", ",")) for v in (wide_a, wide_b))
    same = whole_a == whole_b
    lines.append(
        f"{whole_a} = {whole_b}, {_digits_apart(part_a, part_b)}"
        if same
        else f"{whole_a} {'>' if x > y else '<'} {whole_b}"
    )
    return _verdict(talk, talk.random.random() < 0.65, a, b, x > y, lines)


def fractions(most: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        while True:
            p, r = talk.random.randint(1, most - 1), talk.random.randint(1, most - 1)
            q, s = talk.random.randint(p + 1, most), talk.random.randint(r + 1, most)
            if Fraction(p, q) != Fraction(r, s):
                break
        left, right = digits.multiply(p, s), digits.multiply(r, q)
        more = p * s > r * q
        lines = [*left, *right, f"{p * s} {'>' if more else '<'} {r * q}"]
        return _verdict(talk, talk.random.random() < 0.65, f"{p}/{q}", f"{r}/{s}", more, lines)

    return ask


def orders(count: int, decimal: bool) -> Kind:
    def ask(talk: Talk) -> Asked:
        scale = talk.pick((10, 100)) if decimal else 1
        numbers = [Decimal(n) / scale for n in talk.random.sample(range(1, 999 if decimal else 500), count)]
        up = talk.random.random() < 0.65
        x, y = talk.of(("smallest", "largest"), ("plus petit", "plus grand"))
        if not up:
            x, y = y, x
        mark = "; " if decimal and talk.fr else ", "
        mark = " ; " if decimal and talk.fr else mark
        texts = [talk.show(n) for n in numbers]
        asked = talk.say(said.ORDER, x=x, y=y, l=mark.join(texts))
        lines = [talk.say(said.ORDER_THOUGHT, x=x)]
        left = list(numbers)
        for n in sorted(numbers, reverse=not up)[:-1]:
            left.remove(n)
            rest = mark.join(talk.show(it) for it in left)
            lines.append(talk.of(f"{talk.show(n)}, left: {rest}", f"{talk.show(n)} ; reste : {rest}"))
        answer = mark.join(talk.show(n) for n in sorted(numbers, reverse=not up))
        return Asked(asked, lines, answer, "text")

    return ask


# what is more, what is less, the most, the least; in French for men and for women
EN_SCALES = (
    ("older", "younger", "oldest", "youngest"),
    ("taller", "shorter", "tallest", "shortest"),
    ("faster", "slower", "fastest", "slowest"),
    ("stronger", "weaker", "strongest", "weakest"),
    ("richer", "poorer", "richest", "poorest"),
)
FR_SCALES = (
    (("âgé", "jeune"), ("âgée", "jeune")),
    (("grand", "petit"), ("grande", "petite")),
    (("rapide", "lent"), ("rapide", "lente")),
    (("fort", "faible"), ("forte", "faible")),
    (("riche", "pauvre"), ("riche", "pauvre")),
)


def chains(count: int) -> Kind:
    """Who is the oldest? All of one gender in French, so that the superlative agrees."""

    def ask(talk: Talk) -> Asked:
        genders = talk.of(EN_GENDERS, FR_GENDERS)
        women = talk.random.random() < 0.5
        names = talk.random.sample([n for n, woman in genders.items() if woman == women], count)
        top = talk.random.random() < 0.5
        if talk.fr:
            more, less = talk.pick(FR_SCALES)[women]
            word = f"{'la' if women else 'le'} plus {more if top else less}"
            which = "Laquelle" if women else "Lequel"
            end = talk.pick((f"Qui est {word} ?", f"Qui est {word} des {count} ?", f"{which} est {word} ?"))
            thought, closing = f"Je cherche {word}.", talk.of("", "en premier" if top else "en dernier")
            up, down = f"{{}} est plus {more} que {{}}.", f"{{}} est plus {less} que {{}}."
        else:
            more, less, most, least = talk.pick(EN_SCALES)
            word = f"the {most if top else least}"
            end = talk.pick((f"Who is {word}?", f"Which of them is {word}?", f"So who is {word}?"))
            thought, closing = f"I am looking for {word}.", "first" if top else "last"
            up, down = f"{{}} is {more} than {{}}.", f"{{}} is {less} than {{}}."
        pairs = list(pairwise(names))
        talk.random.shuffle(pairs)
        told = [up.format(a, b) if talk.random.random() < 0.6 else down.format(b, a) for a, b in pairs]
        answer = names[0] if top else names[-1]
        last = f"{closing.capitalize()}{talk.of(':', ' :')} {answer}"
        lines = [thought, ", ".join(f"{a} > {b}" for a, b in pairs), *rows_of(pairs), last]
        return Asked(f"{' '.join(told)} {end}", lines, answer, "choice", {"options": sorted(names)})

    return ask


def rows_of(pairs: list[tuple[str, str]]) -> list[str]:
    """From pairs to one row, a name more each time, by the first pair that touches the row."""
    left = list(pairs)
    row = list(left.pop(0))
    rows = []
    while left:
        for a, b in left:
            if b == row[0] or a == row[-1]:
                row = [a, *row] if b == row[0] else [*row, b]
                left.remove((a, b))
                break
        rows.append(" > ".join(row))
    return rows


COMPARISON = Made(
    "comparison",
    (wholes(1, 999), points, chains(3)),
    (wholes(100, 99999), points, fractions(9), orders(3, decimal=False), chains(3)),
    (points, fractions(15), orders(4, decimal=False), orders(3, decimal=True), chains(4), chains(5)),
)
