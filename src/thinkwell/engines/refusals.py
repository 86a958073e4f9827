"""What an engine's refusal means: an HTTP status and an error body made into one of our errors.

Bodies are hostile: bounded, cleaned, and never trusted to leave out a key that they were sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from thinkwell.errors import EngineRefused, PromptTooLong, Refused, ThinkwellError

MOST_BODY = 64 * 1024  # bytes of an error body that are read at all
_MOST_SAID = 240  # characters of it that are passed on

_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|exceeds the available context|maximum context length"
    r"|longer than the (?:model's context|maximum model) length",
    re.IGNORECASE,
)
_CONTEXT = re.compile(r"(?:context|model) length (?:of |is |\()?\s?(\d{1,9})", re.IGNORECASE)
_PROMPT = re.compile(
    r"(\d{1,9}) in the messages|resulted in (\d{1,9})|has (\d{1,9}) input tokens"
    r"|\((?:length )?(\d{1,9})(?: tokens)?\)",
    re.IGNORECASE,
)


class _Error(msgspec.Struct):
    message: str = ""
    type: str | int | None = None
    code: str | int | None = None
    n_prompt_tokens: int | None = None
    n_ctx: int | None = None


class _Body(msgspec.Struct):
    error: _Error | str | None = None
    message: str = ""  # older vLLM, and others, put it at the top
    detail: str | list[msgspec.Raw] | None = None  # FastAPI
    type: str | int | None = None
    code: str | int | None = None


def error_of(error: bytes, *, secret: str | None = None) -> ThinkwellError:
    """The error that an ``error`` object (or string) in a stream stands for."""
    try:
        found = msgspec.json.decode(error, type=_Error | str, strict=False)
    except (ValueError, RecursionError):
        found = _Error()
    if isinstance(found, str):
        found = _Error(message=found)
    return _too_long(found) or EngineRefused(_sentence("The engine gave up", found.message, secret))


def refusal_of(
    status: int, body: bytes, headers: Mapping[str, str], *, secret: str | None = None
) -> ThinkwellError:
    """The error that a reply other than 200 stands for."""
    found = _read(body)
    if status in (400, 413, 422) and (too_long := _too_long(found)):
        return too_long
    if status in (401, 403):
        return EngineRefused(
            "The engine did not accept the site's key; its operator has to look.", param="key"
        )
    if 300 <= status < 400:
        return EngineRefused("The engine's address leads elsewhere; give its final address.")
    if status == 429:
        told = {name.lower(): value for name, value in headers.items()}
        wait = _seconds(told.get("retry-after", ""))
        return EngineRefused("The engine is over its own limit of requests.", retry_after_s=wait)
    return EngineRefused(_sentence(f"The engine answered with status {status}", found.message, secret))


def one_line(text: str, secret: str | None = None) -> str:
    """Hostile text made fit to stand in a sentence."""
    text = text[:4096]
    if secret:
        text = text.replace(secret, "[key]")
    text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.split())
    return text if len(text) <= _MOST_SAID else text[:_MOST_SAID].rstrip() + "…"


def _sentence(opening: str, told: str, secret: str | None) -> str:
    told = one_line(told, secret)
    return f"{opening}: {told.rstrip('.')}." if told else f"{opening}."


def _read(body: bytes) -> _Error:
    try:
        found = msgspec.json.decode(body[:MOST_BODY], type=_Body, strict=False)
    except (ValueError, RecursionError):
        return _Error()
    if isinstance(found.error, _Error):
        return found.error
    told = found.error or found.message or (found.detail if isinstance(found.detail, str) else "")
    return _Error(message=told, type=found.type, code=found.code)


def _too_long(found: _Error) -> Refused | None:
    marks = f"{found.type} {found.code} {found.message[:2000]}"
    if not _TOO_LONG.search(marks):
        return None
    told = found.message[:2000]
    context, prompt = found.n_ctx, found.n_prompt_tokens
    if context is None and (match := _CONTEXT.search(told)):
        context = int(match.group(1))
    if prompt is None and (match := _PROMPT.search(told)):
        prompt = int(next(group for group in match.groups() if group))
    if prompt is not None and context is not None:
        if prompt == context:  # only the context was named
            prompt = None
        else:
            return PromptTooLong(
                f"The conversation has {prompt} tokens and the model holds {context}; "
                "shorten it or begin a new one."
            )
    holds = f" ({context} tokens)" if context is not None else ""
    return PromptTooLong(
        f"The conversation is longer than the model can hold{holds}; shorten it or begin a new one."
    )


def _seconds(value: str) -> float | None:
    return float(value) if re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value) else None
