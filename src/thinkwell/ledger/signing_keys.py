"""Where the key that signs receipts lies: in the data folder, beside the public keys of all before it.

Replace ``receipt_key``, or take it away, and the next start signs with a new one; ``receipt_keys.json``
has every key that was ever used, so that older receipts still hold.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from thinkwell.errors import SetupError
from thinkwell.files import put
from thinkwell.ledger.signing import PublicKey, Signer, base64url, key_id
from thinkwell.store.keyfile import kept_key

PRIVATE = "receipt_key"
PUBLIC = "receipt_keys.json"


def open_signer(data: Path, site: str, now_s: int) -> Signer:
    """With the site's key, made on the first start for this user only. Raises SetupError."""
    private = _private_key(data / PRIVATE)
    raw = private.public_key().public_bytes_raw()
    known = _known_keys(data / PUBLIC)
    current = key_id(raw)
    keys = [msgspec.structs.replace(key, current=key.id == current) for key in known]
    if not any(key.current for key in keys):
        keys.append(PublicKey(id=current, public_key=base64url(raw), since=now_s, current=True))
    if keys != known:
        _write(data / PUBLIC, msgspec.json.format(msgspec.json.encode(keys)) + b"\n")
    return Signer(private, site, tuple(keys))


def _private_key(path: Path) -> Ed25519PrivateKey:
    lost = "the next start makes a new one, and older receipts still hold."
    key = kept_key(path, Ed25519PrivateKey.generate(), could="sign receipts", lost=lost)
    if not isinstance(key, Ed25519PrivateKey):
        raise SetupError(f"The key {path} is of another kind: receipts are signed with Ed25519.")
    return key


def _known_keys(path: Path) -> list[PublicKey]:
    try:
        keys = msgspec.json.decode(path.read_bytes(), type=list[PublicKey])
        if all(key.id == key_id(key.raw) for key in keys):
            return keys
        reason = "a key's id does not belong to the key"
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SetupError(f"The receipts' public keys {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # msgspec's are among them
        reason = str(error)
    raise SetupError(
        f"The receipts' public keys {path} are damaged: {reason}. Restore them from a backup, or delete "
        "them: then receipts of earlier keys can no longer be verified with what the site tells."
    )


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all."""
    try:
        put(path, body)
    except OSError as error:
        raise SetupError(f"{path} cannot be written: {error.strerror}.") from error
