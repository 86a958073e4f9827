"""``thinkwell verify``: what it says of receipts, true ones, changed ones and hostile files."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import aiohttp
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from thinkwell.cli.main import main
from thinkwell.ledger.signing import PublicKey, Signer, answer_digest, base64url
from thinkwell.testing.site import RunningSite
from thinkwell.values.receipt import Charge, PriceLine, Receipt
from thinkwell.values.usage import Usage

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PEM = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
SIGNER = Signer(PRIVATE, "Dorfbrunnen")
TEXT = SIGNER.keys[0].public_key
ANSWER = "Vier. Ä\n— und nicht fünf."
RECEIPT = Receipt(
    turn_id="chatcmpl-1",
    model="scripted",
    usage=Usage(prompt=12, cached=4, reasoning=20, answer=5),
    ending="finished",
    waited_s=1.0,
    charge=Charge(
        currency="EUR",
        lines=(PriceLine(kind="prompt", tokens=8, per_million=2_000_000),),
        price=1500,
        due=900,
    ),
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command as it is called: its exit code and what it printed."""

    def runs(*words: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["thinkwell", "verify", *words])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, said.out, said.err

    return runs


def signed(**changes: Any) -> dict[str, Any]:
    marked = SIGNER.mark(RECEIPT, answer_digest(ANSWER), 1_795_000_000)
    parsed: dict[str, Any] = json.loads(msgspec.json.encode(marked))
    return parsed | changes


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    return written(tmp_path, signed())


def written(folder: Path, value: Any) -> Path:
    path = folder / "receipt.json"
    path.write_text(json.dumps(value), "utf-8")
    return path


