"""The site's signature on a receipt: any change breaks it, and nothing else does."""

from __future__ import annotations

import copy
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from thinkwell.errors import SetupError
from thinkwell.ledger.signing import Signer, answer_digest, canonical, key_id, verify
from thinkwell.ledger.signing_keys import PRIVATE, PUBLIC, open_signer
from thinkwell.values.receipt import Charge, Energy, PriceLine, Receipt, Shortening
from thinkwell.values.usage import Usage

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), "Dorfbrunnen «Ägeri»")
KEYS = {key.id: key.raw for key in SIGNER.keys}

counts = st.integers(0, 2**53)
seconds = st.integers(0, 10**12).map(lambda ms: ms / 1000)
usages = st.builds(Usage, prompt=counts, cached=counts, reasoning=counts, answer=counts)
lines = st.builds(
    PriceLine,
    kind=st.sampled_from(["prompt", "cached", "reasoning", "answer"]),
    tokens=counts,
    per_million=counts,
)
charges = st.builds(
    Charge,
    currency=st.sampled_from(["EUR", "CHF", "XAF"]),
    lines=st.lists(lines, max_size=4).map(tuple),
    discount=st.integers(0, 100),
    price=counts,
    free=counts,
    due=counts,
)
receipts = st.builds(
    Receipt,
    turn_id=st.text(max_size=40),
    model=st.text(max_size=40),
    usage=usages,
    ending=st.sampled_from(["finished", "failed", "stopped"]),
    waited_s=seconds,
    first_token_s=st.none() | seconds,
    thinking_s=seconds,
    seconds=seconds,
    tokens_per_s=st.none() | st.integers(0, 10**7).map(lambda tenths: tenths / 10),
    gave_way_s=seconds,
    shortened=st.none() | st.builds(Shortening, budget=counts, full=counts, waiting=counts),
    thinking_budget=st.none() | counts,
    thought_ended=st.sampled_from([None, "person", "budget", "load"]),
    tier=st.text(max_size=20),
    behind=st.booleans(),
    charge=st.none() | charges,
    energy=st.none()
    | st.builds(Energy, microjoules=st.none() | counts, measured=st.booleans(), machine_us=counts),
    cost=st.none() | counts,
)
times = st.integers(0, 2**40)


def signed(receipt: Receipt, answer: str = "Four.", at: int = 1_795_000_000) -> dict[str, Any]:
    """As a client has it: parsed JSON."""
    marked = SIGNER.mark(receipt, answer_digest(answer), at)
    parsed: dict[str, Any] = json.loads(msgspec.json.encode(marked))
    return parsed


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Of every value that is not made of others."""
    if isinstance(value, dict):
        return [place for name, member in value.items() for place in places(member, (*path, name))]
    if isinstance(value, list) and value:
        return [place for number, item in enumerate(value) for place in places(item, (*path, number))]
    return [path]


def changed(value: Any) -> Any:
    """Another one of its kind, as near as can be."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"B{value[1:]}" if value[:1] == "A" else f"A{value[1:]}"
    return 1 if value is None else [1]


@given(receipt=receipts, answer=st.text(), at=times)
def test_a_signed_receipt_holds_however_a_program_prints_it_again(
    receipt: Receipt, answer: str, at: int
) -> None:
    told = signed(receipt, answer, at)
    assert verify(told, KEYS) == "holds"
    assert verify(msgspec.convert(told, Receipt), KEYS) == "holds"
    as_elsewhere = json.loads(
        json.dumps(told), parse_float=lambda n: int(float(n)) if n.endswith(".0") else float(n)
    )
    turned = dict(reversed([(name, value) for name, value in as_elsewhere.items() if value is not None]))
    assert verify(turned, KEYS) == "holds"
    assert told["mark"]["answer_sha256"] == answer_digest(answer)


@given(receipt=receipts, data=st.data())
def test_any_changed_field_breaks_the_signature(receipt: Receipt, data: st.DataObject) -> None:
    told = signed(receipt)
    *way, last = data.draw(st.sampled_from(places(told)))
    forged: Any = copy.deepcopy(told)
    inner = forged
    for step in way:
        inner = inner[step]
    inner[last] = changed(inner[last])
    expected = "unknown_key" if [*way, last] == ["mark", "key"] else "changed"
    assert verify(forged, KEYS) == expected


def test_what_is_added_or_taken_away_breaks_it() -> None:
    told = signed(Receipt(turn_id="t", model="m", usage=Usage(prompt=3), ending="finished"))
    assert verify(told | {"refunded": True}, KEYS) == "changed"
    without = {name: value for name, value in told.items() if name != "usage"}
    assert verify(without, KEYS) == "changed"
    assert verify(told | {"of_a_later_version": None}, KEYS) == "holds"  # says nothing


def test_a_receipt_of_another_key_is_told_apart_from_a_changed_one() -> None:
    told = signed(Receipt(turn_id="t", model="m", usage=Usage(), ending="finished"))
    other = Signer(Ed25519PrivateKey.generate(), "Other")
    keys = {key.id: key.raw for key in other.keys}
    assert verify(told, keys) == "unknown_key"
    [own] = KEYS
    assert verify(told, {own: next(iter(keys.values()))}) == "changed"  # under our name, but not ours
    assert verify({**told, "mark": None}, KEYS) == "unsigned"
    assert verify({**told, "mark": told["mark"] | {"signature": ""}}, KEYS) == "unsigned"


