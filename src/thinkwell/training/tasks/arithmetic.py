"""Sums as people ask for them: the four operations, chains, percentages, averages."""

from __future__ import annotations

import re
from decimal import Decimal

from thinkwell.training.tasks.made import Asked, Kind, Made, Talk
from thinkwell.training.tasks.phrases import Phrases
from thinkwell.training.tasks.phrases import arithmetic as said
from thinkwell.training.tasks.traces import digits


def sums(low: int, high: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        a, b = talk.random.randint(low, high), talk.random.randint(low, high)
        return _plain(talk, said.SUM, said.SUM_THOUGHT, (a, b), digits.add(a, b), a + b)

    return ask


def differences(low: int, high: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        a, b = sorted((talk.random.randint(low, high), talk.random.randint(low, high)), reverse=True)
        return _plain(talk, said.DIFFERENCE, said.DIFFERENCE_THOUGHT, (a, b), digits.subtract(a, b), a - b)

    return ask


def products(left: tuple[int, int], right: tuple[int, int]) -> Kind:
    def ask(talk: Talk) -> Asked:
        a, b = talk.random.randint(*left), talk.random.randint(*right)
        return _plain(talk, said.PRODUCT, said.PRODUCT_THOUGHT, (a, b), digits.multiply(a, b), a * b)

    return ask


def quotients(by: tuple[int, int], result: tuple[int, int]) -> Kind:
    def ask(talk: Talk) -> Asked:
        b, q = talk.random.randint(*by), talk.random.randint(*result)
        return _plain(talk, said.QUOTIENT, said.QUOTIENT_THOUGHT, (q * b, b), digits.divide(q * b, b), q)

    return ask


def remainders(by: tuple[int, int], result: tuple[int, int]) -> Kind:
    def ask(talk: Talk) -> Asked:
        b, q = talk.random.randint(*by), talk.random.randint(*result)
        a = q * b + talk.random.randint(1, b - 1)
        return _plain(talk, said.REMAINDER, said.REMAINDER_THOUGHT, (a, b), digits.divide(a, b), a % b)

    return ask


def with_rests(by: tuple[int, int], result: tuple[int, int]) -> Kind:
    def ask(talk: Talk) -> Asked:
        b, q = talk.random.randint(*by), talk.random.randint(*result)
        rest = talk.random.randint(1, b - 1)
        a = q * b + rest
        lines = [talk.say(said.QUOTIENT_THOUGHT, a=a, b=b), *digits.divide(a, b)]
        answer = talk.of(f"{q} remainder {rest}", f"{q} reste {rest}")
        return Asked(talk.say(said.WITH_REST, a=a, b=b), lines, answer, "text")

    return ask


def _plain(
    talk: Talk, ask: Phrases, thought: Phrases, numbers: tuple[int, int], lines: list[str], result: int
) -> Asked:
    template = talk.pick(getattr(ask, talk.language))
    words = not any(sign in template for sign in ("+", "*", "/", "×", "÷", " : ", " x ", "-{", "- {"))
    typed = {name: talk.typed(n, words=words) for name, n in zip("ab", numbers, strict=True)}
    shown = dict(zip("ab", numbers, strict=True))
    opening = [] if wordless(template) else [talk.say(thought, **shown)]
    return Asked(template.format(**typed), [*opening, *lines], talk.grouped(result))


def wordless(template: str) -> bool:
    """Of no language, so that a thought in words would have to guess one."""
    return not re.search(r"[^\W\d]{2}", re.sub(r"\{\w+\}", "", template))


def decimals(talk: Talk) -> Asked:
    a, b = (Decimal(talk.random.randint(11, 999)) / talk.pick((10, 100)) for _ in "ab")
    plus = talk.random.random() < 0.5
    if not plus:
        a, b = max(a, b), min(a, b)
    lines = talk.lines(digits.add(a, b) if plus else digits.subtract(a, b))
    ask, thought = (said.SUM, said.SUM_THOUGHT) if plus else (said.DIFFERENCE, said.DIFFERENCE_THOUGHT)
    parts = {"a": talk.show(a), "b": talk.show(b)}
    result = talk.show(a + b if plus else a - b)
    return Asked(talk.say(ask, **parts), [talk.say(thought, **parts), *lines], result, "number")


def percents(easy: bool) -> Kind:
    def ask(talk: Talk) -> Asked:
        p = talk.pick((10, 20, 25, 30, 40, 50, 60, 75)) if easy else talk.random.randint(2, 95)
        n = talk.random.randint(1, 40) * 20 if easy else talk.random.randint(20, 900)
        value = Decimal(n * p) / 100
        end = f"{n * p} / 100 = {talk.show(value)}"
        parts = {"p": p, "n": n}
        lines = [talk.say(said.PERCENT_THOUGHT, **parts), *digits.multiply(n, p), end]
        return Asked(talk.say(said.PERCENT, **parts), lines, talk.show(value), "number")

    return ask


def shares(talk: Talk) -> Asked:
    n = talk.pick((10, 20, 25, 50, 200, 300, 400, 500))
    one = max(n // 100, 1)
    k = one * talk.random.randint(1, n // one - 1)
    steps = (
        [f"{n} / {one} = 100", *digits.divide(k, one)]
        if one > 1
        else [f"100 / {n} = {100 // n}", *digits.multiply(k, 100 // n)]
    )
    lines = [talk.say(said.SHARE_THOUGHT, k=k, n=n), *steps]
    return Asked(talk.say(said.SHARE, k=k, n=n), lines, talk.of(f"{k * 100 // n}%", f"{k * 100 // n} %"))


def averages(low: int, high: int, counts: tuple[int, ...]) -> Kind:
    def ask(talk: Talk) -> Asked:
        count = talk.pick(counts)
        numbers = [talk.random.randint(low, high) for _ in range(count)]
        numbers[-1] -= sum(numbers) % count
        if numbers[-1] < 1:
            numbers[-1] += count
        total = numbers[0]
        lines = [talk.say(said.AVERAGE_THOUGHT, n=count)]
        for n in numbers[1:]:
            lines += digits.add(total, n)
            total += n
        texts = [str(n) for n in numbers]
        ask = talk.say(said.AVERAGE, list=talk.listed(texts), plain=", ".join(texts))
        return Asked(ask, [*lines, *digits.divide(total, count)], talk.grouped(total // count))

    return ask


def chains(terms: tuple[int, ...], most_digits: int) -> Kind:
    """As reasoning-gym's ``chain_sum`` asks, and as people do: terms of one length, signs by chance."""

    def ask(talk: Talk) -> Asked:
        size = talk.random.randint(1, most_digits)
        low = 10 ** (size - 1) if size > 1 else 0
        numbers = [talk.random.randint(low, 10**size - 1) for _ in range(talk.pick(terms))]
        expression, total = str(numbers[0]), numbers[0]
        steps: list[str] = []
        for n in numbers[1:]:
            plus = talk.random.random() < 0.5
            steps += digits.add(total, n) if plus else digits.subtract(total, n)
            total += n if plus else -n
            expression += f" {'+' if plus else '-'} {n}"
        typed = expression.replace(" ", "") if talk.random.random() < 0.1 else expression
        template = talk.pick(getattr(said.CHAIN, talk.language))
        opening = [] if wordless(template) else [talk.say(said.CHAIN_THOUGHT, e=expression)]
        return Asked(template.format(e=typed), [*opening, *steps], str(total))

    return ask


ARITHMETIC = Made(
    "arithmetic",
    (sums(2, 20), differences(1, 20), products((2, 9), (2, 9)), quotients((2, 9), (2, 9)), chains((2,), 2)),
    (
        sums(11, 99),
        differences(11, 99),
        products((11, 99), (2, 9)),
        quotients((2, 9), (11, 40)),
        remainders((3, 9), (2, 12)),
        with_rests((3, 9), (2, 12)),
        percents(easy=True),
        averages(2, 30, (2, 3)),
        chains((2, 3, 4), 2),
        chains((2, 3, 4), 2),
    ),
    (
        sums(100, 9999),
        differences(100, 9999),
        products((11, 99), (11, 99)),
        products((101, 999), (2, 9)),
        quotients((3, 9), (50, 400)),
        remainders((4, 12), (20, 90)),
        with_rests((3, 9), (20, 90)),
        percents(easy=False),
        shares,
        averages(10, 90, (3, 4, 5)),
        decimals,
        chains((3, 4, 5, 6), 3),
    ),
)
