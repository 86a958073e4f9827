"""Countdown as TinyZero asks it: reach a target with three or four numbers, each used exactly once.

The thought is a directed search. With signs alone the sum of all numbers exceeds the target by twice what
is to be subtracted: one look tells whether that exists. Where it does not, a pair is multiplied or divided
first, or the target is divided or multiplied by a number that comes last, and the same look is taken again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from random import Random
from typing import NamedTuple

from thinkwell.training.tasks.made import Asked, Kind, Made, Talk
from thinkwell.training.tasks.phrases import Phrases

ASK = Phrases(
    en=(
        "Using the numbers [{l}], create an equation that equals {t}. You can use basic arithmetic "
        "operations "
        "(+, -, *, /) and each number can only be used once.",
        "Using the numbers {l}, make {t}. Use each number exactly once, with + - * /.",
        "Make {t} from {l}. Each number once, with +, -, * and /.",
        "How can I get {t} from the numbers {l}? Each number must be used once.",
        "Countdown: numbers {l}, target {t}.",
        "Use {l} and the operations + - * / to reach {t}. Every number is used once.",
        "Find an equation with {l} that equals {t}, each number used once.",
        "Combine {l} with + - * / so that the result is {t}. Use all of them, each once.",
    ),
    fr=(
        "Avec les nombres [{l}], écris un calcul qui vaut {t}. Tu peux utiliser +, -, * et /, et chaque "
        "nombre une "
        "seule fois.",
        "Avec les nombres {l}, obtiens {t}. Utilise chaque nombre exactement une fois, avec + - * /.",
        "Fais {t} avec {l}. Chaque nombre une fois, avec +, -, * et /.",
        "Comment obtenir {t} avec les nombres {l} ? Chaque nombre doit servir une fois.",
        "Le compte est bon : nombres {l}, cible {t}.",
        "Utilise {l} et les opérations + - * / pour atteindre {t}. Chaque nombre sert une fois.",
        "Trouve un calcul avec {l} qui donne {t}, chaque nombre une seule fois.",
        "Combine {l} avec + - * / pour que le résultat soit {t}. Utilise-les tous, une fois chacun.",
    ),
)
THOUGHT = Phrases(
    en=("I need {t} from {l}.", "{l} shall make {t}.", "Let me make {t} from {l}."),
    fr=("Il me faut {t} avec {l}.", "Je dois faire {t} avec {l}.", "Je cherche {t} avec {l}."),
)
MOST_MISSES = 2
HIGHEST = 400


class Term(NamedTuple):
    """A number in hand, with how it was made and the steps that made it."""

    value: int
    text: str
    steps: tuple[str, ...] = ()

    @property
    def factor(self) -> str:
        return f"({self.text})" if " " in self.text else self.text


class Goal(NamedTuple):
    """What the rest must make, and what is then done with it: ``("*", term)``, the last one first."""

    value: int
    after: tuple[tuple[str, Term], ...] = ()


class Way(NamedTuple):
    """Moves that lead to a smaller search, as equations."""

    moves: tuple[str, ...]
    terms: tuple[Term, ...]
    goal: Goal


def ways(terms: tuple[Term, ...], goal: Goal, depth: int, moves: tuple[str, ...] = ()) -> Iterator[Way]:
    """Of ``depth`` moves, plausible ones first."""
    if not depth:
        yield Way(moves, terms, goal)
        return
    if len(terms) < 2:
        return
    for term in sorted(terms, key=lambda it: -it.value):
        rest = tuple(it for it in terms if it is not term)
        most = sum(it.value for it in rest)
        c = term.value
        if c > 1 and goal.value % c == 0 and goal.value // c <= max(most, 20):
            g = goal.value // c
            yield from ways(
                rest, Goal(g, (("*", term), *goal.after)), depth - 1, (*moves, f"{goal.value} / {c} = {g}")
            )
        if c > 1 and goal.value * c <= max(most, 60):
            g = goal.value * c
            yield from ways(
                rest, Goal(g, (("/", term), *goal.after)), depth - 1, (*moves, f"{goal.value} * {c} = {g}")
            )
    for a, b in combinations(sorted(terms, key=lambda it: -it.value), 2):
        rest = tuple(it for it in terms if it is not a and it is not b)
        for sign, value in _results(a.value, b.value):
            if sign in "+-" and depth == 1:
                continue  # the look at signs has these
            step = f"{a.value} {sign} {b.value} = {value}"
            text = f"{a.text} {sign} {b.text}" if sign in "+" else f"{a.factor} {sign} {b.factor}"
            term = Term(value, text, (*a.steps, *b.steps, step))
            yield from ways((*rest, term), goal, depth - 1, (*moves, step))


def _results(a: int, b: int) -> Iterator[tuple[str, int]]:
    if a % b == 0 and b > 1:
        yield "/", a // b
    if b > 1 and a * b <= HIGHEST:
        yield "*", a * b
    yield "+", a + b
    if a > b:
        yield "-", a - b


class Look(NamedTuple):
    """At signs alone: what it says line by line, and the terms to add and to subtract, if it finds any."""

    lines: tuple[str, ...]
    plus: tuple[Term, ...] = ()
    minus: tuple[Term, ...] = ()


def look(talk: Talk, terms: tuple[Term, ...], goal: int) -> Look:
    yes, no = talk.of((" yes", " no"), (" oui", " non"))
    if len(terms) == 1:
        return Look((), terms) if terms[0].value == goal else Look((f"{terms[0].value},{no}",))
    total, sums = terms[0].value, []
    for term in terms[1:]:
        sums.append(f"{total} + {term.value} = {total + term.value}")
        total += term.value
    if total == goal:
        return Look((f"{', '.join(sums)},{yes}",), terms)
    if total < goal:
        return Look((f"{', '.join(sums)}{talk.of(': too small', ' : trop petit')}",))
    over = total - goal
    sums.append(f"{total} - {goal} = {over}")
    if over % 2:
        return Look((f"{', '.join(sums)}{talk.of(': odd', ' : impair')}",))
    return _halved(talk, terms, over, sums)


def _halved(talk: Talk, terms: tuple[Term, ...], over: int, sums: list[str]) -> Look:
    """Half of what is over must be subtracted: is it one of the numbers, or the sum of some?"""
    yes, no = talk.of((" yes", " no"), (" oui", " non"))
    half = over // 2
    lines = [", ".join(sums), f"{over} / 2 = {half}"]
    for count in range(1, len(terms)):
        for some in combinations(sorted(terms, key=lambda it: -it.value), count):
            if sum(it.value for it in some) != half:
                continue
            if count > 1:
                parts = " - ".join(str(it.value) for it in some[:-1])
                lines.append(f"{half} - {parts} = {some[-1].value}")
            lines[-1] += f",{yes}"
            return Look(tuple(lines), tuple(it for it in terms if not any(it is one for one in some)), some)
    lines[-1] += f",{no}"
    return Look(tuple(lines))


def equation(found: Look, goal: Goal) -> tuple[str, list[str]]:
    """The expression, and the steps that compute it."""
    steps = [step for term in (*found.plus, *found.minus) for step in term.steps]
    text, total = found.plus[0].text, found.plus[0].value
    for sign, terms in (("+", found.plus[1:]), ("-", found.minus)):
        for term in terms:
            after = total + term.value if sign == "+" else total - term.value
            steps.append(f"{total} {sign} {term.value} = {after}")
            # What was added up or subtracted before needs brackets behind a minus.
            loose = sign == "-" and ("+" in term.text or " - " in term.text)
            text, total = f"{text} {sign} {term.factor if loose else term.text}", after
    for sign, term in goal.after:
        steps += term.steps
        after = total * term.value if sign == "*" else total // term.value
        steps.append(f"{total} {sign} {term.value} = {after}")
        text = f"({text})" if " " in text else text
        text, total = f"{text} {sign} {term.factor}", after
    return text, steps


def _drawn(random: Random, count: int, high: int, signs: str) -> tuple[list[int], int]:
    """Numbers and a target that some tree of operations reaches, whole at every step."""
    while True:
        numbers = [random.randint(1, high) for _ in range(count)]
        hand = list(numbers)
        while len(hand) > 1:
            b, a = sorted(random.sample(hand, 2))
            _, value = random.choice([it for it in _results(a, b) if it[0] in signs] or [("+", a + b)])
            hand.remove(a)
            hand.remove(b)
            hand.append(value)
        if 10 <= hand[0] <= 100 and hand[0] not in numbers:
            return numbers, hand[0]


def games(counts: tuple[int, ...], high: int, signs: str = "+-*/") -> Kind:
    def ask(talk: Talk) -> Asked:
        while True:
            numbers, target = _drawn(talk.random, talk.pick(counts), high, signs)
            thought = search(talk, numbers, target)
            if thought is not None:
                break
        lines, text = thought
        plain = ", ".join(map(str, numbers))
        opening = talk.say(THOUGHT, t=target, l=plain)
        entry = {"numbers": numbers, "target": target}
        return Asked(talk.say(ASK, l=plain, t=target), [opening, *lines], text, "countdown", entry)

    return ask


def search(talk: Talk, numbers: list[int], target: int) -> tuple[list[str], str] | None:
    """The thought without its first line, and the expression. Of the ways that lead nowhere a few are told,
    lest the thought be long."""
    terms = tuple(Term(n, str(n)) for n in numbers)
    misses: list[list[str]] = []
    for depth in range(3):
        for way in ways(terms, Goal(target), depth):
            seen = look(talk, way.terms, way.goal.value)
            lines = [*((", ".join(way.moves),) if way.moves else ()), *seen.lines]
            if not seen.plus:
                misses.append(lines)
                continue
            text, steps = equation(seen, way.goal)
            told = misses[:1]
            later = [miss for miss in misses[1:] if len(miss) < 4]
            count = min(len(later), talk.random.randint(0, MOST_MISSES - 1))
            told += [later[at] for at in sorted(talk.random.sample(range(len(later)), count))]
            check = [", ".join(steps)] if len(steps) > 1 else steps
            return [line for miss in (*told, lines) for line in miss] + check, text
    return None


NUMBERS_GAME = Made(
    "numbers_game",
    (games((3,), 20, "+-"),),
    (games((3,), 99),),
    (games((3, 4, 4), 99),),
)
