"""PoolSchedule: the line, the replicas and the turns that run, as one pure state machine.

The dispatcher drives it in real time, the simulator in virtual time: what is measured there is what
runs here. It knows no asyncio and no engine; it is told what happens, and says who starts where and
who should give way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import chain
from math import inf

import msgspec

from thinkwell.scheduling.base import OUTPUT_WEIGHT, Cost, Line, RankedLine, Ticket
from thinkwell.scheduling.canary import Canary
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

    ``rules`` None: no turn ever gives way. A turn that has begun goes on only on replicas of the label that
    it began on; ``canary`` says which label one takes that begins.
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
        self.canary = Canary()
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

    # -- replicas come and go --------------------------------------------------------------------

    def add(self, replica: Replica) -> None:
        if replica.name in self.replicas:
            raise ValueError(f"there is a replica {replica.name} already")
        self.replicas[replica.name] = replica
        self._router.add(replica.name)

    def remove(self, replica: str) -> None:
        """Raises ValueError for the last of its label while a turn has begun on that label."""
        label = self.replicas[replica].label
        others = any(one.label == label for name, one in self.replicas.items() if name != replica)
        if self.replicas[replica].running or (self.bound(label) and not others):
            raise ValueError(f"turns are to go on on replica {replica}")
        del self.replicas[replica]
        self._router.remove(replica)

    def bound(self, label: str) -> int:
        """How many turns have begun on replicas of that label and are not over."""
        return sum(
            run.label == label for run in chain(self.running.values(), self._begun.values(), self._back)
        )

    def label_of(self, ticket: Ticket) -> str:
        """Where a ticket that waits starts: where it began, else as the canary's share is now."""
        run = self._begun.get(ticket.id)
        if run is None and self._back:
            run = next((one for one in self._back if one.ticket.id == ticket.id), None)
        return self._label(run, ticket)

    def _label(self, run: Run | None, ticket: Ticket) -> str:
        if run is not None and run.label is not None:
            return run.label
        return self.canary.label(ticket.place, self._takes_turns)

    def _takes_turns(self, label: str) -> bool:
        return any(one.label == label and one.ready and not one.draining for one in self.replicas.values())

    # -- starting --------------------------------------------------------------------------------

    def grants(self, now: float) -> Iterator[Grant]:
        """Who starts now, one after the other, until nobody more fits. Each runs once it is yielded."""
        full: set[str] = set()  # labels on which nobody goes before those who lost their replica
        for lost in tuple(self._back):
            if lost not in self._back:
                continue  # it left meanwhile
            label = self._label(lost, lost.ticket)
            grant = self._start(lost) if label not in full else None
            if grant is None:
                full.add(label)
                continue
            self._back.remove(lost)
            yield grant
        while len(self.line) and any(
            replica.open and replica.label not in full for replica in self.replicas.values()
        ):
            ticket = self.line.next(now, partial(self._fits, full=full))
            if ticket is None:
                return
            cost = self.cost(ticket)
            run = self._begun.pop(ticket.id, None) or Run(ticket)
            run.charged += cost
            grant = self._start(run)
            assert grant is not None, "it fitted a moment ago"
            yield grant

    def _fits(self, ticket: Ticket, full: AbstractSet[str] = frozenset()) -> bool:
        needs, label = self._needs(ticket), self.label_of(ticket)
        return label not in full and any(
            replica.open and replica.label == label and replica.holds(needs)
            for replica in self.replicas.values()
        )

    def _needs(self, ticket: Ticket) -> int:
        if ticket.reserve_tokens is not None:
            return ticket.reserve_tokens
        return ticket.prompt_tokens + round(self.predictor.output(ticket))

    def _start(self, run: Run) -> Grant | None:
        ticket = run.ticket
        needs, label = self._needs(ticket), self._label(run, ticket)
        replicas = self.replicas
        choice = self._router.choose(
            [replica.state() for replica in replicas.values() if replica.label == label],
            ticket.blocks,
            ticket.prompt_tokens,
            lambda name: replicas[name].holds(needs),
        )
        if choice is None:
            return None
        replica = replicas[choice.name]
        replica.running[ticket.id] = run
        replica.reserved += needs
        run.replica, run.label, run.reserve, run.since = replica, label, needs, run.generated
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

    def back(self, ticket_id: str, *, anew: bool = False) -> None:
        """Its replica was lost: it waits before everybody else. ``anew``: nothing was said yet, and it may
        begin on any label."""
        run = self._release(ticket_id)
        if anew:
            run.label = None
        self._back.append(run)

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

        candidates = self._candidates(self._needs(head), self.label_of(head))
        chosen = who_pauses(self._rules, candidates, lead, begun)
        if chosen is None:
            return None
        self.running[chosen.ticket_id].yielding = True
        return chosen.ticket_id

    def _candidates(self, needs: int, label: str) -> list[Candidate]:
        """Turns in whose place one could run that needs so much; none where there is room, or will be."""
        candidates: list[Candidate] = []
        for replica in self.replicas.values():
            if not replica.ready or replica.draining or replica.label != label:
                continue
            if replica.open and replica.holds(needs):
                return []
            for run in replica.running.values():
                if run.yielding:
                    return []  # one at a time
                if replica.pauses and replica.holds(needs - run.reserve):
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
