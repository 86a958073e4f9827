"""SimulatedMachine: one replica as a pure object of time. No asyncio, no HTTP, no randomness, no persons.

Every running request makes one token a step, so a request's tokens are a difference of step counts and
steps between two events are leapt over in closed form: the cost is per event, not per token. What
happens at a moment is decided at the next boundary between two steps, as in a real engine.
"""

from __future__ import annotations

import heapq
from collections import deque

from thinkwell.scheduling.prefix_index import PrefixIndex, cached_tokens
from thinkwell.testing.simulation.profile import Profile
from thinkwell.testing.simulation.request import Began, Ended, FirstToken, SimEvent, SimRequest
from thinkwell.testing.simulation.reservation import declared_need, peak_need
from thinkwell.testing.simulation.steps import span, steps_within

# With a waiting head that does not fit yet, ``peak`` looks again after so many steps (as S-LoRA does).
RECHECK_STEPS = 10


class _Run:
    """A request that holds a slot. ``joined`` is the step count at its first token, -1 in prefill."""

    __slots__ = ("finish", "joined", "left", "limit", "output", "prompt", "request")

    def __init__(self, request: SimRequest, left: int) -> None:
        self.request = request
        self.prompt = request.prompt_tokens
        self.limit = request.limit
        self.left = left
        self.output = request.output_tokens
        self.joined = -1
        self.finish = -1


