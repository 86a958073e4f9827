"""An error as OpenAI's clients know it, and what is said beside the name of a field that is not taken."""

from __future__ import annotations

import msgspec

_FORMAT = "Send response_format for an answer of a certain shape."
_TEMPLATE = "Templates are the site's own."

# Fields that clients of other servers send, or sent: what to do in their place.
IN_ITS_PLACE: dict[str, str] = {
    "functions": "Send tools in its place.",
    "function_call": "Send tool_choice in its place.",
    "guided_json": _FORMAT,
    "guided_regex": _FORMAT,
    "guided_choice": _FORMAT,
    "guided_grammar": _FORMAT,
    "structured_outputs": _FORMAT,
    "grammar": _FORMAT,
    "json_schema": _FORMAT,
    "regex": _FORMAT,
    "ebnf": _FORMAT,
    "chat_template": _TEMPLATE,
    "prompt_embeds": "Send text.",
    "extra_body": "Its fields stand in the request itself.",
    "web_search_options": "This site fetches nothing.",
}


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    message: str
    type: str
    code: str
    param: str | None = None


class ErrorReply(msgspec.Struct, frozen=True):
    error: ErrorBody
