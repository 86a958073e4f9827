"""Signs short texts for cookies and forms, each kind with a name of its own."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from itsdangerous import BadSignature, TimestampSigner

MOST_CHARACTERS = 200


class DatedSigner(TimestampSigner):
    """``name`` goes into the derivation: the same secret never signs two kinds of thing alike. ``clock``
    gives seconds since 1970."""

    def __init__(self, secret: bytes, name: str, clock: Callable[[], float] = time.time) -> None:
        super().__init__(secret, salt=f"thinkwell.{name}", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock())

    def signed(self, text: str) -> str:
        return self.sign(text).decode("ascii")

    def holds(self, signed: str, max_age_s: int) -> tuple[str, int] | None:
        """The text, and when it was signed; None when it is forged, damaged or older than ``max_age_s``."""
        if len(signed) > MOST_CHARACTERS or not signed.isascii():
            return None
        try:
            text, at = self.unsign(signed, max_age=max_age_s, return_timestamp=True)
        except BadSignature:
            return None
        return text.decode("ascii"), int(at.timestamp())
