"""PoolSchedule: the line, the replicas and the turns that run, as one pure state machine.

The dispatcher drives it in real time, the simulator in virtual time: what is measured there is what
runs here. It knows no asyncio and no engine; it is told what happens, and says who starts where and
who should give way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from math import inf

import msgspec

from thinkwell.scheduling.base import OUTPUT_WEIGHT, Cost, Line, RankedLine, Ticket
from thinkwell.scheduling.giveway import Candidate, Rules, who_pauses
from thinkwell.scheduling.predict import Predictor
from thinkwell.scheduling.replica import Replica, Run
from thinkwell.scheduling.replicas import Router

# A turn that uses more than was thought is charged for so much more at a time, in weighted tokens.
SURCHARGE = 32.0


class Grant(msgspec.Struct, frozen=True):
    """``ticket`` may start on ``replica``, which should have ``cached_tokens`` of its prompt."""

    ticket: Ticket
    replica: str
    cached_tokens: int = 0


class PoolSchedule:
    """A ticket is in exactly one of three places: waiting, running, or gone.

    ``rules`` None: no turn ever gives way.
    """

    def __init__(
        self,
        make_line: Callable[[Cost], Line],
        replicas: Iterable[Replica],
        router: Router,
        predictor: Predictor | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.predictor = predictor or Predictor()
        self.line = make_line(self.cost)
        self._ranked = self.line if isinstance(self.line, RankedLine) else None
        self.replicas = {replica.name: replica for replica in replicas}
        self.running: dict[str, Run] = {}
        self.delivered = 0.0  # weighted tokens, ever
        self._router = router
        self._rules = rules
        # Turns that lost their replica: before everybody else, since they had been given their turn.
        self._back: deque[Run] = deque()
        self._running_behind = 0
        self._begun: dict[str, Run] = {}  # those that wait in the line again after having run

    @property
    def waiting(self) -> int:
        return len(self.line) + len(self._back)

    @property
    def waiting_for_room(self) -> int:
        """How many wait because no replica has room; 0 where all are at their own limit of turns at once.

        Who waits behind the others is not counted: for them nobody else's thought is to become shorter.
        """
        ranked = self._ranked
        if ranked is None:
            return self.waiting
        if not self._back and ranked.head() is None:
            return 0
        return self.waiting - ranked.waiting_behind

    def in_order(self) -> Iterator[Ticket]:
        """All who wait, in the order of their turn if nobody else comes."""
        for run in self._back:
            yield run.ticket
        yield from self.line.in_order()

    def cost(self, ticket: Ticket) -> float:
        """Weighted tokens that it is thought to use yet."""
        run = self._begun.get(ticket.id)
        whole = self.predictor.cost(ticket)
        return whole if run is None else max(SURCHARGE, whole - run.delivered)

    # -- joining and leaving ---------------------------------------------------------------------

    def join(self, ticket: Ticket, now: float) -> None:
        if ticket.id in self.running:
            raise ValueError(f"ticket {ticket.id} runs already")
        self.line.join(ticket, now)

    def leave(self, ticket_id: str) -> bool:
        """Withdraw a ticket that waits; False if it does not."""
        for run in self._back:
            if run.ticket.id == ticket_id:
                self._back.remove(run)
                self._settle(run)
                self.line.ended(ticket_id)
                return True
        left = self.line.leave(ticket_id)
        self._begun.pop(ticket_id, None)
        return left

    def would_start(self, ticket: Ticket) -> bool:
        """Whether a ticket that has just joined would be the next to start, at once."""
        passed = 0 if self._ranked is None or ticket.behind else self._ranked.waiting_behind
        return self.waiting - passed == 1 and self._fits(ticket)

    def forgive(self, ticket_id: str, now: float) -> bool:
        """A ticket that waits in the line stands behind the others no longer."""
        if self._ranked is None or not self._ranked.forgive(ticket_id, now):
            return False
        run = self._begun.get(ticket_id)
        if run is not None:
            run.ticket = msgspec.structs.replace(run.ticket, behind=False)
        return True

    def went_away(self, replica: str) -> None:
        """What it had cached is lost. Its turns each end, or come ``back``."""
        self._router.gone(replica)

    # -- starting --------------------------------------------------------------------------------

    def grants(self, now: float) -> Iterator[Grant]:
        """Who starts now, one after the other, until nobody more fits. Each runs once it is yielded."""
        while self._back:
            grant = self._start(self._back[0])
            if grant is None:
                return  # nobody goes before them
            self._back.popleft()
            yield grant
        while len(self.line) and any(replica.open for replica in self.replicas.values()):
            ticket = self.line.next(now, self._fits)
            if ticket is None:
                return
            cost = self.cost(ticket)
            run = self._begun.pop(ticket.id, None) or Run(ticket)
            run.charged += cost
            grant = self._start(run)
            assert grant is not None, "it fitted a moment ago"
            yield grant

    def _fits(self, ticket: Ticket) -> bool:
        needs = self._needs(ticket)
        return any(replica.open and replica.holds(needs) for replica in self.replicas.values())

    def _needs(self, ticket: Ticket) -> int:
        if ticket.reserve_tokens is not None:
            return ticket.reserve_tokens
        return ticket.prompt_tokens + round(self.predictor.output(ticket))

    def _start(self, run: Run) -> Grant | None:
        ticket = run.ticket
        needs = self._needs(ticket)
        replicas = self.replicas
        choice = self._router.choose(
            [replica.state() for replica in replicas.values()],
            ticket.blocks,
            ticket.prompt_tokens,
            lambda name: replicas[name].holds(needs),
        )
        if choice is None:
            return None
        replica = replicas[choice.name]
        replica.running[ticket.id] = run
        replica.reserved += needs
        run.replica, run.reserve, run.since = replica, needs, run.generated
        self.running[ticket.id] = run
        self._running_behind += run.ticket.behind
        self._router.sent(choice.name, ticket.blocks, ticket.prompt_tokens, choice.cached_tokens)
        return Grant(ticket, choice.name, choice.cached_tokens)

    # -- running ---------------------------------------------------------------------------------

    def progressed(self, ticket_id: str, generated: int, prompt: float | None = None) -> None:
        """Tokens generated so far in all of the turn's leases, and weighted tokens of its prompt."""
        run = self.running[ticket_id]
        run.generated = generated
        if prompt is not None:
            run.prompt = prompt
        used = run.prompt + OUTPUT_WEIGHT * generated
        if used > run.delivered:
            self.line.deliver(ticket_id, used - run.delivered)
            self.delivered += used - run.delivered
            run.delivered = used
        if run.delivered > run.charged:
            self._charge(run, run.delivered + SURCHARGE)

    def _charge(self, run: Run, whole: float) -> None:
        if whole != run.charged:
            self.line.charge(run.ticket.id, whole - run.charged)
            run.charged = whole

    def _settle(self, run: Run) -> None:
        """From now on it is charged what it used."""
        self._charge(run, run.delivered)

    def ended(self, ticket_id: str, *, learn: bool = True) -> None:
        """The turn is over; ``learn`` where it came to its own end. What was thought to come is refunded.

        Not its prompt, also where no token came of it: who aborts in time, again and again, would go first.
        """
        self.progressed(ticket_id, self.running[ticket_id].generated)
        run = self._release(ticket_id)
        self._settle(run)
        self.line.ended(ticket_id)
        if learn:
            self.predictor.learn(run.ticket.person, run.generated)

    def _release(self, ticket_id: str) -> Run:
        run = self.running.pop(ticket_id)
        self._running_behind -= run.ticket.behind
        replica = run.replica
        assert replica is not None
        del replica.running[ticket_id]
        replica.reserved -= run.reserve
        run.replica = None
        run.yielding = False
        self._router.ended(replica.name)
        return run

    def back(self, ticket_id: str) -> None:
        """Its replica was lost: it waits before everybody else."""
        self._back.append(self._release(ticket_id))

    # -- giving way ------------------------------------------------------------------------------

    def who_gives_way(self) -> str | None:
        """A running turn that should pause so that the head of the line can start; None if none should.

        It is asked once; ``paused`` follows when it has let go, or it ends by itself.
        """
        line = self._ranked
        if self._rules is None or self._back or line is None:
            return None
        head = line.head()
        if head is None:
            return None
        light = line.running_of(head) <= self._rules.most_running
        if not light and (head.behind or not self._running_behind):
            return None
        before = self._begun.get(head.id)
        begun = 0.0 if before is None else before.delivered

        def lead(ticket_id: str) -> float:
            ahead = line.lead(ticket_id, head)
            return ahead if light or ahead == inf else -inf

        chosen = who_pauses(self._rules, self._candidates(self._needs(head)), lead, begun)
        if chosen is None:
            return None
        self.running[chosen.ticket_id].yielding = True
        return chosen.ticket_id

    def _candidates(self, needs: int) -> list[Candidate]:
        """Turns in whose place one could run that needs so much; none where there is room, or will be."""
        candidates: list[Candidate] = []
        for replica in self.replicas.values():
            if not replica.ready or replica.draining:
                continue
            if replica.open and replica.holds(needs):
                return []
            for run in replica.running.values():
                if run.yielding:
                    return []  # one at a time
                if replica.holds(needs - run.reserve):
                    candidates.append(run.candidate())
        return candidates

    def paused(self, ticket_id: str, now: float) -> None:
        """It has let go, and waits in the line again: first of its person's, charged what it used."""
        run = self._release(ticket_id)
        run.pauses += 1
        self._settle(run)
        self.line.ended(ticket_id)
        self._begun[ticket_id] = run
        self.line.join(run.ticket, now, front=True)
