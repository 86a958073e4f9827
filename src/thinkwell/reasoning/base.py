"""Thinker: plans the passes of one turn and names each delta as thought or answer.

A pure state machine: knows no engine, no clock, no turn. The conductor asks for a pass, runs it, feeds
what comes back, and asks again until there is none. A running pass may be closed before its end, for
others' sake (``break_off``) or to end the thought (``wants_cut``): the next pass goes on from there.
"""

from __future__ import annotations

from typing import Protocol

from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import FinishReason, Spoken
from thinkwell.values.thinking import EndedBy

__all__ = ["Spoken", "Thinker"]


class Thinker(Protocol):
    """One turn's. Every generated token fed in comes out in exactly one event, at the latest from ``close``,
    but for those of a delta that would carry the thought over its bound: it is neither said nor counted.

    After each delta fed, ``wants_cut`` has to be looked at: what is fed in spite of it is thought no more.
    """

    def next_pass(self) -> EnginePass | None:
        """The pass to run now, or None when the turn is complete."""

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        """Events for one delta of the running pass. A delta with ``finish`` ends the pass."""

    def close(self) -> list[Spoken]:
        """What was still held back, when the turn ends. Idempotent."""

    def shorten(self, budget: int) -> bool:
        """From now on the thought may take at most ``budget`` tokens in all, those so far included.

        True when that lowers what it may take. False changes nothing: the thought is over, is as short
        already, or a person lets it think on.
        """

    def answer_now(self, *, natively: bool = False) -> bool:
        """A person asks for the answer. False where there is no thought to end any more.

        Otherwise ``wants_cut`` becomes True at once; with ``natively`` the engine was told and ends the
        thought within the running pass, and is cut only if it does not within some tokens.
        """

    def think_on(self) -> int | None:
        """A person lets it think on: what load or an effort bounded is undone, and ``shorten`` refused.

        Returns the tokens that the thought may take now, None where that is no more than before. An engine
        that was told the old bound is asked anew (``wants_cut``) where a pass can be continued.
        """

    def break_off(self) -> None:
        """The running pass was closed, or lost, before its end: ``next_pass`` goes on with what was said.

        What was held back is generated again and its tokens stay counted: half a tag, or at most some lines
        where a tag may be a quotation or the rest of a cut thought may follow. Before anything was said the
        pass is simply repeated. Idempotent. Only while ``may_pause``.
        """

    @property
    def finish(self) -> FinishReason:
        """Why the last pass ended."""

    @property
    def full_budget(self) -> int | None:
        """Tokens that the thought would take at most, unshortened. None: there is no thought."""

    @property
    def asked_budget(self) -> int | None:
        """The bound of the thought that the caller asked for, by number or by effort. None: none.

        0 asks for no thought; a model that cannot do without has one all the same, shown and counted.
        """

    @property
    def ended_by(self) -> EndedBy | None:
        """Who ended the thought, once it is over, where the model did not: a person, the budget that the
        caller asked for, or the one that the load left."""

    @property
    def paces_itself(self) -> bool:
        """It holds a budget without the engine's help: the thought is a pass of its own."""

    @property
    def thinking(self) -> bool:
        """It is in its thought, or has not begun: the thought can still become shorter."""

    @property
    def wants_cut(self) -> bool:
        """Close the running pass now, ``next_pass`` goes on: the thought has taken its budget, a person asked
        for the answer, or let it think on."""

    @property
    def may_pause(self) -> bool:
        """The running pass could be broken off now and be continued. False when the turn is complete, and
        from the first piece of a tool call on."""

    @property
    def generated(self) -> int:
        """Tokens generated so far, of all passes."""

    @property
    def thought_tokens(self) -> int:
        """Those of them that are thought."""
