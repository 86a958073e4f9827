"""Checking a model card against the engine that is to run it: what is asked, and what the replies mean. Pure.

Two short questions at most, asked as a turn would ask them. The first shows where the thought comes and
whether a small budget of it is held; the second whether thinking can be switched off. Every known way of
speaking reads the reply beside the others, each with its own splitter: the one that finds a thought with
an end, or an open tag, is the model's. An engine that shows its prompts is also looked at there: whether
the prompt opens the thought, and whether one that was begun is gone on with. A model that is made to think
by the site is asked nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from thinkwell.models.card import (
    Dialect,
    FieldsDialect,
    HarmonyDialect,
    ModelCard,
    PlainDialect,
    PromptedDialect,
    TagsDialect,
)
from thinkwell.reasoning.splitters import Splitters
from thinkwell.reasoning.thinkers import thinker_for
from thinkwell.values.caller import Caller
from thinkwell.values.engine import EngineDelta, EnginePass
from thinkwell.values.event import ReasoningDelta
from thinkwell.values.message import Message
from thinkwell.values.thinking import Thinking
from thinkwell.values.turn import TurnRequest

# Short to answer without a thought, and worth more than BUDGET tokens to every model that thinks.
QUESTION = "What is 17 + 25? Answer with the number."
BUDGET = 16
# A model that ends its thought before this many tokens shows nothing of its engine.
TELLING = BUDGET // 2
MOST_TOKENS = 512
# So much of an answer without a thought is enough to believe that none comes.
QUIET_TOKENS = 64
# A thought that was begun, to see what a prompt makes of it.
BEGUN = "Hm"


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """None: it was not found out. ``dialect`` is how the model spoke, where it thought at all.

    ``opens``: the prompt opens the thought, with the tag of ``opening``. ``least_budget`` ends one at once.
    ``goes_on``: a thought that was begun is gone on with.
    """

    dialect: Dialect | None = None
    thought: bool | None = None
    opens: bool | None = None
    opening: TagsDialect | None = None
    least_budget: int = 0
    goes_on: bool | None = None
    holds_budget: bool | None = None
    switches_off: bool | None = None
    counts: bool | None = None


class CardCheck:
    """``known`` are the ways of speaking that the model may turn out to have. ``limits``: the engine is
    thought to hold budgets."""

    def __init__(self, card: ModelCard, known: Iterable[Dialect], *, limits: bool) -> None:
        self._card = card
        self._known = tuple(known)
        self._limits = limits
        self._tags = [one for one in (card.dialect, *self._known) if isinstance(one, TagsDialect)]
        self._stage = "done" if isinstance(card.dialect, PromptedDialect) else "begin"
        self._reading: _Reading | None = None
        self.findings = Findings()
        self.cut_tokens = 0  # heard of replies that were not heard to their end

    def prompts(self) -> tuple[EnginePass, EnginePass] | None:
        """What ``look_at`` wants to see the prompts of, before the first question: one, and one with a
        thought begun."""
        if self._stage == "done":
            return None
        asked = self._asked(Thinking())
        begun = (*asked.messages, Message("assistant", "", BEGUN))
        return asked, msgspec.structs.replace(asked, messages=begun, continue_last=True)

    def look_at(self, asked: str, begun: str) -> None:
        opening = next((tags for tags in self._tags if asked.rstrip().endswith(tags.open)), None)
        head = begun.removesuffix(BEGUN)
        self._change(
            opens=opening is not None,
            opening=opening,
            # llama.cpp counts the white space after the tag as thought; without a token of budget for it,
            # it would swallow the beginning of the end tag.
            least_budget=int(opening is not None and asked[-1:].isspace()),
            goes_on=head != begun and any(head.rstrip().endswith(tags.open) for tags in self._tags),
        )
        self._card = corrected(self._card, self.findings)

    def next_pass(self) -> EnginePass | None:
        """The next question, or None."""
        if self._stage == "begin":
            self._stage = "thought"
            self._reading = _Reading(_candidates(self._card.dialect, self._known))
            asked = self._asked(Thinking(budget=BUDGET))
            self._limits = self._limits and asked.thinking_budget is not None
            return asked
        self._note()
        if self._stage == "thought" and self.findings.thought and self._card.switches.off:
            self._stage = "off"
            self._reading = _Reading(_candidates(self._card.dialect, ()))
            # Without the budget: it is the switch that is looked at.
            return msgspec.structs.replace(self._asked(Thinking(effort="none")), thinking_budget=None)
        self._stage = "done"
        return None

    def feed(self, delta: EngineDelta) -> bool:
        """False: enough was heard."""
        assert self._reading is not None
        reading = self._reading
        reading.feed(delta)
        if reading.finished:
            return False
        heard = reading.heard
        if self._stage == "off":
            return heard is None and reading.tokens < QUIET_TOKENS
        if heard is None:
            return True
        if not self._limits:
            return heard.thought_tokens < TELLING
        return not heard.over and heard.thought_tokens <= BUDGET + reading.largest

    def refused(self) -> None:
        """The engine refused the question: what it was to show, it has not."""
        self._reading = None
        if self._stage == "off":
            self._change(switches_off=False)

    def _note(self) -> None:
        reading, self._reading = self._reading, None
        if reading is None or not reading.tokens:
            return
        if not reading.finished:
            self.cut_tokens += reading.tokens
        heard = reading.heard
        if self._stage == "off":
            enough = reading.finished or reading.tokens >= QUIET_TOKENS
            self._change(switches_off=False if heard is not None else True if enough else None)
            return
        self._change(
            dialect=heard.dialect if heard else None,
            thought=heard is not None,
            holds_budget=_holds(heard, reading.largest) if self._limits and heard else None,
            counts=reading.counts,
        )
        self._card = corrected(self._card, self.findings)

    def _change(self, **found: object) -> None:
        self.findings = msgspec.structs.replace(self.findings, **found)

    def _asked(self, thinking: Thinking) -> EnginePass:
        asked = TurnRequest(
            id="check",
            caller=Caller(kind="visitor", id="check", person="check"),
            model=self._card.name,
            messages=(Message("user", QUESTION),),
            max_tokens=MOST_TOKENS,
            thinking=thinking,
        )
        wanted = thinker_for(self._card, asked, None).next_pass()
        assert wanted is not None
        return wanted


def corrected(card: ModelCard, findings: Findings) -> ModelCard:
    """The card as the engine makes it true.

    A card that promises a thought of which nothing was seen is left as it is: it may think of other things.
    """
    dialect = _dialect(card, findings)
    changed: dict[str, object] = {"dialect": dialect}
    if findings.switches_off is False:
        changed["switches"] = msgspec.structs.replace(card.switches, off={})
    if findings.goes_on is not None and isinstance(dialect, TagsDialect | FieldsDialect):
        changed["continues"] = findings.goes_on
    return msgspec.structs.replace(card, **changed)


def _dialect(card: ModelCard, findings: Findings) -> Dialect:
    """What was heard, before what the prompt shows, before what the card says.

    Some engines give back the tag with which the prompt ends: then the prompt says who opened the thought.
    """
    dialect = findings.dialect or card.dialect
    if findings.dialect is None and findings.opening is not None and isinstance(dialect, PlainDialect):
        dialect = findings.opening
    if findings.opens is not None and isinstance(dialect, TagsDialect):
        dialect = msgspec.structs.replace(dialect, opened=findings.opens)
    return dialect


def said_of(card: ModelCard, findings: Findings) -> list[str]:
    """What was found, in sentences for the operator. ``card`` as it was."""
    if isinstance(card.dialect, PromptedDialect):
        return ["This model has no thought of its own; the site makes it think."]
    said = [_said_of_thought(card, findings)]
    if findings.holds_budget is not None:
        said.append(
            "The engine ends a thought at its budget."
            if findings.holds_budget
            else "The engine does not hold a budget of thought; the site does."
        )
    if findings.switches_off is not None:
        said.append(
            "Thinking can be switched off."
            if findings.switches_off
            else "Thinking cannot be switched off as the card says; the site hides an unwanted thought."
        )
    if findings.counts is False:
        said.append("The engine counts its tokens at the end only; until then pieces are counted.")
    return said


def _said_of_thought(card: ModelCard, findings: Findings) -> str:
    if findings.thought is None:
        return "The model card was not checked."
    if findings.dialect is None:
        if isinstance(card.dialect, PlainDialect | FieldsDialect):
            return "No thought was seen."
        return "No thought was seen, although the model card promises one; the card was kept."
    found = _dialect(card, findings)
    where = _named(found)
    if found == card.dialect:
        return f"The thought comes {where}."
    return f"The thought comes {where}; the model card said {_named(card.dialect)}, and was corrected."


def _named(dialect: Dialect) -> str:
    match dialect:
        case TagsDialect(opened=True):
            return f"at once, up to {dialect.close}"
        case TagsDialect():
            return f"between {dialect.open} and {dialect.close}"
        case HarmonyDialect():
            return "in channels"
        case FieldsDialect():
            return "in a field of its own"
        case _:
            return "nowhere"


class _Candidate:
    """One way of speaking, reading along."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._splitter = Splitters(dialect, "check").begin(quiet=False)
        self.thought_tokens = 0
        self.said = False

    def feed(self, delta: EngineDelta) -> None:
        for event in self._splitter.feed(delta):
            if isinstance(event, ReasoningDelta):
                self.thought_tokens += event.tokens
                self.said = self.said or bool(event.text.strip())

    @property
    def over(self) -> bool:
        return not self._splitter.thinking

    @property
    def convinces(self) -> bool:
        """A thought was seen: one that the prompt is said to have opened only where its end was seen too."""
        opened = isinstance(self.dialect, TagsDialect) and self.dialect.opened
        return self.said and (self.over or not opened)


