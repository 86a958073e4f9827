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
from thinkwell.training.tasks.phrases import countdown as said

MOST_MOVES = 2
# How many of the ways that lead nowhere, beside the first one.
MISSES_TOLD = (0, 0, 1)
# A product beyond this is hard to use up again where the target is at most 100.
HIGHEST = 400


class Term(NamedTuple):
    """A number in hand: given, or made of two others."""

    value: int
    sign: str = ""
    of: tuple[Term, ...] = ()

    @property
    def text(self) -> str:
        if not self.of:
            return str(self.value)
        left, right = self.of
        return f"{left.factor} {self.sign} {right.factor}"

    @property
    def factor(self) -> str:
        return f"({self.text})" if self.of else self.text

    @property
    def steps(self) -> list[str]:
        """What makes it, in order."""
        return [*(step for it in self.of for step in it.steps), *([self.step] if self.of else [])]

    @property
    def step(self) -> str:
        return f"{self.of[0].value} {self.sign} {self.of[1].value} = {self.value}"


class Goal(NamedTuple):
    """What the rest must make, and what is then done with it: ``("*", term)``, the last one first."""

    value: int
    after: tuple[tuple[str, Term], ...] = ()


class Way(NamedTuple):
    """Moves that lead to a smaller search: a term that was made, or what was asked of the goal."""

    moves: tuple[Term, ...]
    terms: tuple[Term, ...]
    goal: Goal


def ways(
    terms: tuple[Term, ...],
    goal: Goal,
    depth: int,
    moves: tuple[Term, ...] = (),
    used: Term | None = None,
    highest: int = HIGHEST,
) -> Iterator[Way]:
    """Of ``depth`` moves, plausible ones first. ``used``: the next move must take it; a sum or a difference
    that is only added to others needs no move of its own: the look at signs has it."""
    if not depth:
        yield Way(moves, terms, goal)
        return
    if len(terms) < 2:
        return
    falling = sorted(terms, key=lambda it: -it.value)
    for term in falling:
        if used is not None and term is not used:
            continue
        rest = tuple(it for it in terms if it is not term)
        for sign, undone, g in _undone(goal.value, term.value, sum(it.value for it in rest), highest):
            move = Term(g, undone, (Term(goal.value), Term(term.value)))
            after = ((sign, term), *goal.after)
            yield from ways(rest, Goal(g, after), depth - 1, (*moves, move), highest=highest)
    for a, b in combinations(falling, 2):
        if used is not None and a is not used and b is not used:
            continue
        rest = tuple(it for it in terms if it is not a and it is not b)
        for sign, value in _results(a.value, b.value, highest):
            loose = sign in "+-"
            if not loose or (depth > 1 and used is None):
                made = Term(value, sign, (a, b))
                next_used = made if loose else None
                yield from ways((*rest, made), goal, depth - 1, (*moves, made), next_used, highest)


def _undone(goal: int, c: int, most: int, highest: int) -> Iterator[tuple[str, str, int]]:
    """What the others must make where ``c`` comes last, times or by: the sign, its opposite, the new goal."""
    if c > 1 and goal % c == 0 and goal // c <= max(most, 20):
        yield "*", "/", goal // c
    if c > 1 and goal * c <= max(most, highest):
        yield "/", "*", goal * c


def _results(a: int, b: int, highest: int = HIGHEST) -> Iterator[tuple[str, int]]:
    if b > 1 and a % b == 0:
        yield "/", a // b
    if b > 1 and a * b <= highest:
        yield "*", a * b
    yield "+", a + b
    if a > b:
        yield "-", a - b


def signs_reach(terms: tuple[Term, ...], goal: int) -> bool:
    """Quickly, what ``look`` tells at length."""
    over = sum(it.value for it in terms) - goal
    if over < 0 or over % 2:
        return False
    sums = {0}
    for term in terms:
        sums |= {it + term.value for it in sums}
    return over // 2 in sums


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
    first, total = found.plus[0], found.plus[0].value
    text = first.text
    for sign, terms in (("+", found.plus[1:]), ("-", found.minus)):
        for term in terms:
            after = total + term.value if sign == "+" else total - term.value
            steps.append(f"{total} {sign} {term.value} = {after}")
            # What was added up or subtracted before needs brackets behind a minus.
            text = f"{text} {sign} {term.factor if sign == '-' and term.sign in ('+', '-') else term.text}"
            total = after
    loose = len(found.plus) + len(found.minus) > 1 or first.sign in ("+", "-")
    for sign, term in goal.after:
        steps += term.steps
        after = total * term.value if sign == "*" else total // term.value
        steps.append(f"{total} {sign} {term.value} = {after}")
        text, total, loose = f"{f'({text})' if loose else text} {sign} {term.factor}", after, False
    return text, steps


def _of_a_tree(random: Random, numbers: list[int], signs: str) -> int:
    """What some tree of operations makes of them, whole at every step."""
    hand = list(numbers)
    while len(hand) > 1:
        b, a = sorted(random.sample(hand, 2))
        _, value = random.choice([it for it in _results(a, b) if it[0] in signs])
        hand.remove(a)
        hand.remove(b)
        hand.append(value)
    return hand[0]


def games(counts: tuple[int, ...], high: int, signs: str = "+-*/", any_target: float = 0.0) -> Kind:
    """``any_target``: in what part of the games the target is drawn without a look at the numbers (as in
    Stream of Search); those that cannot be reached are thrown away. Few go by signs alone."""

    def ask(talk: Talk) -> Asked:
        random = talk.random
        free = random.random() < any_target
        while True:
            numbers = [random.randint(1, high) for _ in range(talk.pick(counts))]
            target = random.randint(10, 100) if free else _of_a_tree(random, numbers, signs)
            thought = search(talk, numbers, target) if 10 <= target <= 100 and target not in numbers else None
            if thought is not None:
                break
        lines, text = thought
        plain = ", ".join(map(str, numbers))
        opening = talk.say(said.THOUGHT, t=target, l=plain)
        entry = {"numbers": numbers, "target": target}
        return Asked(talk.say(said.ASK, l=plain, t=target), [opening, *lines], text, "countdown", entry)

    return ask


def search(
    talk: Talk, numbers: list[int], target: int, highest: int = HIGHEST
) -> tuple[list[str], str] | None:
    """The thought without its first line, and the expression; None where no two moves lead there. Of the ways
    that lead nowhere a few are told, lest the thought be long."""
    terms = tuple(Term(n) for n in numbers)
    missed: list[Way] = []
    for depth in range(MOST_MOVES + 1):
        for way in ways(terms, Goal(target), depth, highest=highest):
            if not signs_reach(way.terms, way.goal.value):
                missed.append(way)
                continue
            count = min(len(missed) - 1, talk.pick(MISSES_TOLD)) if missed else 0
            told = [
                *missed[:1],
                *(missed[at] for at in sorted(talk.random.sample(range(1, len(missed)), count))),
            ]
            lines = [line for it in (*told, way) for line in _told(talk, it)]
            text, steps = equation(look(talk, way.terms, way.goal.value), way.goal)
            return [*lines, ", ".join(steps)], text
    return None


def _told(talk: Talk, way: Way) -> list[str]:
    moves = [", ".join(it.step for it in way.moves)] if way.moves else []
    return [*moves, *look(talk, way.terms, way.goal.value).lines]


NUMBERS_GAME = Made(
    "numbers_game",
    (games((3,), 20, "+-"),),
    (games((3,), 99), games((3,), 99, any_target=1.0)),
    (games((3, 4, 4), 99, any_target=0.5),),
)
