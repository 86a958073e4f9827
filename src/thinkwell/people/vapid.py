"""Who the site is to push services (VAPID, RFC 8292): its key, made on the first start, and what it signs."""

from __future__ import annotations

import os
import stat
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from joserfc import jwt
from joserfc.jwk import ECKey

from thinkwell.errors import SetupError

FILE = "push_key"
GOOD_FOR_S = 12 * 3600  # RFC 8292 allows 24 hours
MOST_BYTES = 10_000


class Vapid:
    """``contact`` is who may be written to about it, a mailto: or https: address, or nobody."""

    def __init__(
        self, private: EllipticCurvePrivateKey, contact: str, clock: Callable[[], float] = time.time
    ) -> None:
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._key = ECKey.import_key(pem)
        self._contact = contact
        self._clock = clock
        self.public_key = urlsafe_b64encode(point).rstrip(b"=").decode()

    def authorization(self, endpoint: str) -> str:
        """The header for a push service: it holds for that service alone."""
        at = urlsplit(endpoint)
        claims: dict[str, str | int] = {
            "aud": f"{at.scheme}://{at.netloc}",
            "exp": int(self._clock()) + GOOD_FOR_S,
        }
        if self._contact:
            claims["sub"] = self._contact
        token = jwt.encode({"typ": "JWT", "alg": "ES256"}, claims, self._key)
        return f"vapid t={token}, k={self.public_key}"


def open_vapid(data: Path, contact: str) -> Vapid:
    """With the site's key, for this user only. With another one every browser has to subscribe anew. Raises
    SetupError."""
    return Vapid(_private_key(data / FILE), contact)


def _private_key(path: Path) -> EllipticCurvePrivateKey:
    fresh = generate_private_key(SECP256R1())
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return fresh
    except FileExistsError:
        pass
    except OSError as error:
        raise SetupError(f"The key {path} cannot be written: {error.strerror}.") from error
    return _read(path)


def _read(path: Path) -> EllipticCurvePrivateKey:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            pem = file.read(MOST_BYTES)
    except OSError as error:
        raise SetupError(f"The key {path} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise SetupError(
            f"The key {path} can be read by others on this machine, who could send notifications with it. "
            f"If nobody did, say: chmod 600 {path}. Else delete it, and the next start makes a new one."
        )
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SetupError(
            f"The key {path} is damaged, or is none. Restore it from a backup, or delete it: then people's "
            "browsers have to ask for notifications anew."
        ) from error
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise SetupError(f"The key {path} is of another kind: push services take P-256.")
    return key
