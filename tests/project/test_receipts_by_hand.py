"""The steps by which docs/receipts.md checks a receipt by hand, carried out as they stand there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from thinkwell.ledger.signing import Signer, answer_digest
from thinkwell.values.receipt import Charge, Energy, PriceLine, Receipt
from thinkwell.values.usage import Usage

PAGE = (Path(__file__).parents[2] / "docs/receipts.md").read_text("utf-8")
BY_HAND = PAGE.partition("### By hand")[2]
[PYTHON] = re.findall(r"```python\n(.*?)```", BY_HAND, re.DOTALL)
[SHELL] = re.findall(r"```sh\n(.*?)```", BY_HAND, re.DOTALL)
ANSWER = "Vier. Ä"
RECEIPT = Receipt(
    turn_id="chatcmpl-1",
    model='a "model" with \\ and \u2028',
    usage=Usage(prompt=12, reasoning=20, answer=5),
    ending="finished",
    waited_s=1.0,
    seconds=3.125,
    charge=Charge(currency="EUR", lines=(PriceLine(kind="answer", tokens=5, per_million=1),), price=1, due=1),
    energy=Energy(microjoules=5, measured=False),
)


def prepared(folder: Path) -> dict[str, object]:
    """The receipt as a client has it, and the site's key. Some key's base64 has - and _ in it."""
    signer = Signer(Ed25519PrivateKey.from_private_bytes(bytes([3] * 32)), "Brunnen")
    told = json.loads(msgspec.json.encode(signer.mark(RECEIPT, answer_digest(ANSWER), 1_795_000_000)))
    (folder / "receipt.json").write_text(json.dumps(told), "utf-8")
    (folder / "key.txt").write_text(signer.keys[0].public_key + "\n")
    (folder / "answer.txt").write_text(ANSWER, "utf-8")
    return dict(told)


def python(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PYTHON], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_lines_of_python_tell_a_true_receipt_from_a_changed_one(tmp_path: Path) -> None:
    told = prepared(tmp_path)
    done = python(tmp_path)
    assert done.stdout == "it holds\n", done.stderr
    (tmp_path / "receipt.json").write_text(json.dumps(told | {"model": "better"}), "utf-8")
    assert "InvalidSignature" in python(tmp_path).stderr


@pytest.mark.parametrize("changed", [False, True])
def test_openssl_says_the_same(tmp_path: Path, changed: bool) -> None:
    prepared(tmp_path)
    python(tmp_path)
    if changed:
        signed = tmp_path / "signed.json"
        signed.write_bytes(signed.read_bytes().replace(b'"prompt":12', b'"prompt":11'))
    done = subprocess.run(["sh", "-c", SHELL], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ("Signature Verified Successfully" in done.stdout) is not changed, done.stderr
    assert answer_digest(ANSWER) in done.stdout
