"""Signed receipts: that this site made an answer, and what it used, holds without asking the site.

What is signed are the bytes of the receipt in one canonical form, the JSON Canonicalization Scheme of RFC
8785: members sorted by name, no spaces, UTF-8, numbers as short as they can be (``0`` for 0.0). Before that,
members that are null are left out, at any depth, and ``mark.signature`` is the empty text. So a receipt holds
however a program has printed it again, and after later versions have added members that it does not have:
new ones are null where nothing is known.

Knows keys as values; where they lie is signing_keys.py.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from thinkwell.values.receipt import Mark, Receipt

ALGORITHM = "Ed25519"
KEY_BYTES = 32
SIGNATURE_BYTES = 64
ID_CHARACTERS = 16

# ``unknown_key``: signed with a key that is not among those given, so nothing can be said of it.
Finding = Literal["holds", "changed", "unsigned", "unknown_key"]

_encode = msgspec.json.Encoder(order="sorted").encode


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """``public_key`` is base64url without padding, ``since`` when the site began to use it (seconds since
    1970); with the ``current`` one it signs today."""

    id: str
    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: str
    since: int = 0
    current: bool = False

    @property
    def raw(self) -> bytes:
        """Raises ValueError where it is no key."""
        return raw_key(self.public_key)


class Signer:
    """Signs for a site. ``keys`` are all it ever signed with, the current one among them."""

    def __init__(self, private: Ed25519PrivateKey, site: str, keys: tuple[PublicKey, ...] = ()) -> None:
        raw = private.public_key().public_bytes_raw()
        self._private = private
        self._site = site
        self.key_id = key_id(raw)
        self.keys = keys or (PublicKey(id=self.key_id, public_key=base64url(raw), current=True),)

    def mark(self, receipt: Receipt, answer_sha256: str, at: int) -> Receipt:
        """The same receipt, complete and signed. ``at`` in seconds since 1970; nothing may change after."""
        mark = Mark(site=self._site, at=at, answer_sha256=answer_sha256, key=self.key_id)
        unsigned = msgspec.structs.replace(receipt, mark=mark)
        signature = base64url(self._private.sign(canonical(msgspec.to_builtins(unsigned))))
        return msgspec.structs.replace(unsigned, mark=msgspec.structs.replace(mark, signature=signature))


def answer_digest(answer: str) -> str:
    """SHA-256 over the answer's whole text in UTF-8, as the mark has it."""
    return hashlib.sha256(answer.encode("utf-8", "replace")).hexdigest()


def canonical(receipt: Mapping[str, Any]) -> bytes:
    """What is signed, of a receipt as JSON has it. Raises ValueError for what JSON cannot say."""
    plain = {name: _plain(member) for name, member in receipt.items() if member is not None}
    if isinstance(plain.get("mark"), dict):
        plain["mark"]["signature"] = ""
    try:
        return _encode(plain)
    except (OverflowError, UnicodeEncodeError, TypeError) as error:
        raise ValueError(f"it has what JSON cannot say: {error}") from error


def _plain(value: Any) -> Any:
    """Without null members; whole numbers are integers. Raises ValueError for numbers that JSON has not."""
    kind = type(value)
    if kind is dict:
        return {name: _plain(member) for name, member in value.items() if member is not None}
    if kind is list or kind is tuple:
        return [_plain(item) for item in value]
    if kind is float:
        if not math.isfinite(value):
            raise ValueError("it has a number that is none")
        return int(value) if value.is_integer() else value
    return value


def verify(receipt: Receipt | Mapping[str, Any], keys: Mapping[str, bytes]) -> Finding:
    """Whether what the receipt says is what was signed with one of ``keys``: raw public keys by their id.

    Give it the receipt as JSON had it where there is one: a Receipt lacks members of later versions.
    Raises ValueError for what is no receipt at all.
    """
    said = msgspec.to_builtins(receipt) if isinstance(receipt, Receipt) else receipt
    mark = said.get("mark")
    if not isinstance(mark, dict) or not mark.get("signature"):
        return "unsigned"
    name = mark.get("key")
    public = keys.get(name) if isinstance(name, str) else None
    if public is None:
        return "unknown_key"
    try:
        signature = _decoded(mark["signature"], SIGNATURE_BYTES)
        Ed25519PublicKey.from_public_bytes(public).verify(signature, canonical(said))
    except (InvalidSignature, binascii.Error, _WrongLength):
        return "changed"
    return "holds"


def key_id(public: bytes) -> str:
    """The first characters of SHA-256 over the 32 bytes of a public key, in hexadecimal."""
    return hashlib.sha256(public).hexdigest()[:ID_CHARACTERS]


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def raw_key(text: str) -> bytes:
    """Of base64 or base64url, with or without padding. Raises ValueError."""
    return _decoded(text.replace("+", "-").replace("/", "_"), KEY_BYTES)


class _WrongLength(ValueError):
    pass


def _decoded(text: str, length: int) -> bytes:
    """Raises binascii.Error or _WrongLength, both ValueErrors."""
    if not isinstance(text, str) or not text.isascii():
        raise _WrongLength("that is no text in base64url")
    bare = text.rstrip("=")
    data = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    if len(data) != length or base64url(data) != bare:  # two spellings of one signature are two signatures
        raise _WrongLength(f"that is not {length} bytes in base64url")
    return data
