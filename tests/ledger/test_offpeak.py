"""Off-peak times: by the wall clock, over midnight, on the days on which the clock is changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import SetupError
from thinkwell.ledger.offpeak import OffPeak
from thinkwell.settings import load_settings
from thinkwell.settings.offpeak import WHOLE_DAY, Window, windows_of

NIGHTS = "mon-fri 22:00-06:00 50%; sat,sun 00:00-24:00 30%"
ZURICH = ZoneInfo("Europe/Zurich")


def at(text: str, zone: ZoneInfo = ZURICH, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("moment", "percent"),
    [
        ("2026-11-23T21:59:59", 0),  # a Monday
        ("2026-11-23T22:00:00", 50),
        ("2026-11-24T05:59:59", 50),
        ("2026-11-24T06:00:00", 0),
        ("2026-11-23T03:00:00", 0),  # before Monday's own window, after Sunday's
        ("2026-11-27T23:00:00", 50),
        ("2026-11-28T05:00:00", 50),  # Saturday, but in Friday's window too: the greater one
        ("2026-11-28T06:00:00", 30),
        ("2026-11-29T23:59:59", 30),
        ("2026-11-30T00:00:00", 0),
    ],
)
def test_a_window_belongs_to_the_day_on_which_it_begins(moment: str, percent: int) -> None:
    assert OffPeak(NIGHTS, "Europe/Zurich").discount(at(moment)) == percent


def test_the_hour_that_comes_twice_is_twice_in_the_window_and_the_one_left_out_is_missing() -> None:
    nights = OffPeak("sun 02:00-03:00 40%", "Europe/Zurich")
    assert nights.discount(at("2026-10-25T02:30:00")) == 40
    assert nights.discount(at("2026-10-25T02:30:00", fold=1)) == 40
    assert at("2026-10-25T02:30:00", fold=1) - at("2026-10-25T02:30:00") == 3_600_000_000
    second = 1_000_000
    # In spring the clock goes from 02:00 to 03:00: nothing of that day is in the window.
    changed = at("2026-03-29T01:59:59") + second
    assert [nights.discount(changed + step * second) for step in (-1, 0, 1, 1800)] == [0, 0, 0, 0]


def test_a_night_over_the_change_of_the_clock_is_an_hour_shorter_or_longer() -> None:
    nights = OffPeak("sat 22:00-06:00 50%", "Europe/Zurich")
    minute = 60_000_000

    def minutes(day: str) -> int:
        start = at(day)
        return sum(nights.discount(start + step * minute) == 50 for step in range(24 * 60 + 120))

    assert minutes("2026-03-28T12:00:00") == 7 * 60
    assert minutes("2026-10-24T12:00:00") == 9 * 60
    assert minutes("2026-11-21T12:00:00") == 8 * 60


def test_days_may_go_round_the_week_and_be_named_one_by_one() -> None:
    (window,) = windows_of("Fri-Mon,wed 0:00-24:00 10%")
    assert window == Window(frozenset({4, 5, 6, 0, 2}), 0, WHOLE_DAY, 10)
    assert windows_of("") == windows_of(" ; ") == ()
    assert not windows_of("mon 00:00-24:00 1%")[0].over_midnight


@pytest.mark.parametrize(
    "text",
    [
        "mon-fri",
        "mon-fri 22-06 50%",
        "mon-fri 22:00-06:00",
        "mon-fri 22:00-06:00 50",
        "mon-fri 22:00-06:00 0%",
        "mon-fri 22:00-06:00 101%",
        "mon-fri 22:00-06:00 -5%",
        "mon-fri 22:60-06:00 5%",
        "mon-fri 22:00-24:01 5%",
        "mon-fri 24:00-06:00 5%",
        "mon-fri 06:00-06:00 5%",
        "monday 22:00-06:00 5%",
        "mon- 22:00-06:00 5%",
        "mon,,tue 22:00-06:00 5%",
        "mon-tue-wed 22:00-06:00 5%",
        "mon ٢٢:00-06:00 5%",
        "mon 22:00-06:00 5% tue 22:00-06:00 5%",
        "mon 22:00-06:00 5%, tue 22:00-06:00 5%",
    ],
)
def test_what_cannot_be_read_stops_the_start_with_itself(text: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"tariff\.off_peak cannot be"):
        load_settings(tmp_path, {}, (f"tariff.off_peak={text}",))


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd", "/etc/localtime", "Europe", "a" * 300])
def test_a_time_zone_that_is_none_stops_the_start(zone: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"tariff\.time_zone cannot be"):
        load_settings(tmp_path, {}, (f"tariff.time_zone={zone}",))


Windows = st.lists(
    st.builds(
        Window,
        st.frozensets(st.integers(0, 6), min_size=1),
        st.integers(0, WHOLE_DAY - 1),
        st.integers(0, WHOLE_DAY),
        st.integers(1, 100),
    ).filter(lambda window: window.begin != window.end),
    max_size=4,
)
Moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))
Zones = st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def written(window: Window) -> str:
    days = ",".join(DAYS[day] for day in sorted(window.days))
    begin, end = divmod(window.begin, 60), divmod(window.end, 60)
    return f"{days} {begin[0]:02}:{begin[1]:02}-{end[0]:02}:{end[1]:02} {window.percent}%"


@given(windows=Windows, moment=Moments, zone=Zones)
def test_the_discount_is_the_greatest_of_the_windows_that_hold_and_never_another(
    windows: list[Window], moment: datetime, zone: str
) -> None:
    text = "; ".join(map(written, windows))
    assert windows_of(text) == tuple(windows)
    then = moment.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    then = datetime.fromtimestamp(int(then.timestamp()), ZoneInfo(zone))  # a time that there was
    holding = [0]
    for window in windows:
        for day in (then.date(), then.date() - timedelta(days=1)):
            began = datetime(day.year, day.month, day.day) + timedelta(minutes=window.begin)
            long = (window.end - window.begin) % WHOLE_DAY or WHOLE_DAY
            ended = began + timedelta(minutes=long)
            if day.weekday() in window.days and began <= then.replace(tzinfo=None) < ended:
                holding.append(window.percent)
    us = int(then.timestamp()) * 1_000_000
    assert OffPeak(text, zone).discount(us) == OffPeak(text, zone).discount(us + 999_999) == max(holding)
