from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thinkwell.engines.sse import EventTooLarge, SseEvent, SseReader


def read(*chunks: bytes, limit: int = 1 << 20) -> list[SseEvent]:
    reader = SseReader(limit)
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    return events + reader.close()


def test_an_event_ends_with_a_blank_line() -> None:
    assert read(b"data: one\n\ndata: two\n\n") == [SseEvent(b"one"), SseEvent(b"two")]


def test_several_data_lines_are_one_event() -> None:
    assert read(b"data: a\ndata:b\ndata\n\n") == [SseEvent(b"a\nb\n")]


def test_comments_and_unknown_fields_say_nothing() -> None:
    assert read(b": ping\n\nid: 7\nretry: 1\nfoo: x\ndata: a\n\n: ping\n\n") == [SseEvent(b"a")]


def test_an_event_name_goes_with_its_event_only() -> None:
    assert read(b"event: error\ndata: a\n\ndata: b\n\n") == [SseEvent(b"a", b"error"), SseEvent(b"b")]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert read(b"\xef\xbb\xbfdata: a\n\n") == [SseEvent(b"a")]


def test_the_last_event_may_lack_its_blank_line_but_not_its_line_end() -> None:
    assert read(b"data: a\n") == [SseEvent(b"a")]
    assert read(b"data: a") == []


def test_a_line_over_the_limit_is_refused() -> None:
    with pytest.raises(EventTooLarge):
        read(*[b"x" * 50] * 3, limit=100)


def test_an_event_of_many_lines_over_the_limit_is_refused() -> None:
    with pytest.raises(EventTooLarge):
        read(b"data:" + b"x" * 20 + b"\n", *[b"data:\n"] * 100, limit=100)


LINES = st.lists(
    st.sampled_from(
        [b"data: a", b"data: bc", b"data:", b"", b": c", b"event: x", b"id: 1", b"data: \xff\x00"]
    ),
    max_size=20,
)


@settings(deadline=None)
@given(LINES, st.sampled_from([b"\n", b"\r\n", b"\r"]), st.data())
def test_any_chunking_gives_the_same_events(lines: list[bytes], end: bytes, data: st.DataObject) -> None:
    whole = b"".join(line + end for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert read(*pieces) == read(b"".join(line + b"\n" for line in lines))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    read(noise)
