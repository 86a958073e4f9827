"""What a scenario of an engine's behaviour is made of. Knows no engine and no HTTP."""

from __future__ import annotations

from typing import Literal

import msgspec

from thinkwell.values.engine import EngineDelta
from thinkwell.values.tool import ToolCallPiece

Fault = Literal["dies", "cut", "stalls", "refuses", "too_long", "garbage"]
Finish = Literal["stop", "length", "tool_calls"]

STALLED_GATE = "stalled"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step; exactly one of text, reasoning, call, gate, pause_s, finish and fault is given.

    ``tokens`` generated tokens stand in a ``text``, ``reasoning`` or ``call``, which is a piece of a tool
    call. ``gate`` waits while a test holds
    the gate of that name; ``pause_s`` passes time on the fake's clock; ``finish`` is the last delta.
    """

    text: str | None = None
    reasoning: str | None = None
    call: ToolCallPiece | None = None
    tokens: int = 1
    gate: str | None = None
    pause_s: float | None = None
    finish: Finish | None = None
    fault: Fault | None = None

    def __post_init__(self) -> None:
        kinds = (self.text, self.reasoning, self.call, self.gate, self.pause_s, self.finish, self.fault)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("a step says exactly one of text, reasoning, call, gate, pause_s, finish, fault")

    @property
    def says(self) -> bool:
        """It stands for generated tokens."""
        return self.text is not None or self.reasoning is not None or self.call is not None


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``steps`` end in ``finish`` or ``fault``. Token counts of the prompt are what the engine reports."""

    name: str
    about: str
    steps: tuple[Step, ...]
    prompt_tokens: int | None = 12
    cached_tokens: int | None = None

    def __post_init__(self) -> None:
        if not self.steps or (self.steps[-1].finish is None and self.steps[-1].fault is None):
            raise ValueError("a scenario ends in finish or fault")

    @property
    def text(self) -> str:
        """All that is sent as plain output."""
        return "".join(step.text or "" for step in self.steps)

    @property
    def reasoning(self) -> str:
        """All that is sent in the thought's own field."""
        return "".join(step.reasoning or "" for step in self.steps)

    @property
    def tokens(self) -> int:
        return sum(step.tokens for step in self.steps if step.says)

    @property
    def finish(self) -> Finish | None:
        return self.steps[-1].finish

    def delta(self, step: Step, *, first: bool) -> EngineDelta | None:
        """The step as an engine's delta, or None for a step that says nothing."""
        if not step.says and step.finish is None:
            return None
        known = first or step.finish is not None
        return EngineDelta(
            text=step.text or "",
            reasoning=step.reasoning or "",
            tool_calls=() if step.call is None else (step.call,),
            tokens=0 if step.finish else step.tokens,
            prompt_tokens=self.prompt_tokens if known else None,
            cached_tokens=self.cached_tokens if known else None,
            finish=step.finish,
        )


def say(text: str, tokens: int = 1) -> Step:
    return Step(text=text, tokens=tokens)


def think(reasoning: str, tokens: int = 1) -> Step:
    return Step(reasoning=reasoning, tokens=tokens)


def call(*pieces: str, name: str, id: str, index: int = 0) -> tuple[Step, ...]:
    """A tool call whose arguments come in pieces, a token each."""
    first = Step(call=ToolCallPiece(index=index, id=id, name=name))
    return (first, *(Step(call=ToolCallPiece(index=index, arguments=piece)) for piece in pieces))


def gate(name: str) -> Step:
    return Step(gate=name)


def pause(seconds: float) -> Step:
    return Step(pause_s=seconds)


def end(finish: Finish = "stop") -> Step:
    return Step(finish=finish)


def fault(kind: Fault) -> Step:
    return Step(fault=kind)
