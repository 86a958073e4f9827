"""Who the site is to push services (VAPID, RFC 8292): its key, made on the first start, and what it signs."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from thinkwell.errors import SetupError
from thinkwell.store.keyfile import kept_key, pem_of

FILE = "push_key"
GOOD_FOR_S = 12 * 3600  # RFC 8292 allows 24 hours


class Vapid:
    """``contact`` is who may be written to about it, a mailto: or https: address, or nobody."""

    def __init__(
        self, private: EllipticCurvePrivateKey, contact: str, clock: Callable[[], float] = time.time
    ) -> None:
        point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._key = ECKey.import_key(pem_of(private))
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
    lost = "then people's browsers have to ask for notifications anew."
    key = kept_key(path, generate_private_key(SECP256R1()), could="send notifications", lost=lost)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise SetupError(f"The key {path} is of another kind: push services take P-256.")
    return key