class SimulatedMachine:
    """``submit``, then ``advance``: times are seconds of the caller's own clock and never go back.

    The machine has a first-come queue of its own, as engines have; a caller that asks ``fits`` first
    never uses it (for longer than to the next boundary).
    """

    def __init__(self, profile: Profile, *, start: float = 0.0) -> None:
        self.profile = profile
        self.now = start
        self.max_running = 0
        self.prompt_tokens_computed = 0
        self.prompt_tokens_cached = 0
        self.busy_s = 0.0
        self.cache = PrefixIndex(profile.cache_tokens // profile.block) if profile.cache_tokens else None
        self._at = start
        self._flight_end: float | None = None
        self._flight_steps = 0
        self._steps = 0
        self._waiting: deque[tuple[float, SimRequest]] = deque()
        self._prefilling: dict[str, _Run] = {}
        self._decoding: dict[str, _Run] = {}
        self._finishes: list[tuple[int, str]] = []
        self._kv = 0
        self._declared = 0
        self._tokens_of_gone = 0

    # -- what is going on ------------------------------------------------------------------------

    @property
    def running(self) -> int:
        return len(self._prefilling) + len(self._decoding)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def busy_until(self) -> float:
        """End of the step or prefill in flight: the next moment at which something can begin."""
        return self.now if self._flight_end is None else self._flight_end

    @property
    def earliest_end(self) -> float:
        """No request ends before this moment unless something is submitted, shortened or aborted."""
        if self._waiting or self._prefilling or not self._decoding:
            busy = self._flight_end is not None or self._waiting or self._prefilling
            return self.busy_until if busy else float("inf")
        first, growth = self._step_s(), self.profile.c * len(self._decoding)
        steps = self._steps_to_finish()
        if self._flight_end is None:
            return self._at + span(steps, first, growth)
        return self._flight_end + span(max(0, steps - self._flight_steps), first + growth, growth)

    @property
    def kv_in_use(self) -> int:
        return self._kv + sum(run.prompt for run in self._prefilling.values())

    @property
    def tokens_made(self) -> int:
        return self._tokens_of_gone + sum(1 + self._steps - run.joined for run in self._decoding.values())

    def made(self, id: str) -> int:
        """Tokens of output so far. 0 while it waits; KeyError when it is not here (any more)."""
        if id in self._decoding:
            return 1 + self._steps - self._decoding[id].joined
        if id in self._prefilling or any(request.id == id for _, request in self._waiting):
            return 0
        raise KeyError(id)

    def progress(self) -> dict[str, int]:
        """Tokens made by each request that holds a slot."""
        decoding = {id: 1 + self._steps - run.joined for id, run in self._decoding.items()}
        return dict.fromkeys(self._prefilling, 0) | decoding

    def fits(self, request: SimRequest) -> bool:
        """Would it begin at the next boundary, after all that wait already?"""
        return self._room_for([request for _, request in self._waiting] + [request])

    # -- what is asked of it ---------------------------------------------------------------------

    def submit(self, request: SimRequest, now: float) -> None:
        """Put it in the machine's queue at ``now``, which may lie ahead but in order of submission.

        Raises ValueError for what can never run, an id that is here already, and time going back.
        """
        if request.output_tokens < 1 or request.prompt_tokens < 1:
            raise ValueError(f"{request.id}: a request has at least one token of prompt and of output")
        pool = self.profile.kv_tokens
        if pool is not None and request.prompt_tokens + request.limit > pool:
            raise ValueError(f"{request.id}: {request.prompt_tokens + request.limit} tokens never fit {pool}")
        if now < self.now or (self._waiting and now < self._waiting[-1][0]):
            raise ValueError(f"{request.id}: submitted at {now}, before {self.now}")
        if request.id in self._prefilling or request.id in self._decoding:
            raise ValueError(f"{request.id}: is running already")
        self._waiting.append((now, request))

    def abort(self, id: str) -> int:
        """Take it out now; its room serves the next boundary. Returns the tokens it had made."""
        run = self._decoding.get(id) or self._prefilling.get(id)
        if run is not None:
            return self._leave(run)
        for place, (_, request) in enumerate(self._waiting):
            if request.id == id:
                del self._waiting[place]
                return 0
        raise KeyError(id)

    def shorten(self, id: str, output_tokens: int) -> None:
        """Let a request end after ``output_tokens`` in all (a thought cut short), or as soon as it can."""
        run = self._decoding.get(id) or self._prefilling.get(id)
        if run is None:
            raise KeyError(id)
        run.output = max(1, min(run.output, output_tokens))
        if run.joined >= 0:
            run.finish = max(run.joined + run.output - 1, self._steps + self._flight_steps)
            heapq.heappush(self._finishes, (run.finish, id))

    def advance(self, to: float, *, until_end: bool = False) -> list[SimEvent]:
        """Let time pass until ``to``; with ``until_end`` only until the first boundary with an ending.

        Returns the events in order of time. Afterwards ``now`` says how far it came.
        """
        if to < self.now:
            raise ValueError(f"time goes back from {self.now} to {to}")
        events: list[SimEvent] = []
        while True:
            if self._flight_end is None:
                self._admit(events)
            if self._flight_end is not None:
                if self._flight_end > to:
                    break
                self._land(self._flight_end, events)
            elif self._prefilling:
                self._begin_mixed_step()
                continue
            elif self._decoding:
                self._leap(to, events)
            elif self._waiting and self._waiting[0][0] <= to:
                self._at = max(self._at, self._waiting[0][0])
                continue
            else:
                break
            if until_end and events and isinstance(events[-1], Ended):
                self.now = max(self.now, self._at)
                return events
        self.now = to
        return events

    # -- how it works ----------------------------------------------------------------------------

    def _admit(self, events: list[SimEvent]) -> None:
        """At a boundary: take from the head of the queue while it has arrived and fits."""
        begun = 0
        while self._waiting and self._waiting[0][0] <= self._at and self._room_for([self._waiting[0][1]]):
            arrived, request = self._waiting.popleft()
            matched = self.cache.match(request.blocks) if self.cache is not None else 0
            cached = cached_tokens(matched, self.profile.block, request.prompt_tokens)
            left = request.prompt_tokens - cached
            begun += left
            self._prefilling[request.id] = _Run(request, left)
            self._declared += request.prompt_tokens + request.limit
            self.prompt_tokens_cached += cached
            events.append(Began(self._at, request.id, cached, self._at - arrived))
        if begun:
            self.max_running = max(self.max_running, self.running)
            if self.profile.prefill == "blocking":
                self.prompt_tokens_computed += begun
                for run in self._prefilling.values():
                    run.left = 0
                self._fly(self.profile.prefill_s * begun, steps=0)

    def _slots_full(self, newcomers: int = 1) -> bool:
        return self.profile.slots is not None and self.running + newcomers > self.profile.slots

    def _room_for(self, newcomers: list[SimRequest]) -> bool:
        """Is there room for all of them at the next boundary (which is now, if nothing is in flight)?"""
        pool = self.profile.kv_tokens
        if self._slots_full(len(newcomers)):
            return False
        if pool is None:
            return True
        # What fits by declaration fits by any measure, and needs no sorting.
        declared = declared_need((request.prompt_tokens, request.limit) for request in newcomers)
        if self._declared + declared <= pool:
            return True
        return self.profile.reservation == "peak" and peak_need(self._entries(newcomers)) <= pool

    def _entries(self, newcomers: list[SimRequest]) -> list[tuple[int, int]]:
        """(tokens held, steps to stay) of all at the next boundary, never too low.

        A prefill ends in the first token. One in chunks takes steps, in which others grow.
        """
        next_step = self._steps + self._flight_steps + 1
        entries = [
            (run.prompt + next_step - run.joined, run.limit - next_step + run.joined)
            for run in self._decoding.values()
        ]
        chunked = self.profile.prefill == "chunked"
        ahead = 0
        prefills = [(run.request, run.left) for run in self._prefilling.values()]
        for request, left in prefills + [(request, request.prompt_tokens) for request in newcomers]:
            ahead += left
            delay = -(-ahead // self.profile.chunk) if chunked else 0
            entries.append((request.prompt_tokens + 1, request.limit - 1 + delay))
        return entries

    def _fly(self, seconds: float, *, steps: int) -> None:
        self._flight_end = self._at + seconds
        self._flight_steps = steps

    def _begin_mixed_step(self) -> None:
        """A step of all that decode, with a chunk of the oldest prompts in it."""
        room = self.profile.chunk
        for run in self._prefilling.values():
            part = min(run.left, room)
            run.left -= part
            room -= part
            if room == 0:
                break
        computed = self.profile.chunk - room
        self.prompt_tokens_computed += computed
        self._fly(self._step_s() + self.profile.prefill_s * computed, steps=1)

    def _land(self, end: float, events: list[SimEvent]) -> None:
        """The operation in flight is over."""
        self.busy_s += end - self._at
        self._at = end
        self._flight_end = None
        self._steps += self._flight_steps
        self._kv += self._flight_steps * len(self._decoding)
        self._flight_steps = 0
        for run in [run for run in self._prefilling.values() if run.left == 0]:
            del self._prefilling[run.request.id]
            self._decoding[run.request.id] = run
            run.joined = self._steps
            run.finish = self._steps + run.output - 1
            heapq.heappush(self._finishes, (run.finish, run.request.id))
            self._kv += run.prompt + 1
            if self.cache is not None:
                self.cache.add(run.request.blocks[: -(-run.prompt // self.profile.block)])
            events.append(FirstToken(self._at, run.request.id))
        self._end(events)

    def _leap(self, to: float, events: list[SimEvent]) -> None:
        """Take all steps up to the next event or ``to``, and leave the step that ``to`` cuts in flight."""
        running = len(self._decoding)
        first, growth = self._step_s(), self.profile.c * running
        steps = self._steps_to_finish()
        if self._waiting:
            arrival = self._waiting[0][0]
            if arrival > self._at:
                before = steps_within(arrival - self._at, first, growth, at_most=steps)
                steps = min(steps, before + (self._at + span(before, first, growth) < arrival))
            elif self.profile.reservation == "peak" and not self._slots_full():
                steps = min(steps, RECHECK_STEPS)
        taken = steps_within(to - self._at, first, growth, at_most=steps)
        seconds = span(taken, first, growth)
        self.busy_s += seconds
        self._at += seconds
        self._steps += taken
        self._kv += taken * running
        if taken < steps:
            self._fly(self._step_s(), steps=1)
        self._end(events)

    def _steps_to_finish(self) -> int:
        finishes = self._finishes
        while True:
            finish, id = finishes[0]
            run = self._decoding.get(id)
            if run is not None and run.finish == finish:
                return max(0, finish - self._steps)
            heapq.heappop(finishes)

    def _step_s(self) -> float:
        profile = self.profile
        return profile.a + profile.b * len(self._decoding) + profile.c * self._kv

    def _end(self, events: list[SimEvent]) -> None:
        finishes = self._finishes
        while finishes and finishes[0][0] <= self._steps:
            finish, id = heapq.heappop(finishes)
            run = self._decoding.get(id)
            if run is None or run.finish != finish:
                continue
            tokens = self._leave(run)
            if self.cache is not None:
                self.cache.add(run.request.blocks)
            events.append(Ended(self._at, id, tokens))

    def _leave(self, run: _Run) -> int:
        id = run.request.id
        self._declared -= run.prompt + run.limit
        if self._prefilling.pop(id, None) is not None:
            return 0
        del self._decoding[id]
        made = 1 + self._steps - run.joined
        self._kv -= run.prompt + made
        self._tokens_of_gone += made
        return made
