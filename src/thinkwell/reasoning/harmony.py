"""HarmonySplitter: for gpt-oss where the engine leaves its channels in the text. Pure, blind to chunking.

Written from the format's own description (openai/harmony, docs/format.md). A reply is messages: a header,
``<|message|>``, content, and ``<|end|>``, ``<|return|>`` or ``<|call|>``. The header names a channel and,
for a call, a recipient (in either part of it):

- ``analysis`` is thought; so is what goes to a tool of the model's own there (python, browser);
- ``final`` is the answer;
- ``commentary`` to ``functions.x`` is a call of the tool x; without a recipient it is a preamble, which the
  format wants people to see: it is answer.

No control literal ever comes out, wherever it stands. Text that begins with none was parsed by the engine
already and is answer.
"""

from __future__ import annotations

import re
from typing import Literal

from thinkwell.reasoning.quoting import beginning
from thinkwell.reasoning.splitter import NO_MARKS, Quick, calls_of
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta, Spoken, ToolCallDelta

LITERALS = (
    "<|start|>",
    "<|end|>",
    "<|message|>",
    "<|channel|>",
    "<|constrain|>",
    "<|return|>",
    "<|call|>",
)
_LITERAL = re.compile("|".join(re.escape(literal) for literal in LITERALS))
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)")
_RECIPIENT = re.compile(r"\bto=([^\s<]+)")
# A header is a few words. What is longer is none, and is thrown away.
_LONGEST_HEADER = 512
_MARKS = frozenset("<")

Kind = Literal["start", "header", "thought", "answer", "call"]


class HarmonySplitter:
    """``call_id`` begins the ids that calls get, for the format has none. It has to be the turn's own."""

    lead = ""
    passed: list[str] | None = None

    def __init__(self, call_id: str) -> None:
        self._call_id = call_id
        self._kind: Kind = "start"
        self._held = ""
        self._header = ""
        self._calls = 0
        self._said: set[Kind] = set()
        self._between = False  # the next piece begins a further message of a kind of which one was said
        self.held_tokens = 0
        self.thinking = True

    @property
    def quick(self) -> Quick:
        if self._held or self.held_tokens or self._between:
            return ""
        return self._kind if self._kind in ("thought", "answer") else ""

    @property
    def marks(self) -> frozenset[str]:
        return _MARKS if self._kind in ("thought", "answer") else NO_MARKS

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        events: list[Spoken] = []
        tokens = delta.tokens
        if delta.reasoning:
            events.append(ReasoningDelta(delta.reasoning, tokens))
            tokens = 0
        if delta.text or not (delta.reasoning or delta.tool_calls):
            self._held += delta.text
            self.held_tokens += tokens
            tokens = 0
            self._run(events)
        if delta.tool_calls:
            self.thinking = False
            events += calls_of(delta, tokens)
        return events

    def expect_end(self) -> None:
        """The channels tell by themselves where a thought ends."""

    def rewind(self) -> None:
        """A reply in channels is never gone on with: it is repeated."""
        self._held = self._header = ""
        self._kind = "start"

    def close(self, *, ended: bool = False) -> list[Spoken]:
        events: list[Spoken] = []
        if self._kind == "start" and self._held.strip():
            self._begin("answer")
        # Half a literal is as little to be shown as a whole one.
        text = "" if self._kind in ("start", "header") or self._held.startswith("<|") else self._held
        self._held = self._header = ""
        if text or self.held_tokens:
            self._say(text, events)
        return events

    def _run(self, events: list[Spoken]) -> None:
        if self._kind == "start" and not self._starts():
            return
        at = 0
        for found in _LITERAL.finditer(self._held):
            self._take(self._held[at : found.start()], events)
            self._turn(found[0], events)
            at = found.end()
        rest = self._held[at:]
        kept = max(beginning(rest, literal) for literal in LITERALS)
        self._held = rest[len(rest) - kept :]
        self._take(rest[: len(rest) - kept], events)

    def _starts(self) -> bool:
        """The prompt ends with ``<|start|>assistant``, which some engines give back."""
        text = self._held.lstrip()
        head = text.removeprefix("assistant").lstrip()
        if _LITERAL.match(head):
            self._held, self._kind = head, "header"
            return True
        if "assistant".startswith(text) or any(literal.startswith(head) for literal in LITERALS):
            return False
        self._held = text
        self._begin("answer")
        return True

    def _take(self, text: str, events: list[Spoken]) -> None:
        if self._kind == "header":
            self._header = (self._header + text)[:_LONGEST_HEADER]
        elif text:
            self._say(text, events)

    def _turn(self, literal: str, events: list[Spoken]) -> None:
        """What a control literal makes of what follows it."""
        if literal == "<|message|>":
            if self._kind == "header":
                self._open(events)
        elif literal in ("<|channel|>", "<|constrain|>"):
            if self._kind != "header" and literal == "<|channel|>":
                self._kind, self._header = "header", ""
            self._header += literal
        else:
            self._kind, self._header = "header", ""

    def _open(self, events: list[Spoken]) -> None:
        channel = found[1] if (found := _CHANNEL.search(self._header)) else "final"
        recipient = found[1] if (found := _RECIPIENT.search(self._header)) else ""
        self._header = ""
        if recipient.startswith("functions.") or (recipient and channel == "commentary"):
            name = recipient.removeprefix("functions.")
            self._kind, self.thinking, self._between = "call", False, False
            call_id = f"{self._call_id}_{self._calls}"
            events.append(ToolCallDelta(self._calls, "", call_id, name, self._take_tokens()))
            self._calls += 1
        else:
            self._begin("thought" if recipient or channel == "analysis" else "answer")

    def _begin(self, kind: Kind) -> None:
        self._between = kind in self._said
        self._kind = kind
        if kind == "answer":
            self.thinking = False

    def _say(self, text: str, events: list[Spoken]) -> None:
        tokens = self._take_tokens()
        if self._between and text:
            self._between, text = False, "\n\n" + text
        if text:
            self._said.add(self._kind)
        if self._kind == "call":
            events.append(ToolCallDelta(self._calls - 1, text, tokens=tokens))
        elif self._kind == "thought":
            events.append(ReasoningDelta(text, tokens))
        else:
            events.append(AnswerDelta(text, tokens))

    def _take_tokens(self) -> int:
        tokens, self.held_tokens = self.held_tokens, 0
        return tokens
