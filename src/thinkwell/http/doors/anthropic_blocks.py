"""The blocks of a message at the Anthropic door, streamed or whole. One is closed before the next opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec

from thinkwell.http.wire.anthropic_replies import BlockStart, SaidBlock, SaidCall, SaidText, SaidThought
from thinkwell.turns.spoken import called
from thinkwell.values.event import AnswerDelta, ReasoningDelta, ToolCallDelta, TurnEvent
from thinkwell.values.tool import ToolCall

encode = msgspec.json.encode

# Gives the signature of a thought, as it is sent.
Sign = Callable[[str], str]
Kind = Literal["text", "thinking", "tool_use"]

# Of a delta only the text differs: what stands around it is the same for all deltas of a block.
AFTER = b"}}\n\n"
_FIELDS = {
    "text": b'{"type":"text_delta","text":',
    "thinking": b'{"type":"thinking_delta","thinking":',
    "tool_use": b'{"type":"input_json_delta","partial_json":',
}
_SIGNATURE = b'{"type":"signature_delta","signature":'


class OpenBlock:
    """The block of a stream that is being written: ``kind`` None before the first and after the last.

    ``before`` is what stands before the text of each of its deltas. ``shown`` gathers the thought that is
    sent, for its signature.
    """

    __slots__ = ("_index", "_sign", "_started_calls", "_turn_id", "before", "call", "kind", "shown")

    def __init__(self, turn_id: str, sign: Sign) -> None:
        self._turn_id = turn_id
        self._sign = sign
        self._index = -1
        self._started_calls: set[int] = set()
        self.kind: Kind | None = None
        self.call: int | None = None
        self.before = b""
        self.shown: list[str] = []

    def text(self) -> bytes:
        """Close what is open, and open a block of text."""
        return self.close() + self._open("text", SaidText(""))

    def thought(self) -> bytes:
        self.shown = []
        return self.close() + self._open("thinking", SaidThought("", ""))

    def tool_call(self, piece: ToolCallDelta) -> bytes | None:
        """As ``text``; None for a call whose block was closed before: it cannot be opened again."""
        if piece.index in self._started_calls:
            return None
        closed = self.close()
        self._started_calls.add(piece.index)
        self.call = piece.index
        call = ToolCall(piece.id or "", piece.name or "", "")
        return closed + self._open("tool_use", _made(call, _id_of(piece, self._turn_id)))

    def close(self) -> bytes:
        """Nothing where nothing is open. A thought is signed when it ends."""
        kind, self.kind, self.call = self.kind, None, None
        if kind is None:
            return b""
        said = _event(b"content_block_stop", b'{"type":"content_block_stop","index":%d}' % self._index)
        if kind == "thinking":
            signature = encode(self._sign("".join(self.shown)))
            return self._delta_head() + _SIGNATURE + signature + AFTER + said
        return said

    def _open(self, kind: Kind, block: SaidBlock) -> bytes:
        self._index += 1
        self.kind = kind
        self.before = self._delta_head() + _FIELDS[kind]
        return _event(b"content_block_start", encode(BlockStart(index=self._index, content_block=block)))

    def _delta_head(self) -> bytes:
        return (
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":'
            % self._index
        )


def _event(name: bytes, data: bytes) -> bytes:
    return b"event: " + name + b"\ndata: " + data + b"\n\n"


def event_of(data: msgspec.Struct) -> bytes:
    """A frame named by the tag of what it holds."""
    return _event(str(data.__struct_config__.tag).encode(), encode(data))


def said_blocks(said: Iterable[TurnEvent], turn_id: str, sign: Sign, *, show: bool) -> list[SaidBlock]:
    """All that was said, in the blocks in which it would have been streamed: a call has the id with which it
    began."""
    said = list(said)
    blocks: list[tuple[Kind, list[str], int]] = []
    calls: dict[int, str] = {}
    for event in said:
        if isinstance(event, ToolCallDelta):
            if event.index not in calls:
                calls[event.index] = _id_of(event, turn_id)
                blocks.append(("tool_use", [], event.index))
        elif isinstance(event, AnswerDelta | ReasoningDelta) and event.text:
            kind: Kind = "text" if isinstance(event, AnswerDelta) else "thinking"
            if not blocks or blocks[-1][0] != kind:
                blocks.append((kind, [], 0))
            if kind == "text" or show:
                blocks[-1][1].append(event.text)
    made = dict(zip(sorted(calls), called(said), strict=True))
    return [
        _made(made[index], calls[index]) if kind == "tool_use" else _spoken(kind, "".join(texts), sign)
        for kind, texts, index in blocks
    ]


def _spoken(kind: Kind, text: str, sign: Sign) -> SaidBlock:
    return SaidText(text) if kind == "text" else SaidThought(text, sign(text))


def _id_of(piece: ToolCallDelta, turn_id: str) -> str:
    """Of a call that begins. An engine may leave out the id; a client needs one to answer."""
    return piece.id or f"toolu_{turn_id}_{piece.index}"


def _made(call: ToolCall, call_id: str) -> SaidCall:
    return SaidCall(id=call_id, name=call.name, input=_input_of(call.arguments))


def _input_of(arguments: str) -> dict[str, Any]:
    """What the model wrote, as an object; what is none is told as Anthropic advises to tell it."""
    if not arguments:
        return {}
    try:
        found = msgspec.json.decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"INVALID_JSON": arguments}
