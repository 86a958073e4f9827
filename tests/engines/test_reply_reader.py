from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.engines.reply import ReplyReader
from thinkwell.engines.sse import SseEvent
from thinkwell.errors import EngineBroken, EngineRefused, PromptTooLong, ThinkwellError
from thinkwell.values.engine import EngineDelta


def said(text: str | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}], **more}


def read(*chunks: object, prefill: str = "") -> list[EngineDelta]:
    reader = ReplyReader(prefill)
    deltas = []
    for chunk in chunks:
        data = chunk if isinstance(chunk, bytes) else json.dumps(chunk).encode()
        if (delta := reader.read(SseEvent(data))) is not None:
            deltas.append(delta)
    return [*deltas, reader.close()]


def text_of(deltas: list[EngineDelta]) -> str:
    return "".join(delta.text for delta in deltas)


def test_text_comes_as_it_came_and_the_finish_comes_last() -> None:
    deltas = read(said("Hel"), said("lo"), said(finish="stop"), b"[DONE]")
    assert [d.text for d in deltas] == ["Hel", "lo", ""]
    assert [d.finish for d in deltas] == [None, None, "stop"]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_a_thought_in_a_field_of_its_own_is_reasoning(field: str) -> None:
    chunk = {"choices": [{"delta": {field: "hm", "content": ""}}]}
    assert read(chunk, said(finish="stop"))[0].reasoning == "hm"


def test_the_thought_field_that_is_not_empty_wins() -> None:
    chunk = {"choices": [{"delta": {"reasoning_content": "", "reasoning": "hm"}}]}
    assert read(chunk, said(finish="stop"))[0].reasoning == "hm"


def test_llama_cpp_tokens_without_text_join_the_next_delta() -> None:
    deltas = read(
        said(None, timings={"prompt_n": 3, "cache_n": 4, "predicted_n": 0}),
        said("a", timings={"prompt_n": 3, "cache_n": 4, "predicted_n": 1}),
        said("é", timings={"prompt_n": 3, "cache_n": 4, "predicted_n": 4}),
        said(finish="stop"),
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 6}, "timings": {"predicted_n": 6}},
    )
    assert [d.tokens for d in deltas] == [1, 3, 2]
    assert (deltas[0].prompt_tokens, deltas[0].cached_tokens) == (7, 4)


def test_continuous_usage_is_counted_by_its_differences() -> None:
    deltas = read(
        said("a", usage={"prompt_tokens": 5, "completion_tokens": 2}),
        said("b", usage={"prompt_tokens": 5, "completion_tokens": 2}),
        said("c", usage={"prompt_tokens": 5, "completion_tokens": 5}),
        said(finish="length", usage={"prompt_tokens": 5, "completion_tokens": 5}),
    )
    assert [d.tokens for d in deltas] == [2, 0, 3, 0]


def test_a_server_that_counts_only_at_the_end_is_made_up_for_there() -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 8}}
    deltas = read(said("a"), said("b"), said(finish="stop"), {"choices": [], "usage": usage}, b"[DONE]")
    assert [d.tokens for d in deltas] == [1, 1, 3]
    assert (deltas[-1].prompt_tokens, deltas[-1].cached_tokens) == (9, 8)


def test_counts_never_go_back() -> None:
    late = {"choices": [], "usage": {"completion_tokens": 1}}
    assert [d.tokens for d in read(said("a"), said("b"), said(finish="stop"), late)] == [1, 1, 0]


def test_chunks_in_the_wrong_order_do_not_count_twice() -> None:
    first, second = ({"predicted_n": n} for n in (1, 2))
    deltas = read(
        said("b", timings=second), said("a", timings=first), said("a", timings=first), said(finish="stop")
    )
    assert sum(d.tokens for d in deltas) == 2


def test_more_cached_than_prompt_is_not_believed() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 99}}
    assert read(said("a"), said(finish="stop"), {"usage": usage})[-1].cached_tokens == 3


def test_an_unknown_finish_is_a_stop() -> None:
    assert read(said("a"), said(finish="content_filter"))[-1].finish == "stop"


def test_a_reply_without_finish_is_broken() -> None:
    with pytest.raises(EngineBroken, match="cut off"):
        read(said("a"), b"[DONE]")


def test_an_echoed_prefill_is_dropped_once() -> None:
    prefill = "Let me think. The question is about"
    deltas = read(said(prefill + " France"), said(prefill), said(finish="stop"), prefill=prefill)
    assert text_of(deltas) == " France" + prefill


def test_a_short_prefill_may_be_said_again() -> None:
    assert text_of(read(said("ha ha"), said(finish="stop"), prefill="ha")) == "ha ha"


def test_other_choices_and_unknown_fields_and_events_say_nothing() -> None:
    reader = ReplyReader()
    other = {"choices": [{"index": 1, "delta": {"content": "x"}}], "execute": {"deep": [1, [2]]}}
    assert reader.read(SseEvent(json.dumps(other).encode())) is None
    assert reader.read(SseEvent(json.dumps(said("x")).encode(), b"execute")) is None


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[2Jb", "a\x7fb", "a\x9bb", "a\ud800b", "a\udfffb"])
def test_characters_that_nobody_should_meet_are_replaced(text: str) -> None:
    got = text_of(read(said(text), said(finish="stop")))
    assert got.startswith("a\ufffd") and got.encode()


def test_white_space_and_every_script_come_through() -> None:
    text = "a\tb\n\r\u00a0é漢字😀\u202e\u2028ع"
    assert text_of(read(said(text), said(finish="stop"))) == text


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert text_of(read(b'{"choices":[{"delta":{"content":"a\xff"}}]}', said(finish="stop"))) == "a\ufffd"


@pytest.mark.parametrize(
    "data",
    [
        b"<html>",
        b'{"choices":',
        b"[]",
        b'{"choices":{}}',
        b'{"choices":[{"delta":{"content":7}}]}',
        b'{"usage":{"completion_tokens":-1}}',
        b'{"timings":{"predicted_n":1e30}}',
        b'{"usage":{"completion_tokens":99999999999999999999}}',
        b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}",
    ],
)
def test_what_is_no_chunk_breaks_the_reply(data: bytes) -> None:
    with pytest.raises(EngineBroken):
        read(data)


def test_an_error_in_the_stream_is_the_engines_refusal() -> None:
    with pytest.raises(EngineRefused, match="The engine gave up: out of memory"):
        read(said("a"), {"error": {"message": "out of\nmemory\x1b[31m"}})
    with pytest.raises(PromptTooLong, match="9031 tokens and the model holds 4096"):
        read({"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 9031, "n_ctx": 4096}})


def test_an_error_in_the_stream_never_shows_the_key() -> None:
    reader = ReplyReader(secret="sk-very-secret")
    with pytest.raises(EngineRefused) as caught:
        reader.read(SseEvent(b'{"error":"bad sk-very-secret"}'))
    assert "sk-very-secret" not in caught.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["choices", "delta", "content", "usage", "timings", "error", "index", "finish_reason"]
)


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(FIELDS, JSON | st.lists(st.dictionaries(FIELDS, JSON, max_size=3)), max_size=4))
)
def test_no_json_raises_anything_but_our_own_errors(chunks: list[dict[str, Any]]) -> None:
    try:
        deltas = read(*chunks)
    except ThinkwellError:
        return
    assert all(delta.tokens >= 0 for delta in deltas)