SIGNATURES: list[Any] = [
    "A",
    "A" * 86 + "==",
    "=",
    "ä" * 86,
    "A" * 85 + "*",
    12,
    ["A"],
    {"a": 1},
    "A" * 100_000,
]


@pytest.mark.parametrize("signature", SIGNATURES, ids=range(len(SIGNATURES)))
def test_what_is_no_signature_does_not_hold(signature: Any) -> None:
    told = signed(Receipt(turn_id="t", model="m", usage=Usage(), ending="finished"))
    told["mark"]["signature"] = signature
    assert verify(told, KEYS) == "changed"


def test_a_signature_has_one_spelling() -> None:
    """Base64's last character has bits to spare: another one with the same meaning is another text."""
    told = signed(Receipt(turn_id="t", model="m", usage=Usage(), ending="finished"))
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    text = told["mark"]["signature"]
    told["mark"]["signature"] = text[:-1] + alphabet[alphabet.index(text[-1]) + 1]
    assert verify(told, KEYS) == "changed"


def test_the_canonical_form_is_the_documented_one() -> None:
    """RFC 8785 without nulls; the same as by Python's own JSON."""
    receipt = Receipt(
        turn_id='t\u2028\x00\x1f\x7f"\\/é\U0001f600',
        model="m",
        usage=Usage(prompt=7),
        ending="finished",
        waited_s=12.0,
        seconds=1.25,
    )
    form = canonical(signed(receipt))
    assert b'"seconds":1.25' in form and b'"waited_s":12}' in form and b"null" not in form
    assert b'"signature":""' in form
    parsed = json.loads(form)
    assert form == json.dumps(parsed, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert rb'"turn_id":"t' + "\u2028".encode() + rb"\u0000\u001f" + b"\x7f" + rb"\"\\/" in form


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", object()])
def test_what_json_cannot_say_is_not_signed_and_not_believed(value: Any) -> None:
    with pytest.raises(ValueError, match="it has"):
        canonical({"turn_id": value})


# -- the key in the data folder ------------------------------------------------------------------


def test_the_key_is_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    first = open_signer(tmp_path, "Brunnen", 1_000)
    again = open_signer(tmp_path, "Brunnen", 2_000)
    assert (tmp_path / PRIVATE).stat().st_mode & 0o777 == 0o600
    assert first.keys == again.keys and len(again.keys) == 1
    assert (again.keys[0].since, again.keys[0].current) == (1_000, True)
    assert key_id(again.keys[0].raw) == again.key_id == again.keys[0].id
    assert len(again.key_id) == 16


def test_after_a_rotation_the_old_key_is_still_told(tmp_path: Path) -> None:
    receipt = Receipt(turn_id="t", model="m", usage=Usage(), ending="finished")
    old = open_signer(tmp_path, "Brunnen", 1_000).mark(receipt, answer_digest(""), 1)
    (tmp_path / PRIVATE).unlink()
    signer = open_signer(tmp_path, "Brunnen", 2_000)
    assert [key.current for key in signer.keys] == [False, True]
    keys = {key.id: key.raw for key in signer.keys}
    new = signer.mark(receipt, answer_digest(""), 2)
    assert verify(old, keys) == verify(new, keys) == "holds"
    assert new.mark is not None and old.mark is not None and new.mark.key != old.mark.key


def test_a_key_made_with_openssl_will_do(tmp_path: Path) -> None:
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(tmp_path / PRIVATE)], check=False
    )
    assert made.returncode == 0
    (tmp_path / PRIVATE).chmod(0o600)
    assert open_signer(tmp_path, "Brunnen", 1_000).keys[0].current


def _pem(key: Any) -> bytes:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem


BROKEN = {
    "empty": (b"", "damaged"),
    "short": (_pem(Ed25519PrivateKey.generate())[:60], "damaged"),
    "the word": (b"secret", "damaged"),
    "another kind": (_pem(generate_private_key(SECP256R1())), "Ed25519"),
    "nothing but zeros": (bytes(100), "damaged"),
}


@pytest.mark.parametrize(("content", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_short_or_broken_key_stops_the_start(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / PRIVATE).write_bytes(content)
    (tmp_path / PRIVATE).chmod(0o600)
    with pytest.raises(SetupError, match=sentence):
        open_signer(tmp_path, "Brunnen", 1_000)
    assert (tmp_path / PRIVATE).read_bytes() == content


@pytest.mark.skipif(os.name != "posix", reason="no such modes there")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o606])
def test_a_key_that_others_can_read_stops_the_start(tmp_path: Path, mode: int) -> None:
    open_signer(tmp_path, "Brunnen", 1_000)
    (tmp_path / PRIVATE).chmod(mode)
    with pytest.raises(SetupError, match="chmod 600"):
        open_signer(tmp_path, "Brunnen", 1_000)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        '[{"id": "00", "public_key": "AAAA"}]',
        '[{"id": "00", "public_key": "%s"}]' % ("A" * 43),
    ],
)
def test_damaged_public_keys_stop_the_start(tmp_path: Path, content: str) -> None:
    open_signer(tmp_path, "Brunnen", 1_000)
    (tmp_path / PUBLIC).write_text(content)
    with pytest.raises(SetupError, match="public keys"):
        open_signer(tmp_path, "Brunnen", 1_000)
