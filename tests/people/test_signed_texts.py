"""Signed texts: checked once, and looked at for their age every time."""

from __future__ import annotations

import string

import pytest

from thinkwell.people import signers
from thinkwell.people.signers import DatedSigner


class Clock:
    now = 4_000_000_000.0

    def __call__(self) -> float:
        return self.now


def test_what_was_checked_before_is_still_out_of_date_when_its_time_is_over() -> None:
    clock = Clock()
    signer = DatedSigner(b"s" * 32, "visitor", clock)
    signed = signer.signed("zoe")
    began = int(clock.now)
    assert signer.holds(signed, 60) == signer.holds(signed, 60) == ("zoe", began)
    clock.now += 60
    assert signer.holds(signed, 60) == ("zoe", began)
    clock.now += 1
    assert signer.holds(signed, 60) is None
    assert signer.holds(signed, 61) == ("zoe", began)
    clock.now = began - 1.0
    assert signer.holds(signed, 60) is None  # from the future


def test_what_is_forged_is_not_remembered_and_what_is_remembered_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signers, "MOST_REMEMBERED", 3)
    signer = DatedSigner(b"s" * 32, "visitor", Clock())
    texts = [signer.signed(str(number)) for number in range(5)]
    assert [signer.holds(text, 60) is not None for text in texts] == [True] * 5
    assert len(signer._held) == 3
    for text in texts:
        forged = text[:-2] + ("AA" if text[-2:] != "AA" else "BB")
        assert signer.holds(forged, 60) is signer.holds(forged, 60) is None
    assert len(signer._held) == 3
    assert DatedSigner(b"s" * 32, "form", Clock()).holds(texts[4], 60) is None


def test_a_signature_has_one_spelling() -> None:
    """In base64 the last character of 32 bytes has bits that say nothing, and lenient readers skip what is
    no base64: of 64 spellings only the one that was given out holds."""
    signer = DatedSigner(b"s" * 32, "visitor", Clock())
    signed = signer.signed("zoe")
    alphabet = string.ascii_letters + string.digits + "-_"
    spellings = {signed[:-1] + last for last in alphabet} | {
        signed + "=",
        signed + "!",
        signed[:-1] + "!" + signed[-1],
    }
    assert [spelling for spelling in sorted(spellings) if signer.holds(spelling, 60)] == [signed]
