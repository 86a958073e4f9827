"""The items of a response, as a turn's events make them. The one fold of them: streamed, whole and stored
responses have the same items. Knows no bytes.

Thought and answer follow each other, each in an item that ends when the other begins. Pieces of calls may
come mixed, so that calls are complete at the end of the turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from thinkwell.http.wire.responses_items import (
    Made,
    MadeCall,
    MadeMessage,
    MadeText,
    MadeThought,
    MadeThoughtText,
    Status,
)
from thinkwell.values.event import AnswerDelta, ReasoningDelta, Spoken, ToolCallDelta, TurnEvent

Seal = Callable[[str], str]
PREFIXES: dict[type, str] = {ReasoningDelta: "rs", AnswerDelta: "msg", ToolCallDelta: "fc"}


class Item:
    """``kind`` is the event that it is made of; ``index`` its place in the output, None where hidden."""

    __slots__ = ("call_id", "id", "index", "kind", "name", "pieces", "sealed", "status")

    def __init__(self, kind: type[Spoken], id: str, index: int | None) -> None:
        self.kind = kind
        self.id = id
        self.index = index
        self.pieces: list[str] = []
        self.status: Status = "in_progress"
        self.sealed: str | None = None
        self.call_id = ""
        self.name = ""

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def made(self) -> Made:
        """As it is now; of a text that has just begun there is no content yet."""
        text = self.text
        if self.kind is ReasoningDelta:
            return MadeThought(
                id=self.id,
                status=self.status,
                content=[MadeThoughtText(text=text)] if text else [],
                encrypted_content=self.sealed,
            )
        if self.kind is AnswerDelta:
            content = [MadeText(text=text)] if text else []
            return MadeMessage(id=self.id, status=self.status, content=content)
        return MadeCall(id=self.id, status=self.status, call_id=self.call_id, name=self.name, arguments=text)


class Output:
    """``seal`` is given where thoughts are to be handed out sealed; with ``show`` False they are hidden."""

    def __init__(self, response_id: str, *, show: bool = True, seal: Seal | None = None) -> None:
        self._unique = response_id.partition("_")[2] or response_id
        self._show = show
        self._seal = seal
        self._shown = 0
        self._items: list[Item] = []
        self._calls: dict[int, Item] = {}
        self._call_ids: set[str] = set()
        self.open: Item | None = None  # the thought or message that is being said

    def turn_to(self, kind: type[ReasoningDelta | AnswerDelta]) -> Item:
        """Begin a thought or a message. The caller has ended what was open."""
        assert self.open is None
        self.open = self._begin(kind)
        return self.open

    def end_open(self, status: Status = "completed") -> Item | None:
        """End the thought or message that is being said, and return it."""
        item, self.open = self.open, None
        if item is not None:
            self._end(item, status)
        return item

    def call(self, event: ToolCallDelta) -> tuple[Item, bool]:
        """The call that this is a piece of, and whether it begins with it. Nothing else is open."""
        assert self.open is None
        item = self._calls.get(event.index)
        if item is not None:
            return item, False
        item = self._calls[event.index] = self._begin(ToolCallDelta)
        item.call_id = event.id or f"call_{self._unique}_{event.index}"
        while item.call_id in self._call_ids:  # an engine's ids may be alike; a client's answers must not be
            item.call_id += f"_{event.index}"
        self._call_ids.add(item.call_id)
        item.name = event.name or ""
        return item, True

    def end(self, *, complete: bool) -> list[Item]:
        """End all that is open, and return it. What was cut off is incomplete."""
        status: Status = "completed" if complete else "incomplete"
        ended = [item for item in (self.end_open(status),) if item is not None]
        for item in self._calls.values():
            self._end(item, status)
            ended.append(item)
        self._calls = {}
        return ended

    def take(self, events: Iterable[TurnEvent]) -> None:
        """All of it at once, for those who print nothing."""
        for event in events:
            if isinstance(event, ReasoningDelta | AnswerDelta):
                if event.text:
                    if self.open is None or self.open.kind is not type(event):
                        self.end_open()
                        self.turn_to(type(event))
                    assert self.open is not None
                    self.open.pieces.append(event.text)
            elif isinstance(event, ToolCallDelta):
                self.end_open()
                self.call(event)[0].pieces.append(event.arguments)

    def made(self, *, hidden_too: bool = False) -> list[Made]:
        return [item.made() for item in self._items if hidden_too or item.index is not None]

    def _begin(self, kind: type[Spoken]) -> Item:
        index = None
        if self._show or kind is not ReasoningDelta:
            index = self._shown
            self._shown += 1
        item = Item(kind, f"{PREFIXES[kind]}_{self._unique}_{len(self._items)}", index)
        self._items.append(item)
        return item

    def _end(self, item: Item, status: Status) -> None:
        item.status = status
        if self._seal is not None and item.kind is ReasoningDelta and item.index is not None:
            item.sealed = self._seal(item.text)
