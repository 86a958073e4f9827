"""What the line costs: time of an operation, memory of a person, time of a refill; and what aborts leave."""

from __future__ import annotations

import random
import time
import tracemalloc
from statistics import median

import msgspec

from thinkwell.scheduling.base import Ticket
from thinkwell.scheduling.fair import FairLine
from thinkwell.scheduling.pool import PoolSchedule
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.replica import Replica
from thinkwell.scheduling.replicas import Router

WAITING = 100_000
OPERATIONS = 20_000
REFILLS = 2_000
REFILL_WAITING = 1_000
# The pool in which turns are aborted: full, with about as many waiting as running.
REPLICAS, SLOTS = 4, 8


class Operations(msgspec.Struct, frozen=True):
    """Microseconds, median."""

    enqueue: float
    pick: float
    charge: float


def ticket(number: int, person: int, tokens: int = 256) -> Ticket:
    """Each person in a network of their own, as a site's visitors are: the line's tree is at its deepest."""
    return Ticket(
        id=f"turn-{number}", person=f"person-{person}", group=f"network-{person}", prompt_tokens=tokens
    )


def operations(seed: int, waiting: int = WAITING, rounds: int = OPERATIONS) -> Operations:
    """With so many people waiting, all of whom have had something before, no two of them the same."""
    rng = random.Random(seed)
    predictor = Predictor()
    line = FairLine(predictor.cost)
    for person in range(waiting):
        line.join(ticket(person, person), 0.0)
    for number in range(waiting):
        _serve(line, line.next(0.0), rng.uniform(100, 2000))
        line.join(ticket(waiting + number, number), 0.0)
    taken: dict[str, list[int]] = {"enqueue": [], "pick": [], "charge": []}
    clock = time.perf_counter_ns
    for number in range(2 * waiting, 2 * waiting + rounds):
        new = ticket(number, rng.randrange(2 * waiting))
        began = clock()
        line.join(new, 0.0)
        joined = clock()
        picked = line.next(0.0)
        found = clock()
        assert picked is not None
        line.charge(picked.id, 32.0)
        charged = clock()
        for name, spent in zip(taken, (joined - began, found - joined, charged - found), strict=True):
            taken[name].append(spent)
        line.charge(picked.id, -32.0)
        _serve(line, picked, rng.uniform(100, 2000), predictor.cost(picked))
    return Operations(*(median(spent) / 1000 for spent in taken.values()))


def _serve(line: FairLine, taken: Ticket | None, service: float, thought: float = 0.0) -> None:
    assert taken is not None
    line.deliver(taken.id, service)
    line.charge(taken.id, service - thought)
    line.ended(taken.id)


def bytes_per_waiting(people: int = WAITING) -> float:
    """Of the line and the ticket, by what Python allocated."""
    line = FairLine(Predictor().cost)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for person in range(people):
            line.join(ticket(person, person), 0.0)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / people


def refills(seed: int, waiting: int = REFILL_WAITING, rounds: int = REFILLS) -> list[float]:
    """Milliseconds from a slot's release to the next turn's grant."""
    rng = random.Random(seed)
    pool = _pool()
    number = 0
    for number in range(waiting + REPLICAS * SLOTS):
        pool.join(ticket(number, rng.randrange(waiting)), 0.0)
    for _ in pool.grants(0.0):
        pass
    spent = []
    for _ in range(rounds):
        over = rng.choice(list(pool.running))
        pool.progressed(over, rng.randint(1, 1000))
        began = time.perf_counter()
        pool.ended(over)
        next(pool.grants(0.0))
        spent.append(1000 * (time.perf_counter() - began))
        number += 1
        pool.join(ticket(number, rng.randrange(waiting)), 0.0)
    return spent


def leaked(seed: int, aborts: int) -> int:
    """Whatever is not back at zero after so many aborts: in line, in prefill, in decode, of turns that were
    asked to pause, had paused, or had lost their replica."""
    rng = random.Random(seed)
    pool = _pool()
    number = done = 0
    waiting: list[str] = []
    while done < aborts:
        while len(waiting) < REPLICAS * SLOTS:
            number += 1
            new = ticket(number, rng.randrange(500))
            pool.join(new, 0.0)
            waiting.append(new.id)
        for grant in pool.grants(0.0):
            waiting.remove(grant.ticket.id)
        kind = rng.random()
        if kind < 0.01:
            _lose_a_replica(pool, rng, waiting)
        elif kind < 0.5 and waiting:
            assert pool.leave(_drawn(waiting, rng))
            done += 1
        else:
            over = rng.choice(list(pool.running))
            if kind < 0.8:
                pool.progressed(over, rng.randint(1, 2000))
            if kind < 0.55:
                pool.paused(over, 0.0)
                waiting.append(over)
            else:
                pool.ended(over, learn=kind < 0.6)
                done += 1
    return _left(pool, waiting)


def _lose_a_replica(pool: PoolSchedule, rng: random.Random, waiting: list[str]) -> None:
    replica = rng.choice(list(pool.replicas.values()))
    replica.ready = False
    pool.went_away(replica.name)
    for id in list(replica.running):
        pool.back(id)
        waiting.append(id)
    replica.ready = True


def _drawn(waiting: list[str], rng: random.Random) -> str:
    place = rng.randrange(len(waiting))
    waiting[place], waiting[-1] = waiting[-1], waiting[place]
    return waiting.pop()


def _left(pool: PoolSchedule, waiting: list[str]) -> int:
    """Counts when all have gone, and somebody after them has had more than any of them."""
    for id in waiting:
        pool.leave(id)
    for id in list(pool.running):
        pool.ended(id, learn=False)
    line = pool.line
    assert isinstance(line, FairLine)
    for turn in range(3):
        last = ticket(-turn, -1, 10**12)
        line.join(last, 0.0)
        _serve(line, line.next(0.0), 1e12)
    remembered = max(0, line.shares - 3)  # the tier, and who came last with their network
    held = sum(len(replica.running) + replica.reserved for replica in pool.replicas.values())
    return pool.waiting + len(line) + len(pool.running) + held + remembered


def _pool() -> PoolSchedule:
    names = [f"replica-{number}" for number in range(REPLICAS)]
    return PoolSchedule(
        FairLine,
        [Replica(name, SLOTS) for name in names],
        Router(names, cache_blocks=0, block_tokens=16),
    )
