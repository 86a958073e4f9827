"""Signs short texts for cookies and forms, each kind with a name of its own."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from itsdangerous import BadSignature, TimestampSigner

MOST_CHARACTERS = 200
MOST_REMEMBERED = 4_096


class DatedSigner(TimestampSigner):
    """``name`` goes into the derivation: the same secret never signs two kinds of thing alike. ``clock``
    gives seconds since 1970."""

    def __init__(self, secret: bytes, name: str, clock: Callable[[], float] = time.time) -> None:
        super().__init__(secret, salt=f"thinkwell.{name}", digest_method=hashlib.sha256)
        self._clock = clock
        self._held: dict[str, tuple[str, int]] = {}  # what was checked of late, but for its age

    def get_timestamp(self) -> int:
        return int(self._clock())

    def signed(self, text: str) -> str:
        return self.sign(text).decode("ascii")

    def holds(self, signed: str, max_age_s: int) -> tuple[str, int] | None:
        """The text, and when it was signed; None when it is forged, damaged or older than ``max_age_s``."""
        found = self._held.get(signed) or self._checked(signed)
        if found is None or not 0 <= self.get_timestamp() - found[1] <= max_age_s:
            return None
        return found

    def _checked(self, signed: str) -> tuple[str, int] | None:
        """The same at any age. A browser shows the same with every request."""
        if len(signed) > MOST_CHARACTERS or not signed.isascii():
            return None
        try:
            text, at = self.unsign(signed, return_timestamp=True)
        except BadSignature:
            return None
        dated, _, signature = signed.rpartition(".")
        if signature.encode() != self.get_signature(dated):  # another spelling of the same base64
            return None
        if len(self._held) >= MOST_REMEMBERED:
            del self._held[next(iter(self._held))]
        found = self._held[signed] = text.decode("ascii"), int(at.timestamp())
        return found
