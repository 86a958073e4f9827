"""The receipt as a line of the plain page: what it says of money, energy and time, in each language."""

from __future__ import annotations

from html import unescape

import msgspec
import pytest

from thinkwell.http.plain_receipt import ending, receipt_line, span
from thinkwell.http.words import LANGUAGES
from thinkwell.values.event import Failed, Finished, Stopped
from thinkwell.values.receipt import Charge, Energy, PriceLine, Receipt
from thinkwell.values.usage import Usage

PRICED = (PriceLine(kind="answer", tokens=6, per_million=250_000_000),)
WORDS = LANGUAGES["en"][1]
RECEIPT = Receipt(
    turn_id="turn_1",
    model="m",
    usage=Usage(prompt=12, cached=4, reasoning=30, answer=6),
    ending="finished",
    waited_s=3.24,
    seconds=75.2,
    tokens_per_s=31.7,
    charge=Charge(currency="EUR", lines=PRICED, price=1_500, due=1_500),
    energy=Energy(microjoules=720_000_000, measured=True),
)


def line(**changes: object) -> str:
    return unescape(receipt_line(WORDS, msgspec.structs.replace(RECEIPT, **changes)))


def test_a_receipt_says_what_was_used_and_what_it_cost() -> None:
    assert line() == (
        '<p class="receipt">Receipt: question 12 (4 cached) · thought 30 · answer 6 · waited 3.2 s · '
        "In all: 1 min 15 s · 32 tokens/s · price 0.0015 EUR · energy 0.200 Wh</p>\n"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"charge": Charge(currency="EUR", lines=PRICED, price=5, free=5)}, "free of charge"),
        ({"energy": Energy(microjoules=720_000_000, measured=False)}, "energy about 0.200 Wh"),
        ({"energy": Energy(microjoules=1, measured=False)}, "energy about < 0.001 Wh"),
        ({"energy": Energy(microjoules=36_000_000_000, measured=True)}, "energy 10.0 Wh"),
        ({"behind": True}, "after the others, since the quota was used up"),
    ],
)
def test_what_is_particular_is_said(changes: dict[str, object], said: str) -> None:
    assert said in line(**changes)


def test_where_the_operator_asks_no_price_none_is_told() -> None:
    without = (msgspec.structs.replace(PRICED[0], per_million=0),)
    told = line(charge=Charge(currency="EUR", lines=without, price=0, due=0))
    assert "price" not in told and "free" not in told


def test_what_is_not_known_is_left_out() -> None:
    bare = line(
        usage=Usage(prompt=3),
        charge=None,
        energy=Energy(microjoules=None, measured=False),
        tokens_per_s=None,
        waited_s=0.0,
    )
    assert bare == '<p class="receipt">Receipt: question 3 · answer 0 · In all: 1 min 15 s</p>\n'


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_ending_is_said_in_every_language(language: str) -> None:
    words = LANGUAGES[language][1]
    ends = [
        Finished("stop", RECEIPT),
        Finished("length", RECEIPT),
        *(Stopped(by, RECEIPT) for by in ("person", "reader", "operator")),
        *(Failed(code, "<b>", RECEIPT) for code in ("engine_stalled", "interrupted", "unheard_of")),
    ]
    told = [ending(words, end, nothing=False) for end in ends]
    assert len(set(told)) == len(told)
    assert not any("<b>" in text or "{" in text for text in told)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (61.0, "1 min 1 s")],
)
def test_spans_are_short(seconds: float, said: str) -> None:
    assert span(WORDS, seconds) == said
