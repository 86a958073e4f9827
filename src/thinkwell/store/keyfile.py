"""Private keys in files of their own, made on the first start and readable by this user only.

Knows no use of them: who asks says what whoever reads one could do with it, and what is lost without it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from thinkwell.errors import SetupError

MOST_BYTES = 10_000


class Written(Protocol):
    """A private key of any kind."""

    def private_bytes(
        self, encoding: Encoding, format: PrivateFormat, encryption_algorithm: NoEncryption
    ) -> bytes: ...


def pem_of(key: Written) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def kept_key(path: Path, fresh: Written, *, could: str, lost: str) -> object:
    """The key in that file, which is ``fresh`` where there was none. Raises SetupError.

    ``could``: what others who read it could do; ``lost``: what becomes of a site whose key is deleted.
    """
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(pem_of(fresh))
        return fresh
    except FileExistsError:
        pass
    except OSError as error:
        raise SetupError(f"The key {path} cannot be written: {error.strerror}.") from error
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            pem = file.read(MOST_BYTES)
    except OSError as error:
        raise SetupError(f"The key {path} cannot be read: {error.strerror}.") from error
    if os.name == "posix" and mode & 0o077:
        raise SetupError(
            f"The key {path} can be read by others on this machine, who could {could} with it. "
            f"If nobody did, say: chmod 600 {path}. Else delete it, and the next start makes a new one."
        )
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SetupError(
            f"The key {path} is damaged, or is none. Restore it from a backup, or delete it: {lost}"
        ) from error
