"""Any colour of the operator's becomes accents that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thinkwell.http.colours import DAY, NIGHT, READABLE, Surfaces, accents, contrast

TOKENS = (Path(__file__).parents[2] / "web" / "src" / "styles" / "tokens.css").read_text("utf-8")


@given(colour=st.integers(0, 0xFFFFFF))
@example(colour=0)
@example(colour=0xFFFFFF)
@example(colour=0xFFFF00)
@example(colour=0x808080)
def test_whatever_the_colour_is_its_accents_can_be_read_by_day_and_by_night(colour: int) -> None:
    for accent, by in zip(accents(f"#{colour:06x}"), (DAY, NIGHT), strict=True):
        for back in (by.paper, by.raised, by.sunk, accent.soft, accent.on):
            assert contrast(accent.water, back) >= READABLE, (accent, back)
        for ink in (by.ink, by.ink_soft):
            assert contrast(ink, accent.soft) >= READABLE, (accent, ink)


def test_a_colour_that_can_be_read_as_it_is_stays_as_it_is() -> None:
    assert accents("#7a1fa2")[0].water == "#7a1fa2"
    assert accents("#ffff00")[1].water == "#ffff00"


@pytest.mark.parametrize(("by", "place"), [(DAY, 0), (NIGHT, 1)])
def test_the_surfaces_are_those_of_the_page(by: Surfaces, place: int) -> None:
    for name in ("paper", "raised", "sunk", "ink", "ink-soft"):
        found = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", TOKENS)
        assert found and found[1 + place] == getattr(by, name.replace("-", "_"))
