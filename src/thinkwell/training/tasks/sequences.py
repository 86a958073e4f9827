"""Numbers in a row: what comes next, and which one does not belong."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from thinkwell.training.tasks.made import Asked, Kind, Talk
from thinkwell.training.tasks.phrases import logic as said
from thinkwell.training.tasks.traces import digits


def steps_by(talk: Talk) -> Asked:
    """The same step each time."""
    start, step, count = talk.random.randint(1, 60), talk.random.randint(2, 15), talk.pick((4, 5))
    if talk.random.random() < 0.3:
        start, step = start + step * count, -step
    numbers = [start + step * at for at in range(count)]
    opening = talk.of("I look at the steps.", "Je regarde les écarts.")
    lines = [f"{b} - {a} = {step}" if step > 0 else f"{a} - {b} = {-step}" for a, b in pairwise(numbers[:3])]
    last = digits.add(numbers[-1], step) if step > 0 else digits.subtract(numbers[-1], -step)
    return _next(talk, numbers, [opening, *lines, *last], start + step * count)


def _next(talk: Talk, numbers: list[int], lines: list[str], answer: int) -> Asked:
    return Asked(talk.say(said.NEXT, l=", ".join(map(str, numbers))), lines, str(answer))


def factors(talk: Talk) -> Asked:
    """Times the same each time."""
    start, by = talk.random.randint(1, 12), talk.pick((2, 2, 3, 4, 5, 10))
    count = 4 if by < 4 else 3
    numbers = [start * by**at for at in range(count)]
    if talk.random.random() < 0.3:
        numbers = [start * by ** (count - at) for at in range(count)]
        lines = [f"{numbers[0]} / {numbers[1]} = {by}", f"{numbers[1]} / {numbers[2]} = {by}"]
        lines += digits.divide(numbers[-1], by)
        answer = start
    else:
        lines = [f"{numbers[1]} / {numbers[0]} = {by}", f"{numbers[2]} / {numbers[1]} = {by}"]
        lines += digits.multiply(numbers[-1], by)
        answer = numbers[-1] * by
    opening = talk.of(
        "The steps differ, so I look at the factors.", "Les écarts changent, donc je regarde les facteurs."
    )
    return _next(talk, numbers, [opening, *lines], answer)


def growing(talk: Talk) -> Asked:
    """The steps grow by the same each time."""
    value, step, more = talk.random.randint(1, 30), talk.random.randint(1, 8), talk.random.randint(1, 5)
    numbers, lines = (
        [value],
        [talk.of("I look at how the steps grow.", "Je regarde comment les écarts grandissent.")],
    )
    for at in range(4):
        numbers.append(numbers[-1] + step + more * at)
        lines.append(f"{numbers[-1]} - {numbers[-2]} = {step + more * at}")
    after = step + more * 4
    lines += [f"{step + more * 3} + {more} = {after}", *digits.add(numbers[-1], after)]
    return _next(talk, numbers, lines, numbers[-1] + after)


RULES: tuple[tuple[tuple[str, str], Callable[[int], bool]], ...] = (
    (("even", "pairs"), lambda n: n % 2 == 0),
    (("odd", "impairs"), lambda n: n % 2 == 1),
    (("multiples of 5", "multiples de 5"), lambda n: n % 5 == 0),
    (("multiples of 10", "multiples de 10"), lambda n: n % 10 == 0),
    (("two digits long", "de deux chiffres"), lambda n: 10 <= n <= 99),
    (("one digit long", "d'un chiffre"), lambda n: n < 10),
)  # fmt: skip


def odd_ones(count: int) -> Kind:
    def ask(talk: Talk) -> Asked:
        while True:
            (words, rule), high = talk.pick(RULES), talk.pick((30, 99, 150))
            good = [n for n in range(1, high + 1) if rule(n)]
            bad = [n for n in range(1, high + 1) if not rule(n)]
            if len(good) < count or not bad:
                continue
            numbers = [*talk.random.sample(good, count - 1), talk.pick(bad)]
            out = numbers[-1]
            talk.random.shuffle(numbers)
            # One answer only: no other of these rules may single out another number.
            others = [[n for n in numbers if not test(n)] for _, test in RULES]
            if all(len(some) != 1 or some == [out] for some in others):
                break
        word = talk.of(*words)
        yes, no = talk.of(("yes", "no"), ("oui", "non"))
        rule_line = talk.of(f"Most are {word}.", f"Presque tous sont {word}.")
        checks = ", ".join(f"{n} {yes if rule(n) else no}" for n in numbers)
        opening = talk.of("I look for what all but one share.", "Je cherche ce que tous sauf un partagent.")
        asked = talk.say(said.ODD, l=", ".join(map(str, numbers)))
        options = [str(n) for n in numbers]
        return Asked(asked, [opening, rule_line, checks], str(out), "choice", {"options": options})

    return ask
