"""Public keys of a site: from a file or text that was kept, or asked of the site."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import msgspec

from thinkwell.cli.receipt_file import read
from thinkwell.errors import BadRequest, TooLarge
from thinkwell.ledger.signing import PublicKey, key_id, raw_key

PATH = "/.well-known/thinkwell.json"
MOST_BYTES = 2**20
TIMEOUT_S = 15.0
PATIENCE_S = 60.0
# What is small when packed may be endless when unpacked.
UNPACKED = {"accept-encoding": "identity"}

Keys = dict[str, bytes]


class _Told(msgspec.Struct, frozen=True):
    keys: list[PublicKey]


def keys_of_text(text: str) -> Keys:
    """Of a file's name, or of a key in base64. Raises BadRequest or TooLarge."""
    try:
        raw = raw_key(text)
    except ValueError:
        if not _is_there(text):
            raise BadRequest("--key is neither a file that is there nor a public key in base64url.") from None
        return _keys_of_file(read(text, MOST_BYTES, "key"))
    return {key_id(raw): raw}


def keys_of_site(url: str) -> Keys:
    """Raises BadRequest or TooLarge."""
    import httpx

    base = url.rstrip("/")
    if not base.startswith(("https://", "http://")):
        raise BadRequest("--site is an address such as https://ask.example.org.")
    body = b""
    until = monotonic() + PATIENCE_S
    try:
        # No redirects: whose keys they are is said by the address.
        with httpx.stream("GET", base + PATH, headers=UNPACKED, timeout=TIMEOUT_S) as reply:
            if reply.status_code != 200:
                raise BadRequest(f"There are no keys at {base}{PATH}: it answered {reply.status_code}.")
            for piece in reply.iter_raw():
                body += piece
                if len(body) > MOST_BYTES or monotonic() > until:
                    raise TooLarge(f"What {base} tells as its keys is too long, or comes too slowly.")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadRequest(f"The site at {base} cannot be asked: {error}. With --key none is needed.") from None
    return _told(body)


def _keys_of_file(body: bytes) -> Keys:
    if b"-----BEGIN" in body:
        return _pem(body)
    if body.lstrip().startswith(b"{"):
        return _told(body)
    try:
        raw = raw_key(body.decode("ascii").strip())
    except ValueError:
        raise BadRequest(
            "The key file has no Ed25519 public key: PEM, base64url, or what the site tells."
        ) from None
    return {key_id(raw): raw}


def _pem(body: bytes) -> Keys:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if b"PRIVATE KEY" in body:
        raise BadRequest("That is a private key. Keep it to yourself, and give the public one.")
    try:
        key = load_pem_public_key(body)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadRequest("The key file is damaged, or is no public key.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise BadRequest("The key is of another kind: receipts are signed with Ed25519.")
    raw = key.public_bytes_raw()
    return {key_id(raw): raw}


def _told(body: bytes) -> Keys:
    """A key counts under the name that follows from it, whatever name it is told by."""
    try:
        keys = msgspec.json.decode(body, type=_Told).keys
        raws = [key.raw for key in keys]
    except (ValueError, RecursionError):
        raise BadRequest("Those are no keys as a Thinkwell site tells them.") from None
    if not raws:
        raise BadRequest("The site tells no keys.")
    return {key_id(raw): raw for raw in raws}


def _is_there(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False
