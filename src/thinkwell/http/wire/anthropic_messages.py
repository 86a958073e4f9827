"""From Anthropic's messages to ours: results of tools become messages of their own, thoughts are checked.

Messages of one role that follow each other are one turn, as Anthropic has it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from thinkwell.errors import BadRequest
from thinkwell.http.signatures import Said, ThoughtSigner
from thinkwell.http.wire.anthropic_blocks import (
    Block,
    ImageBlock,
    MessageParam,
    RedactedBlock,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
    UrlSource,
)
from thinkwell.http.wire.images import MOST_IMAGES, image_of
from thinkwell.http.wire.schemas import MOST_DEPTH, is_deeper
from thinkwell.values.message import Image, Message
from thinkwell.values.tool import ToolCall

LEAVE_OUT = "Send the thinking block back exactly as it came, or leave it out."
# Between the blocks of a message, which models see as one text.
BETWEEN = "\n"
Piece = str | Image


class Conversation:
    """Reads the messages of one request, in order. ``model`` is the one that is asked."""

    def __init__(self, signer: ThoughtSigner, model: str) -> None:
        self._signer = signer
        self._model = model
        self._said = Said()
        self._wanted: dict[str, None] = {}  # ids of calls that still have no result, in order
        self._images = 0
        self.messages: list[Message] = []

    @property
    def said(self) -> bytes:
        """The digest of all that was said, which the next thought is signed with."""
        return self._said.digest()

    def read(self, asked: Sequence[MessageParam]) -> None:
        """Raises BadRequest for what the shapes alone cannot say."""
        for number, message in enumerate(asked):
            where = f"messages[{number}]"
            content = message.content
            blocks = [TextBlock(text=content)] if isinstance(content, str) else content
            if message.role == "assistant":
                self._assistant(blocks, where)
            elif message.role == "system":
                self._system(blocks, where)
            else:
                self._user(blocks, where)
        self._all_answered("messages")

    def _system(self, blocks: Sequence[Block], where: str) -> None:
        texts = []
        for number, block in enumerate(blocks):
            if not isinstance(block, TextBlock):
                raise _misplaced(block, "system", f"{where}.content[{number}]")
            texts.append(block.text)
        if text := _joined(texts):
            self._append(Message("system", text))

    def _assistant(self, blocks: Sequence[Block], where: str) -> None:
        self._all_answered(where)
        texts: list[str] = []
        thoughts: list[str] = []
        calls: list[ToolCall] = []
        for number, block in enumerate(blocks):
            at = f"{where}.content[{number}]"
            if isinstance(block, TextBlock):
                texts.append(block.text)
            elif isinstance(block, ThinkingBlock):
                self._check(block, at)
                thoughts.append(block.thinking)
            elif isinstance(block, ToolUseBlock):
                calls.append(self._call(block, at))
            elif isinstance(block, RedactedBlock):
                raise BadRequest(
                    "This redacted thought was not made by this site, which makes none. Leave the block out.",
                    param=f"{at}.data",
                )
            else:
                raise _misplaced(block, "assistant", at)
        thought = _joined(thoughts) or None
        self._append(Message("assistant", _joined(texts), thought, tuple(calls)))

    def _check(self, block: ThinkingBlock, at: str) -> None:
        """That the thought is this site's own, word for word, and of this conversation."""
        if not block.signature:
            raise BadRequest(f"The thought has no signature. {LEAVE_OUT}", param=f"{at}.signature")
        if not self._signer.holds(block.signature, self._model, block.thinking, self._said.digest()):
            raise BadRequest(
                "The signature does not hold: the thought was changed, or it is not what this model thought "
                f"at this place of this conversation. {LEAVE_OUT}",
                param=f"{at}.signature",
            )

    def _call(self, block: ToolUseBlock, at: str) -> ToolCall:
        if block.id in self._wanted:
            raise BadRequest("Two tool calls have the same id.", param=f"{at}.id")
        if is_deeper(block.input, MOST_DEPTH):
            raise BadRequest(f"The input is nested deeper than {MOST_DEPTH}.", param=f"{at}.input")
        self._wanted[block.id] = None
        return ToolCall(block.id, block.name, msgspec.json.encode(block.input).decode())

    def _user(self, blocks: Sequence[Block], where: str) -> None:
        pieces: list[Piece] = []
        results = 0
        for number, block in enumerate(blocks):
            at = f"{where}.content[{number}]"
            if isinstance(block, ToolResultBlock):
                results += 1
                self.messages.append(self._result(block, at))
            elif isinstance(block, TextBlock):
                self._said.add("user", block.text)
                pieces.append(block.text)
            elif isinstance(block, ImageBlock):
                pieces.append(self._image(block, at))
            else:
                raise _misplaced(block, "user", at)
        self._all_answered(where)
        if any(pieces):
            self._append(_of_pieces(Message("user", ""), pieces))
        elif not results:
            raise BadRequest("A message needs content.", param=f"{where}.content")

    def _result(self, block: ToolResultBlock, at: str) -> Message:
        if block.tool_use_id not in self._wanted:
            raise BadRequest(
                "A tool_result answers a tool_use of the assistant's message right before it, once.",
                param=f"{at}.tool_use_id",
            )
        del self._wanted[block.tool_use_id]
        pieces: list[Piece] = ["Error:"] if block.is_error else []
        if isinstance(block.content, str):
            self._said.add("tool", block.content)
            pieces.append(block.content)
        for number, inner in enumerate(block.content if isinstance(block.content, list) else ()):
            if isinstance(inner, TextBlock):
                self._said.add("tool", inner.text)
                pieces.append(inner.text)
            else:
                pieces.append(self._image(inner, f"{at}.content[{number}]"))
        return _of_pieces(Message("tool", "", tool_call_id=block.tool_use_id), pieces)

    def _image(self, block: ImageBlock, at: str) -> Image:
        if isinstance(block.source, UrlSource):
            raise BadRequest(
                "This site fetches nothing: send the picture itself, as a base64 source.",
                param=f"{at}.source",
            )
        self._images += 1
        if self._images > MOST_IMAGES:
            raise BadRequest(f"At most {MOST_IMAGES} pictures are taken.", param=at)
        return image_of(block.source.data, f"{at}.source.data")

    def _all_answered(self, where: str) -> None:
        """Templates of models stumble over calls without results."""
        if self._wanted:
            raise BadRequest(
                f"The tool_use {next(iter(self._wanted))!r} has no tool_result: the user's next message must "
                "begin with it.",
                param=where,
            )

    def _append(self, message: Message) -> None:
        """Joined to the last one, if that has the same role."""
        last = self.messages[-1] if self.messages else None
        if last is None or last.role != message.role:
            self.messages.append(message)
            return
        pieces = [*(last.parts or (last.content,)), *(message.parts or (message.content,))]
        together = Message(
            last.role,
            "",
            _joined([last.reasoning or "", message.reasoning or ""]) or None,
            last.tool_calls + message.tool_calls,
        )
        self.messages[-1] = _of_pieces(together, pieces)


def _of_pieces(message: Message, pieces: Sequence[Piece]) -> Message:
    """``message`` with this content: as parts where there are pictures among it, else as text."""
    pieces = [piece for piece in pieces if piece]
    texts = [piece for piece in pieces if isinstance(piece, str)]
    if len(texts) == len(pieces):
        return msgspec.structs.replace(message, content=BETWEEN.join(texts))
    return msgspec.structs.replace(message, content="".join(texts), parts=tuple(pieces))


def _joined(texts: Sequence[str]) -> str:
    return BETWEEN.join(text for text in texts if text)


def _misplaced(block: Block, role: str, at: str) -> BadRequest:
    kind = block.__struct_config__.tag
    return BadRequest(f"A {kind} block has no place in a message of the {role}.", param=f"{at}.type")
