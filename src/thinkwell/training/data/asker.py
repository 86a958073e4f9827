"""Asking a model over HTTP: any server that speaks OpenAI's chat completions.

Knows the wire, waiting and trying again, and what it cost. The key is read from the environment variable that
is named, is sent and is never shown. Knows no rows.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from random import Random
from time import time
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.form import in_form, with_open
from thinkwell.training.verifiers import extract

if TYPE_CHECKING:
    import httpx


class Endpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``url`` up to and with ``/v1``. ``key_env``: the name of the variable that holds the key; empty: none.

    Prices are of a million tokens, in the operator's money. ``tries`` of one request, with waits in between
    that double from a second to a minute, or as long as the server says.
    """

    url: str
    model: str = ""
    key_env: str = ""
    price_in: float = 0.0
    price_out: float = 0.0
    tries: int = 6
    timeout_s: float = 600.0


class Draw(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an answer is drawn."""

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512
    seed: int | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """``finish`` as the server says it: stop, length, …"""

    thought: str
    answer: str
    finish: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Asker(Protocol):
    async def __call__(self, prompt: str, draw: Draw) -> Reply:
        """Raises SetupError where no answer is to be had: nothing is lost by asking again later."""
        ...


class _Again(Exception):
    """A try that failed in a way that passes."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


FIRST_WAIT_S, LONGEST_WAIT_S, MOST_ASKED_WAIT_S = 1.0, 60.0, 600.0


class HttpAsker:
    """``async with HttpAsker(endpoint) as ask: await ask("Hello", Draw())``."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        system: str = "",
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Random | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._system = system
        self._wait = wait
        self._random = random or Random(0)
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> HttpAsker:
        headers = {}
        if name := self._endpoint.key_env:
            key = os.environ.get(name, "")
            if not key:
                raise SetupError(
                    f"The environment variable {name}, which is to hold the teacher's key, is not set."
                )
            headers["authorization"] = f"Bearer {key}"
        self._client = await asyncio.to_thread(_client, headers, self._endpoint.timeout_s)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def __call__(self, prompt: str, draw: Draw) -> Reply:
        why = ""
        for number in range(self._endpoint.tries):
            try:
                return await self._once(prompt, draw)
            except _Again as again:
                why = str(again)
                if number + 1 < self._endpoint.tries:
                    await self._wait(self._pause(number, again.wait_s))
        tries = self._endpoint.tries
        raise SetupError(
            f"{self._endpoint.url} gave no answer in {tries} tries: {why}. Run it again to go on."
        )

    def _pause(self, number: int, asked_s: float | None) -> float:
        """With some chance in it, so that many do not come back at once."""
        if asked_s is not None:
            return min(max(asked_s, 0.0), MOST_ASKED_WAIT_S)
        doubled: float = FIRST_WAIT_S * 2**number
        return min(doubled, LONGEST_WAIT_S) * self._random.uniform(0.5, 1)

    async def _once(self, prompt: str, draw: Draw) -> Reply:
        import httpx

        assert self._client is not None, "entered first"
        messages = [{"role": "user", "content": prompt}]
        if self._system:
            messages.insert(0, {"role": "system", "content": self._system})
        body: dict[str, Any] = {
            "messages": messages,
            "temperature": draw.temperature,
            "top_p": draw.top_p,
            "max_tokens": draw.max_tokens,
        }
        body |= {"model": self._endpoint.model} if self._endpoint.model else {}
        body |= {} if draw.seed is None else {"seed": draw.seed}
        try:
            response = await self._client.post(
                self._endpoint.url.rstrip("/") + "/chat/completions", content=msgspec.json.encode(body),
                headers={"content-type": "application/json"},
            )  # fmt: skip
        except httpx.TransportError as problem:
            raise _Again(f"{type(problem).__name__} {problem}".strip()) from None
        except httpx.InvalidURL as problem:
            raise SetupError(f"{self._endpoint.url} is no address: {problem}.") from None
        return _read(response.status_code, response.content, response.headers.get("retry-after"))


def _client(headers: dict[str, str], timeout_s: float) -> httpx.AsyncClient:
    """In a thread: the import takes a while, and so does reading what certificates are believed."""
    import httpx

    return httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(timeout_s, connect=20.0))


class _Message(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


def _read(status: int, body: bytes, retry_after: str | None) -> Reply:
    if status in (408, 429) or status >= 500:
        raise _Again(f"status {status}", seconds_of(retry_after))
    if status >= 300:
        why = body[:300].decode("utf-8", "replace")
        hint = " Is the key right?" if status in (401, 403) else ""
        raise SetupError(f"The server refuses with status {status}: {' '.join(why.split())}.{hint}")
    try:
        completion = msgspec.json.decode(body, type=_Completion)
    except (msgspec.DecodeError, msgspec.ValidationError) as problem:
        raise _Again(f"a reply that is no chat completion ({problem})") from None
    if not completion.choices:
        raise _Again("a reply without a choice")
    choice, usage = completion.choices[0], completion.usage or _Usage()
    thought, answer = split(choice.message)
    return Reply(
        thought=thought,
        answer=answer,
        finish=choice.finish_reason or "",
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
    )


def split(message: _Message) -> tuple[str, str]:
    """By the field where there is one, else by tags; also where the template opened the thought."""
    content = message.content or ""
    apart = (message.reasoning_content or message.reasoning or "").strip()
    if apart:
        return apart, content.strip()
    found = extract(with_open(content), strict=False)
    return (found.thought, found.answer) if found.formed else ("", content.strip())


def seconds_of(retry_after: str | None) -> float | None:
    """Of the header Retry-After: seconds, or a date (RFC 9110, 10.2.3)."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time())
    except ValueError:
        return None


def written(reply: Reply) -> str:
    """As the model that is taught would have to write it."""
    return in_form(reply.thought, reply.answer)
