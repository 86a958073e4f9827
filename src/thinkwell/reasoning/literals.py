"""Control literals in people's text: shown to the model as plain text, never as control tokens.

Engines read a prompt's text for the literals of their control tokens (role marks, think tags); whoever
types one could speak in another's role. A word joiner after the first character takes that power
away and leaves the text readable. What is stored and shown to people is never changed.
"""

from __future__ import annotations

import re

from thinkwell.models.card import ModelCard, TagsDialect

WORD_JOINER = "\u2060"

# The shapes that control tokens have in the families people run: <|im_start|>, <｜User｜>, [INST],
# <start_of_turn>, <s>, <<SYS>>, <think>, <tool_call>, <unused12>, <turn|>, <seed:eos>,
# ]~b], and the llama.cpp media marker.
_FAMILIES = (
    r"<[|｜][^<>\s]{0,64}?[|｜]>"
    r"|<\|[^<>\s]{0,64}?>"
    r"|<[a-z_]{1,32}\|>"
    r"|</?(?:s|bos|eos|pad|unk|mask|sep|cls|start_of_turn|end_of_turn|turn|channel|think|thinking|thought|reasoning"
    r"|seed:[a-z_]{1,24}|minimax:tool_call|tool_call|tool_response|tool_calls|tools|tool|audio|image|img|video"
    r"|file_sep|repo_name|system|user"
    r"|assistant|start_of_image|end_of_image|image_soft_token|audio_soft_token|unused\d{1,5}|reserved_\w{1,32})>"
    r"|<__media[^<>\s]{0,64}?__>"
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|CALL_ID|THINK|IMG"
    r"|IMG_BREAK|IMG_END|PREFIX|MIDDLE|SUFFIX|gMASK|sMASK|MASK)\]"
    r"|<</?SYS>>"
    r"|\[e~\[|\]~!?b[\[\]]"
    r"|<[a-z]{1,16}_[a-z_]{1,32}_\d{1,4}>"
)

_FIRSTS = "<[]"  # what every one of the families' literals begins with


class Neutraliser:
    """Compiled for one model card: the families' shapes, the card's own literals, its tags."""

    def __init__(self, card: ModelCard) -> None:
        own = set(card.control_tokens)
        if isinstance(card.dialect, TagsDialect):
            own |= {card.dialect.open, card.dialect.close, *(card.dialect.wrap or ())}
        literals = sorted((re.escape(text) for text in own if len(text) > 1), key=len, reverse=True)
        self._pattern = re.compile("|".join([*literals, _FAMILIES]))
        # Most text has none of these, and looking for a character is far cheaper than for a pattern.
        self._firsts = sorted({*_FIRSTS, *(text[0] for text in own if text)})

    def __call__(self, text: str) -> str:
        """Repeated until nothing is left: taking one literal apart may not join another."""
        if not any([first in text for first in self._firsts]):
            return text
        while self._pattern.search(text):
            text = self._pattern.sub(lambda found: found[0][0] + WORD_JOINER + found[0][1:], text)
        return text