class _Reading:
    """A reply as it comes, read in every way at once."""

    def __init__(self, dialects: tuple[Dialect, ...]) -> None:
        self._candidates = [_Candidate(dialect) for dialect in dialects]
        self._field = _Candidate(FieldsDialect())
        self.tokens = 0
        self.largest = 1
        self.finished = False
        self.counts: bool | None = None

    def feed(self, delta: EngineDelta) -> None:
        if delta.finish is not None:
            self.finished = True
        elif self.counts is None:
            self.counts = delta.prompt_tokens is not None
        self.tokens += delta.tokens
        self.largest = max(self.largest, delta.tokens)
        self._field.feed(delta)
        for candidate in self._candidates:
            candidate.feed(delta)

    @property
    def heard(self) -> _Candidate | None:
        """The way of speaking in which there is a thought."""
        if self._field.said:
            return self._field
        return next((one for one in self._candidates if one.convinces), None)


def _candidates(first: Dialect, known: Iterable[Dialect]) -> tuple[Dialect, ...]:
    """The card's own way first; tags also as if the prompt had, or had not, opened them."""
    made: dict[object, Dialect] = {}
    for dialect in (first, *known, HarmonyDialect()):
        if isinstance(dialect, TagsDialect):
            made.setdefault((dialect.open, dialect.close, dialect.opened), dialect)
            other = not dialect.opened
            made.setdefault(
                (dialect.open, dialect.close, other), msgspec.structs.replace(dialect, opened=other)
            )
        elif isinstance(dialect, HarmonyDialect):
            made.setdefault("harmony", dialect)
    return tuple(made.values())


def _holds(heard: _Candidate, largest: int) -> bool | None:
    if heard.thought_tokens > BUDGET + largest:
        return False
    return True if heard.over and heard.thought_tokens >= TELLING else None
