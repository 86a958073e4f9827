"""TagsSplitter: for models that write their thought between two tags. Pure, blind to how text is chunked."""

from __future__ import annotations

from typing import Literal

from thinkwell.models.card import TagsDialect
from thinkwell.reasoning.quoting import Quoting, beginning, directly_quoted
from thinkwell.reasoning.splitter import NO_MARKS, Quick, calls_of
from thinkwell.values.engine import EngineDelta
from thinkwell.values.event import AnswerDelta, ReasoningDelta, Spoken, ToolCallDelta

State = Literal["start", "thought", "field", "rest", "seam", "answer"]

# After a thought that was ended by force: so many characters are looked at for a close tag, which would
# say that they are the rest of the thought. More of them where they begin as a sentence goes on.
LOOK_FOR_REST = 120
LOOK_FOR_LONG_REST = 600
_GOES_ON = ",.;:!?)]}"


class TagsSplitter:
    """The thought stands between two tags at the very beginning of the text, or comes in a field.

    A state machine over ``start`` (nothing but white space so far), ``thought``, ``field`` (the engine set
    the thought apart, no text yet), ``rest`` (what may be left of a thought that was ended by force),
    ``seam`` (white space and stray tags before the answer) and ``answer``. From ``answer`` nothing leads
    back: an answer about tags is shown as it is. At the seam an open tag begins a further thought. A tag
    may be split over any number of deltas, may be missing, or doubled; whether one within the thought is a
    quotation is told by quoting.py. Tags that wrap the whole answer are no part of it.

    Tokens of tags alone count to what comes after the thought: an engine that holds a budget of thought
    does not count them either.
    """

    lead = ""

    def __init__(self, tags: TagsDialect, opened: bool, *, cut: bool = False, within: bool = False) -> None:
        """``opened``: the prompt ends with the open tag. ``cut``: it ends with a thought cut short.
        ``within``: with a part of what goes on, of the thought where that is ``opened``, else of the answer.
        """
        self._open = tags.open
        self._close = tags.close
        self._wrap = tags.wrap
        self._begins: State = "thought" if opened else "answer" if within else "rest" if cut else "start"
        self._within = within
        self._cut = self._forced = cut
        self._said = False
        self._tokens = 0  # of what is held
        self._owed = 0  # of tags
        self.passed: list[str] = []
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._state = self._begins
        self._over = self._cut
        self._fresh = self._state == "thought" and not self._within
        self._wrote_open = False
        self._wrapped = self._within and self._state == "answer"
        self._held = ""
        self._doubt: list[str] | None = None  # what came after the last quoted close tag
        self._quoting = Quoting(self._open, self._close)
        self._quoting.forced = self._forced
        self.lead = ""

    @property
    def thinking(self) -> bool:
        return not self._over and self._state in ("start", "thought", "field")

    @property
    def quick(self) -> Quick:
        if self._held or self._tokens or (self._state == "answer" and self._owed):
            return ""
        quick: dict[State, Quick] = {"thought": "thought", "field": "field", "answer": "answer"}
        return "" if self._fresh and self._state == "thought" else quick.get(self._state, "")

    @property
    def marks(self) -> frozenset[str]:
        if self._state == "thought":
            return self._quoting.marks
        return frozenset(self._wrap[1][0]) if self._wrap and self._wrapped else NO_MARKS

    @property
    def held_tokens(self) -> int:
        return self._tokens + self._owed

    def feed(self, delta: EngineDelta) -> list[Spoken]:
        if self.passed:
            self._pass()
        events: list[Spoken] = []
        tokens = delta.tokens
        if delta.reasoning:
            events = self._set_apart(delta.reasoning, tokens)
            tokens = 0
        if delta.text or not (delta.reasoning or delta.tool_calls):
            self._held += delta.text
            self._tokens += tokens
            tokens = 0
            self._run(events)
        if delta.tool_calls:
            self._flush(events)
            self._state = "answer"
            events += calls_of(delta, tokens + self._take_owed())
        self._said = self._said or any(isinstance(event, ToolCallDelta) or event.text for event in events)
        return events

    def expect_end(self) -> None:
        self._forced = self._quoting.forced = True

    def rewind(self) -> None:
        """With nothing said yet the whole pass will be repeated, its open tag included."""
        if self.passed:
            self._pass()
        self._held = ""
        if not self._said:
            self._begin_anew()

    def close(self, *, ended: bool = False) -> list[Spoken]:
        """Held text was no tag after all; held tokens are counted to what is being said.

        Where the model ended its reply within its thought, what followed the last tag that was taken for a
        quotation may have been its answer: it is given as such too, for nobody's answer shall be lost.
        """
        if self.passed:
            self._pass()
        events: list[Spoken] = []
        self._flush(events)
        if ended and self._doubt is not None and (answer := "".join(self._doubt).strip()):
            events.append(AnswerDelta(answer, self._take_owed()))
            self._doubt = None
        if self._owed:
            events.append(AnswerDelta("", self._take_owed()))
        return events

    def _pass(self) -> None:
        text = "".join(self.passed)
        self.passed.clear()
        self._said = True
        if self._state == "thought":
            self._quoting.passed(text)
            if self._doubt is not None:
                self._doubt.append(text)

    def _set_apart(self, reasoning: str, tokens: int) -> list[Spoken]:
        """The engine parses the tags itself after all."""
        events: list[Spoken] = []
        if self._held.strip():
            self._flush(events)
        if self._state != "answer":
            self._state = "field"
        events.append(ReasoningDelta(reasoning, tokens + self._tokens))
        self._held, self._tokens = "", 0
        return events

    def _flush(self, events: list[Spoken]) -> None:
        """What is held is what it looks like, for no more comes."""
        while self._state == "thought" and self._held:
            self._think(events, whole=True)
        self._run(events)
        text, tokens = self._held, self._tokens
        if self._wrap and self._wrapped and text.startswith(self._wrap[1]):
            text = ""
        self._held, self._tokens = "", 0
        if self._state == "thought" and (text or tokens):
            events.append(ReasoningDelta(text, tokens))
        elif text.strip():
            events.append(AnswerDelta(text.lstrip(), tokens + self._take_owed()))
        else:
            self._owed += tokens

    def _run(self, events: list[Spoken]) -> None:
        while True:
            before = self._state, len(self._held)
            if self._state == "thought":
                self._think(events)
            elif self._state == "rest":
                self._look_for_rest()
            elif self._state != "answer":
                self._cross()
            if (self._state, len(self._held)) == before:
                break
        if self._state == "answer" and (self._held or self._tokens):
            text, self._held = self._unwrapped()
            if text or not self._held:
                events.append(AnswerDelta(text, self._tokens + self._take_owed()))
                self._tokens = 0

    def _unwrapped(self) -> tuple[str, str]:
        """What of the held text is answer, and what may be the tag that ends the answer and the reply."""
        text = self._held
        if not (self._wrap and self._wrapped):
            return text, ""
        end = text.rfind(self._wrap[1])
        if end < 0 or text[end + len(self._wrap[1]) :].strip():
            end = len(text) - beginning(text, self._wrap[1])
        return text[:end], text[end:]

    def _cross(self) -> None:
        """Before the thought, or between it and the answer: white space and tags are neither."""
        text = self._held.lstrip()
        if text.startswith(self._open):
            self._held = text[len(self._open) :]
            self._state, self._fresh, self._wrote_open = "thought", True, True
        elif text.startswith(self._close):
            self._held = text[len(self._close) :]
            self._ended()
        elif self._wrap and text.startswith(self._wrap[0]):
            self._held, self._wrapped = text[len(self._wrap[0]) :], True
            if self._state != "seam":
                self._ended()
        elif text and not any(
            tag.startswith(text) for tag in (self._open, self._close, *(self._wrap or ())[:1])
        ):
            rest = self._forced and self._state == "field"
            self._held, self._state = text, "rest" if rest else "answer"
        if not self._held.strip() and self._state != "start":
            self._owe()

    def _think(self, events: list[Spoken], *, whole: bool = False) -> None:
        if self._fresh and not self._drop_doubled_open() and not whole:
            return
        said, begins, closed = self._quoting.read(self._held, whole=whole)
        thought, self._held = self._held[:said], self._held[begins:]
        if thought:
            events.append(ReasoningDelta(thought, self._tokens))
            self._tokens = 0
            if self._doubt is not None:
                self._doubt.append(thought)
        if self._quoting.quoted:
            self._doubt = []
        if closed:
            self._ended()
            if not self._held.strip():
                self._owe()

    def _ended(self) -> None:
        rest = self._forced and self._state in ("thought", "field")
        self._state, self._over, self._doubt = "rest" if rest else "seam", True, None

    def _drop_doubled_open(self) -> bool:
        """White space and a second open tag at the head of a thought are no part of it."""
        text = self._held.lstrip()
        while text.startswith(self._open):
            self._held = text.removeprefix(self._open)
            self._wrote_open = True
            text = self._held.lstrip()
        if not text or self._open.startswith(text):
            return False
        lead = self._held[: len(self._held) - len(text)]
        # Templates write a line end after the tag; it came back, or the model wrote it as it was taught.
        self.lead = lead.removeprefix("\n") if self._wrote_open else lead
        self._held, self._fresh = text, False
        return True

    def _look_for_rest(self) -> None:
        """What is left of a thought that was ended by force is dropped, once a close tag shows that it is."""
        text = self._held.lstrip()
        if text.startswith(self._open):
            self._state = "seam"
            return
        goes_on = text[:1].islower() or text[:1] in _GOES_ON or self._held[:1] in (" ", "\t")
        look = LOOK_FOR_LONG_REST if goes_on else LOOK_FOR_REST
        at = self._held.find(self._close)
        while 0 <= at <= look:
            end = at + len(self._close)
            if end == len(self._held) and directly_quoted(self._held[:at], self._held[at - 1 : at]):
                return  # it may be a quotation
            if not directly_quoted(self._held[:at], self._held[end:]):
                self._held, self._state = self._held[end:], "seam"
                return
            at = self._held.find(self._close, end)
        if text and len(self._held) > look + len(self._close):
            self._state = "seam"

    def _owe(self) -> None:
        self._owed += self._tokens
        self._tokens = 0

    def _take_owed(self) -> int:
        owed, self._owed = self._owed, 0
        return owed
