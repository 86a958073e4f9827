"""The data folder, and the site's secret in it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from thinkwell.errors import SetupError


def prepare_data(data: Path) -> None:
    """Make the data folder, for this user only. Raises SetupError."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = data / f".write-{secrets.token_hex(4)}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        raise SetupError(
            f"The data folder {data} cannot be written: {error.strerror or error}. "
            "Free some space there, or name another folder with --data."
        ) from error


def site_secret(data: Path) -> bytes:
    """The key that signs cookies: made on the first start, readable by this user only. Raises SetupError."""
    path = data / "secret"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise SetupError(f"The secret {path} cannot be written: {error.strerror}.") from error
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise SetupError(f"The secret {path} cannot be read: {error}. Restore it from a backup.") from error
    if len(secret) < 32:
        raise SetupError(
            f"The secret {path} is too short to be safe. Restore it from a backup, or delete it."
        )
    return secret
