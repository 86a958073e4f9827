"""``Prefer: wait=N``, by the grammar of RFC 7240."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.http.prefer import preferred_wait

UNDERSTOOD = [
    ("wait=5", 5.0),
    ("WAIT=05", 5.0),
    ("wait=0", 0.0),
    ('wait="10"', 10.0),
    ("respond-async, wait=5", 5.0),
    ("respond-async,wait = 5 ; unit=s , handling=lenient", 5.0),
    ('note="a, wait=1", wait=2', 2.0),
    (r'note="a \", wait=1", wait=2', 2.0),
    ("wait=3, wait=9", 3.0),
    ("wait=" + "9" * 5000, 999_999_999.0),
]

IGNORED = [
    None,
    "",
    ",, ,",
    "respond-async",
    "wait",
    "wait=",
    "wait=soon",
    "wait=-1",
    "wait=1.5",
    'wait="5',
    'wait="5"5',
    "wait=5 6",
    "wait=\u0665",
    "await=5",
    "wait-not=5",
    "wait=soon, wait=5",  # of two the first counts, and it says nothing
]


@pytest.mark.parametrize(("header", "seconds"), UNDERSTOOD)
def test_a_preference_for_a_wait_is_understood(header: str, seconds: float) -> None:
    assert preferred_wait(header) == seconds


@pytest.mark.parametrize("header", IGNORED)
def test_what_says_no_wait_or_is_malformed_is_ignored(header: str | None) -> None:
    assert preferred_wait(header) is None


@given(st.text() | st.text(alphabet='wait=",;\\ 05'))
def test_no_header_makes_it_stumble(header: str) -> None:
    wait = preferred_wait(header)
    assert wait is None or 0 <= wait < 1e9


@pytest.mark.timeout(10)
def test_a_long_hostile_header_is_read_in_a_moment() -> None:
    """64 KiB is what a head may have; a pattern that tries everything twice took half a minute over it."""
    for piece in ('"', '\\"', '",', "wait=", 'a"\\'):
        assert preferred_wait(piece * (65_536 // len(piece))) is None
