"""What tells how to reach somebody becomes a placeholder, and sums stay sums."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.training.data.placeholders import without_contacts


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org",
        "a.n+x@mail.example.co.uk",
        "ANN_B@EXAMPLE.ORG",
        "jörg@bücher.example",
        "x-y@a-b.example",
    ],
)
def test_an_e_mail_address_is_replaced(address: str) -> None:
    assert without_contacts(f"Write to {address}, please.") == "Write to [e-mail address], please."
    assert without_contacts(f"<{address}>") == "<[e-mail address]>"


@pytest.mark.parametrize(
    "number",
    [
        "+33 6 12 34 56 78",
        "+33612345678",
        "0033 6 12 34 56 78",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "0612345678",
        "+49 30 1234567",
        "030/1234567",
        "0151-23456789",
        "+1 (415) 555-0132",
        "(415) 555-0132",
        "415-555-0132",
        "020 7946 0018",
    ],
)
def test_a_phone_number_is_replaced(number: str) -> None:
    assert without_contacts(f"Call {number} today.") == "Call [phone number] today."


@pytest.mark.parametrize(
    "iban",
    [
        "DE89370400440532013000",
        "FR14 2004 1010 0505 0001 3M02 606",
        "GB29 NWBK 6016 1331 9268 19",
        "be68539007547034",
    ],
)
def test_an_iban_is_replaced(iban: str) -> None:
    assert without_contacts(f"Pay to {iban}.") == "Pay to [IBAN]."


@pytest.mark.parametrize(
    "text",
    [
        "What is 1234567 + 7654321?",
        "57 + 87 - 70 = 74",
        "0.5 + 0.25",
        "On 2024-03-01 at 10:30, and 1,000,000 people.",
        "03/04/2024",
        "03.04.2024",
        "@everyone, look: x@y",
        "Version 1.10.0007",
        "5000 + 30",
        "I have 007 apples.",
    ],
)
def test_what_tells_nobody_stays(text: str) -> None:
    assert without_contacts(text) == text


@given(st.text(alphabet="ab0123456789+-()./@ ", max_size=300))
def test_what_is_replaced_stays_replaced(text: str) -> None:
    once = without_contacts(text)
    assert without_contacts(once).count("[") >= once.count("[")


def test_long_texts_take_no_time() -> None:
    for piece in ("a.", "0 ", "+1 ", "AB12", "a@", "(123) "):
        without_contacts(piece * 20_000)
