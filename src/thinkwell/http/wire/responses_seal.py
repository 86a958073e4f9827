"""A thought that a client keeps for us: signed, so that what comes back is what was sent, where it was sent.

Signed and not hidden: whoever holds it may read it, as they could when it was thought. Bound to what had been
said before it, so that it can be told when it comes back in another conversation.
"""

from __future__ import annotations

import hashlib

from itsdangerous import BadData, URLSafeSerializer

from thinkwell.errors import BadRequest


class Seals:
    def __init__(self, secret: bytes) -> None:
        # A name of its own in the derivation: the same secret never signs two kinds of thing alike.
        self._serializer = URLSafeSerializer(
            secret,
            salt="thinkwell.sealed-thought",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )

    def seal(self, thought: str, said: bytes) -> str:
        """``said`` is the digest of what had been said before the thought."""
        sealed = self._serializer.dumps([said.hex(), thought])
        return sealed if isinstance(sealed, str) else sealed.decode("ascii")

    def open(self, sealed: str, param: str) -> tuple[str, bytes]:
        """The thought, and the digest of what had been said before it. Raises BadRequest for other text."""
        try:
            said, thought = self._serializer.loads(sealed)
        except (BadData, UnicodeError):
            raise BadRequest(
                "This encrypted_content is not as this site made it. Leave the reasoning item out.",
                param=param,
            ) from None
        return thought, bytes.fromhex(said)
