"""The words in which an API client is told of the line."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from thinkwell.http.wire.waiting import aged, comment_of, news_of, utc_after
from thinkwell.values.event import Queued, Shortened, Started

AT = "2026-11-21T23:59:05Z"


def test_a_comment_tells_the_place_the_times_and_when_the_next_word_comes() -> None:
    event = Queued(3, 12, "busy", 13.2, 40.0, "lighter_first")
    assert comment_of(event, AT) == (
        b": waiting place=3 of=12 reason=busy expected_s=14 p90_s=40 moved=lighter_first "
        b"deadline=2026-11-21T23:59:05Z\n\n"
    )


def test_who_waits_behind_the_others_is_told_why_and_until_when() -> None:
    event = Queued(40, 41, behind=True, resets_s=3599.2)
    assert comment_of(event, AT) == (
        b": waiting place=40 of=41 reason=busy behind=quota resets_s=3600 deadline=2026-11-21T23:59:05Z\n\n"
    )
    assert aged(event, 600.0).resets_s == 2999.2


def test_a_comment_leaves_out_what_is_not_known() -> None:
    said = comment_of(Queued(1, 1, "engine_starting"), AT)
    assert said == b": waiting place=1 of=1 reason=engine_starting deadline=2026-11-21T23:59:05Z\n\n"
    assert comment_of(Shortened(256, 2048, 212), AT) == b": shortened budget=256 full=2048 waiting=212\n\n"


@pytest.mark.parametrize(
    ("event", "news"),
    [
        (
            Queued(3, 12, "gave_way", 14.5, None),
            {
                "queued": {
                    "position": 3,
                    "waiting": 12,
                    "reason": "gave_way",
                    "expected_s": 14.5,
                    "p90_s": None,
                    "moved": None,
                    "behind": False,
                    "resets_s": None,
                    "deadline": AT,
                }
            },
        ),
        (
            Started("m", "r", 2.5, 1),
            {"started": {"model": "m", "replica": "r", "waited_s": 2.5, "left_out": 1}},
        ),
        (Shortened(256, 2048, 212), {"shortened": {"budget": 256, "full": 2048, "waiting": 212}}),
    ],
)
def test_an_event_tells_all_that_is_known_and_nothing_else(
    event: Queued | Started | Shortened, news: object
) -> None:
    assert msgspec.to_builtins(news_of(event, AT)) == news


def test_times_that_were_told_run_down_and_never_below_now() -> None:
    told = Queued(3, 12, "busy", 14.0, 40.0, "lighter_first")
    assert aged(told, 10.04) == Queued(3, 12, "busy", 4.0, 30.0, "lighter_first")
    assert aged(told, 60) == Queued(3, 12, "busy", 0.0, 0.0, "lighter_first")
    assert aged(Queued(3, 12), 60) == Queued(3, 12)


def test_a_deadline_is_a_whole_second_and_not_a_moment_too_early() -> None:
    now = datetime(2026, 11, 21, 23, 59, 35, tzinfo=UTC)
    assert utc_after(now, 30) == "2026-11-22T00:00:05Z"
    assert utc_after(now.replace(microsecond=1), 30) == "2026-11-22T00:00:06Z"
