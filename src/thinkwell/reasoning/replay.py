"""What of a conversation goes back to the model: the replay policy, and what is left out when it is long."""

from __future__ import annotations

from collections.abc import Callable

from thinkwell.models.card import ModelCard, TagsDialect
from thinkwell.values.message import Message

# What a template adds around a message, in tokens: role marks and line ends. Over every family we know.
TOKENS_AROUND_A_MESSAGE = 12
TOKENS_AROUND_A_PROMPT = 64


def replay(
    card: ModelCard, messages: tuple[Message, ...], neutral: Callable[[str], str]
) -> tuple[Message, ...]:
    """Messages as the engine gets them: control literals made plain, old thoughts kept or stripped."""
    return tuple(Message(m.role, _with_thought(card, m, neutral)) for m in messages)


def _with_thought(card: ModelCard, message: Message, neutral: Callable[[str], str]) -> str:
    content = neutral(message.content)
    dialect = card.dialect
    if card.replay == "keep" and message.reasoning and isinstance(dialect, TagsDialect):
        return f"{dialect.open}\n{neutral(message.reasoning)}\n{dialect.close}\n\n{content}"
    return content


def most_tokens(messages: tuple[Message, ...], neutral: Callable[[str], str] = str) -> int:
    """An upper bound of the prompt's tokens without a tokenizer: a token is at least one byte."""
    said = sum(len(neutral(m.content).encode("utf-8", "replace")) + TOKENS_AROUND_A_MESSAGE for m in messages)
    return TOKENS_AROUND_A_PROMPT + said


def without_oldest(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The conversation less its oldest exchange; system messages and the last question stay.

    Returns the same messages when there is nothing that may go.
    """
    head = tuple(m for m in messages if m.role == "system")
    rest = [m for m in messages if m.role != "system"]
    cut = next((i for i, m in enumerate(rest) if i > 0 and m.role == "user"), None)
    return messages if cut is None else head + tuple(rest[cut:])