def test_a_true_receipt_holds_offline(run: Run, receipt: Path, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(PEM)
    code, out, _ = run(str(receipt), "--key", str(tmp_path / "key.pem"))
    assert code == 0
    assert "signature  holds" in out and "answer     not checked" in out
    assert "scripted" in out and "AI, at 'Dorfbrunnen', 2026-11-18" in out
    assert "12 of the question (4 cached), 20 of thought, 5 of the answer" in out
    assert "0.0015 EUR, of which 0.0009 were due" in out


def test_a_key_may_be_text_or_any_file_that_has_it(run: Run, receipt: Path, tmp_path: Path) -> None:
    kept = {
        "raw.txt": TEXT.encode() + b"\n",
        "padded.txt": f"{TEXT}=".encode(),
        "site.json": msgspec.json.encode({"site": "Dorfbrunnen", "url": None, "keys": SIGNER.keys}),
        "key.pem": PEM,
    }
    for name, content in kept.items():
        (tmp_path / name).write_bytes(content)
        assert run(str(receipt), "--key", str(tmp_path / name))[0] == 0, name
    assert run(str(receipt), "--key", TEXT)[0] == 0
    assert run("-", "--key", TEXT, stdin=receipt.read_bytes())[0] == 0


ANSWERS: dict[str, tuple[str, int, str]] = {
    "the same": (ANSWER, 0, "to the byte"),
    "with a line break at its end": (f"{ANSWER}\n", 0, "but for a line break"),
    "with another word": (ANSWER.replace("Vier", "Drei"), 1, "IS NOT"),
    "with a space more": (f"{ANSWER} ", 1, "IS NOT"),
    "none": ("", 1, "IS NOT"),
}


@pytest.mark.parametrize(("answer", "expected", "says"), ANSWERS.values(), ids=ANSWERS)
def test_the_answer_is_the_signed_one_or_not(
    run: Run, receipt: Path, tmp_path: Path, answer: str, expected: int, says: str
) -> None:
    (tmp_path / "answer.txt").write_text(answer, "utf-8")
    code, out, _ = run(str(receipt), "--key", TEXT, "--answer", str(tmp_path / "answer.txt"))
    assert (code, says in out) == (expected, True)
    code, out, _ = run(str(receipt), "--key", TEXT, "--answer", "-", stdin=answer.encode())
    assert (code, says in out) == (expected, True)


def in_mark(**changes: Any) -> dict[str, Any]:
    return {"mark": signed()["mark"] | changes}


CHANGES: dict[str, dict[str, Any]] = {
    "a token less": {"usage": signed()["usage"] | {"reasoning": 19}},
    "another model": {"model": "better"},
    "another time": in_mark(at=1_795_000_001),
    "another answer": in_mark(answer_sha256=answer_digest("Fünf.")),
    "another site": in_mark(site="Stadtbrunnen"),
    "made by a person": in_mark(signature=signed()["mark"]["signature"][::-1]),
    "nothing due": {"charge": signed()["charge"] | {"due": 0}},
    "another turn": {"turn_id": "chatcmpl-2"},
    "a field more": {"discount": 5},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_changed_receipt_does_not_hold(run: Run, tmp_path: Path, changes: dict[str, Any]) -> None:
    code, out, _ = run(str(written(tmp_path, signed(**changes))), "--key", TEXT)
    assert code == 1 and "DOES NOT HOLD" in out


def test_an_unknown_key_is_told_apart_from_a_bad_signature(run: Run, receipt: Path, tmp_path: Path) -> None:
    other = base64url(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    code, out, _ = run(str(receipt), "--key", other)
    assert code == 2 and "another key" in out
    code, out, _ = run(str(written(tmp_path, signed(mark=None))), "--key", TEXT)
    assert code == 1 and "IS MISSING" in out


CARRIERS: list[Callable[[Any], Any]] = [
    lambda receipt: {"id": "chatcmpl-1", "usage": {}, "thinkwell": {"receipt": receipt}},
    lambda receipt: {"turn_id": "chatcmpl-1", "asked_at": "…", "refunded": 0, "receipt": receipt},
]


@pytest.mark.parametrize("carrier", CARRIERS, ids=["an answer of the API", "a line of a statement"])
def test_a_receipt_is_found_in_what_carries_it(run: Run, tmp_path: Path, carrier: Any) -> None:
    assert run(str(written(tmp_path, carrier(signed()))), "--key", TEXT)[0] == 0


HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not JSON"),
    "no JSON": (b"{'a': 1}", "not JSON"),
    "no UTF-8": (b'{"a": "\xff"}', "not JSON"),
    "deep lists": (b"[" * 100_000, "nested too deep"),
    "deep objects": (b'{"usage":' * 100_000, "nested too deep"),
    "deep inside": (b'{"turn_id": "t", "usage": {}, "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "nested"),
    "a list": (b"[]", "no receipt in it"),
    "null": (b"null", "no receipt in it"),
    "a number": (b"1" * 5_000, "not JSON"),
    "carriers without end": (b'{"receipt":' * 50 + b"1" + b"}" * 50, "no receipt in it"),
    "wrong types": (json.dumps(signed(model=5)).encode(), "no receipt of"),
    "a mark that is none": (json.dumps(signed(mark="signed")).encode(), "no receipt of"),
    "made by nobody": (json.dumps(signed(**in_mark(made_by="human"))).encode(), "no receipt of"),
    "no usage": (json.dumps(signed(usage=None)).encode(), "no receipt of"),
    "a number that is none": (json.dumps(signed(seconds=float("nan"))).encode(), "not JSON"),
    "two of one name": (json.dumps(signed()).encode()[:-1] + b', "model": "better"}', "two members"),
}


@pytest.mark.parametrize(("content", "sentence"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_in_a_sentence(
    run: Run, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(content)
    code, out, err = run(str(path), "--key", TEXT)
    assert (code, out) == (2, "") and sentence in err and err.count("\n") == 1
    assert err.startswith("thinkwell: ")


@pytest.mark.parametrize("what", ["receipt", "answer", "key"])
def test_a_gigabyte_is_not_read(run: Run, receipt: Path, tmp_path: Path, what: str) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(2**30)
    words = {
        "receipt": [str(huge), "--key", TEXT],
        "answer": [str(receipt), "--key", TEXT, "--answer", str(huge)],
        "key": [str(receipt), "--key", str(huge)],
    }
    code, _, err = run(*words[what])
    assert code == 2 and "MB" in err


def test_what_is_no_file_is_refused(run: Run, receipt: Path, tmp_path: Path) -> None:
    for name in (str(tmp_path), "/dev/zero", str(tmp_path / "none.json"), "a\0b"):
        code, _, err = run(name, "--key", TEXT)
        assert code == 2 and "\n" not in err.strip()


def test_names_in_a_receipt_do_not_move_the_terminals_cursor(run: Run, tmp_path: Path) -> None:
    evil = Receipt(
        turn_id="t\x1b[2J\nsignature  holds", model="\u202e" + "m" * 500, usage=Usage(), ending="failed"
    )
    forged = Signer(PRIVATE, "\x1b]0;title\x07").mark(evil, answer_digest(""), 10**17)
    path = tmp_path / "receipt.json"
    path.write_bytes(msgspec.json.encode(forged))
    code, out, _ = run(str(path), "--key", TEXT)
    assert code == 0
    assert "\x1b" not in out and "\u202e" not in out and out.count("signature  holds") == 2
    assert sum(line.startswith("signature") for line in out.splitlines()) == 1
    assert max(map(len, out.splitlines())) < 250


KEYS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "no Ed25519 public key"),
    "the private one": (
        PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "private key",
    ),
    "another kind": (
        generate_private_key(SECP256R1())
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "another kind",
    ),
    "cut": (PEM[:50], "damaged"),
    "no keys": (b'{"keys": []}', "no keys"),
    "strange keys": (b'{"keys": [{"id": "1", "public_key": "AAAA"}]}', "no keys as"),
    "deep": (b'{"keys": ' + b"[" * 100_000, "no keys as"),
    "not ASCII": ("ключ".encode(), "no Ed25519 public key"),
}


@pytest.mark.parametrize(("content", "sentence"), KEYS.values(), ids=KEYS)
def test_what_is_no_key_is_refused(
    run: Run, receipt: Path, tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "key").write_bytes(content)
    code, _, err = run(str(receipt), "--key", str(tmp_path / "key"))
    assert code == 2 and sentence in err


def test_a_key_counts_under_its_own_name_only(run: Run, receipt: Path, tmp_path: Path) -> None:
    """Told under the name of the site's key, another key is still another key."""
    other = base64url(Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    told = {"keys": [PublicKey(id=SIGNER.key_id, public_key=other)]}
    (tmp_path / "site.json").write_bytes(msgspec.json.encode(told))
    assert run(str(receipt), "--key", str(tmp_path / "site.json"))[0] == 2


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--key", TEXT, "--site", "http://127.0.0.1"],
        ["--key", "nowhere.pem"],
        ["--site", "ftp://127.0.0.1"],
        ["--site", "http://127.0.0.1:1"],
        ["--site", "http://["],
    ],
    ids=" ".join,
)
def test_without_a_key_nothing_can_be_told(run: Run, receipt: Path, words: list[str]) -> None:
    code, _, err = run(str(receipt), *words)
    assert code == 2 and err.startswith("thinkwell: ")


async def test_a_receipt_of_a_site_holds_with_the_keys_that_it_tells(
    run: Run, running: RunningSite, client: aiohttp.ClientSession, tmp_path: Path
) -> None:
    asked = {"model": "scripted", "messages": [{"role": "user", "content": "?"}]}
    async with client.post("/v1/chat/completions", json=asked) as reply:
        body = await reply.json()
    whole, answer = tmp_path / "answer.json", tmp_path / "answer.txt"
    await asyncio.to_thread(whole.write_text, json.dumps(body))
    await asyncio.to_thread(answer.write_text, body["choices"][0]["message"]["content"])
    words = [str(whole), "--site", running.url + "/", "--answer", str(answer)]
    code, out, err = await asyncio.to_thread(run, *words)
    assert code == 0, (out, err)
    body["thinkwell"]["receipt"]["usage"]["answer"] -= 1
    await asyncio.to_thread(whole.write_text, json.dumps(body))
    code, out, _ = await asyncio.to_thread(run, *words)
    assert code == 1 and "DOES NOT HOLD" in out


class _Elsewhere(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("location", "/.well-known/thinkwell.json")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        for _ in range(2_000):
            try:
                self.wfile.write(b" " * 1_000)
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(("path", "sentence"), [("", "too long"), ("/moved", "302")])
def test_a_hostile_site_is_refused_in_a_sentence(run: Run, receipt: Path, path: str, sentence: str) -> None:
    with HTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        Thread(target=server.handle_request, daemon=True).start()
        code, _, err = run(str(receipt), "--site", f"http://127.0.0.1:{server.server_port}{path}")
    assert code == 2 and sentence in err
