from __future__ import annotations

import json
import socket
import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.engines.failures import failure_of
from thinkwell.engines.refusals import refusal_of
from thinkwell.errors import (
    EngineBroken,
    EngineError,
    EngineRefused,
    EngineUnavailable,
    PromptTooLong,
    ThinkwellError,
)


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("kind", [OSError, *OSError.__subclasses__(), *ConnectionError.__subclasses__()])
def test_every_failure_of_the_network_becomes_one_of_ours(kind: type[OSError], streaming: bool) -> None:
    ours = failure_of(kind.__new__(kind), streaming=streaming)
    assert isinstance(ours, EngineError)
    assert type(ours) is not EngineError


@pytest.mark.parametrize(
    ("problem", "streaming", "ours", "said"),
    [
        (ConnectionRefusedError(), False, EngineUnavailable, "cannot be reached"),
        (socket.gaierror(-2, "Name or service not known"), False, EngineUnavailable, "address"),
        (ssl.SSLCertVerificationError(), False, EngineUnavailable, "certificate"),
        (ssl.SSLError(), False, EngineUnavailable, "TLS"),
        (ConnectionResetError(), False, EngineUnavailable, "closed the connection"),
        (ConnectionResetError(), True, EngineBroken, "cut off"),
        (OSError(24, "Too many open files"), False, EngineUnavailable, "cannot be reached"),
    ],
)
def test_a_failure_says_what_happened(
    problem: BaseException, streaming: bool, ours: type[EngineError], said: str
) -> None:
    found = failure_of(problem, streaming=streaming)
    assert type(found) is ours and said in found.message


TOO_LONG = [
    (
        "llama.cpp",
        {"error": {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 9031, "n_ctx": 4096}},
    ),
    (
        "openai",
        {
            "error": {
                "code": "context_length_exceeded",
                "message": "This model's maximum context length is 4096 tokens. However, your messages "
                "resulted in 9031 tokens. Please reduce the length of the messages.",
            }
        },
    ),
    (
        "vllm",
        {
            "object": "error",
            "code": 400,
            "message": "This model's maximum context length is 4096 tokens. However, you requested "
            "9531 tokens (9031 in the messages, 500 in the completion).",
        },
    ),
    (
        "vllm, later",
        {
            "error": {
                "type": "BadRequestError",
                "message": "'max_tokens' is too large: 500. This model's maximum context length is "
                "4096 tokens and your request has 9031 input tokens (500 > 4096 - 9031).",
            }
        },
    ),
    (
        "sglang",
        {"message": "The input (9031 tokens) is longer than the model's context length (4096 tokens)."},
    ),
]


@pytest.mark.parametrize(("server", "body"), TOO_LONG, ids=[server for server, _ in TOO_LONG])
def test_a_prompt_over_the_context_is_told_with_both_numbers(server: str, body: object) -> None:
    problem = refusal_of(400, json.dumps(body).encode(), {})
    assert isinstance(problem, PromptTooLong)
    assert "9031" in problem.message and "4096" in problem.message


def test_a_prompt_over_the_context_is_told_without_numbers_too() -> None:
    problem = refusal_of(400, b'{"error":{"code":"context_length_exceeded"}}', {})
    assert isinstance(problem, PromptTooLong)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_without_the_servers_words(status: int) -> None:
    problem = refusal_of(status, b'{"error":{"message":"Incorrect API key provided: sk-ab***yz"}}', {})
    assert isinstance(problem, EngineRefused) and "sk-" not in problem.message


def test_the_key_is_never_echoed() -> None:
    body = b'{"detail":"header was Bearer sk-secret-1, try again"}'
    assert "sk-secret-1" not in refusal_of(500, body, {}, secret="sk-secret-1").message


def test_a_limit_of_requests_tells_when_to_come_back() -> None:
    assert refusal_of(429, b"", {"Retry-After": "17"}).retry_after_s == 17
    assert refusal_of(429, b"", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}).retry_after_s is None
    assert refusal_of(429, b"", {"Retry-After": "9" * 40}).retry_after_s is None


def test_a_page_of_html_is_not_shown() -> None:
    message = refusal_of(502, b"<html><script>alert(1)</script></html>", {}).message
    assert message == "The engine answered with status 502."


def test_an_endless_message_is_cut() -> None:
    body = json.dumps({"error": {"message": "long " * 5000}}).encode()
    assert len(refusal_of(500, body, {}).message) < 400


@settings(deadline=None)
@given(
    st.integers(300, 599),
    st.binary(max_size=200) | st.text(max_size=200).map(lambda t: json.dumps(t).encode()),
)
def test_no_body_raises(status: int, body: bytes) -> None:
    problem = refusal_of(status, body, {})
    assert isinstance(problem, ThinkwellError) and problem.message.isprintable()
