"""The simulated model's language: its tokenizer, its template, what it says and how one directs it.

A token is four bytes of UTF-8 (the last one of a text may be shorter), so a prompt of n bytes has
ceil(n / 4) tokens. Every word that the model says is one token, four ASCII bytes long: what it said
counts the same when it comes back in a later prompt.

A person directs the model in the last user message: ``[[think=200 answer=100]]``. Others: ``tags``
(the thought in the text, between tags), ``call=get_time`` (in place of an answer a call of that tool, whose
only argument is the tale; the tool has to be offered), ``die=5`` (cut the connection after five tokens),
``stall`` or ``stall=5`` (say nothing more, keep the connection), ``status=500`` (answer with that status).
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import msgspec

OPEN_TAG = "<think>"
CLOSE_TAG = "</think>"
TOKEN_BYTES = 4

# Three letters and a space each.
_TALE = (
    "the sea and sky are old but new day has one sun for all who ask and see the way out now let "
    "you try add two get six not ten its sum can run far yet few may say why how too big low set "
)
WORDS = tuple(_TALE[i : i + TOKEN_BYTES] for i in range(0, len(_TALE), TOKEN_BYTES))
_DIRECTIVE = re.compile(r"\[\[([a-z0-9=._ ]{1,200})\]\]")


class Directives(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a request asks of the simulated model. None leaves it to the draw."""

    think: int | None = None
    answer: int | None = None
    die: int | None = None
    stall: int | None = None
    status: int | None = None
    call: str | None = None
    tags: bool = False


def directives_in(text: str) -> Directives:
    """The directives of a message. Raises ValueError for one that is not known."""
    found: dict[str, str | bool] = {}
    for match in _DIRECTIVE.finditer(text):
        for part in match.group(1).split():
            name, _, value = part.partition("=")
            found[name] = value or (name == "tags" or "0")
    try:
        return msgspec.convert(found, Directives, strict=False)
    except msgspec.ValidationError as problem:
        raise ValueError(f"unknown directive: {problem}") from None


class Saying(msgspec.Struct, frozen=True):
    """How many tokens of thought and answer the model will say."""

    think: int
    answer: int


def draw(rng: random.Random, *, think: float, answer: float) -> Saying:
    """Lengths about the given medians, long-tailed as those of reasoning models are (sigma 0.8)."""

    def length(median: float) -> int:
        return round(median * min(16.0, rng.lognormvariate(0.0, 0.8)))

    return Saying(length(think) if think else 0, max(1, length(answer)))


def render(messages: Sequence[tuple[str, str, str]], *, go_on: bool) -> str:
    """The prompt of (role, reasoning, content) messages; ``go_on`` leaves the last one open."""
    parts: list[str] = []
    for role, reasoning, content in messages:
        thought = f"({reasoning}) " if reasoning else ""
        parts.append(f"{role}: {thought}{content}\n")
    if go_on:
        parts[-1] = parts[-1][:-1]
    else:
        parts.append("assistant: ")
    return "".join(parts)


def count_tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // TOKEN_BYTES)


def tokenize(text: str) -> list[int]:
    data = text.encode("utf-8", "replace")
    return [int.from_bytes(data[i : i + TOKEN_BYTES]) for i in range(0, len(data), TOKEN_BYTES)]


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """An assistant's message that the model is to go on with.

    ``over`` says that its thought is complete although nothing of the answer was said. With ``tags`` the
    model had written the open tag before ``reasoning``, a token that is not in it.
    """

    reasoning: str = ""
    content: str = ""
    over: bool = False
    tags: bool = False


def still_to_say(saying: Saying, begun: Begun) -> Saying:
    """What is left of ``saying``. A message that was opened with a tag in its content is understood too."""
    thought, tag, rest = begun.content.partition(CLOSE_TAG)
    if begun.content.startswith(OPEN_TAG) and not tag:
        told = 1 + count_tokens(thought.removeprefix(OPEN_TAG))
        return Saying(max(0, saying.think - told), saying.answer)
    answered = rest.lstrip() if tag else begun.content
    if answered or tag or begun.over:
        return Saying(0, max(1, saying.answer - count_tokens(answered)))
    told = count_tokens(begun.reasoning) + bool(begun.tags and begun.reasoning)
    return Saying(max(0, saying.think - told), saying.answer)


# The first and the last token of a call's arguments; the words of the tale stand between them.
CALL_BEGINS, CALL_ENDS = '{"said": "', '"}'


def words(offset: int, count: int) -> list[str]:
    """``count`` words of the model's only tale, from its ``offset``-th."""
    total = len(WORDS)
    return [WORDS[i % total] for i in range(offset, offset + count)]
