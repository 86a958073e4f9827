"""Signatures of thoughts: what a client sends back is what this site thought, there in that conversation.

Knows HMAC, and neither dialects nor the wire. Nothing secret is in a signature, and no state is kept of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

# Of the signature's makeup: what is signed, and how. Another one does not hold.
VERSION = "tw1"
_LENGTH = 8


class Said:
    """What people and their tools said so far in a conversation, as one number. What models said is left out:
    a client may drop thoughts and mark answers, and the conversation is still the same."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, by: Literal["user", "tool"], text: str) -> None:
        """Nothing said is nothing added: some clients send empty pieces, others leave them out."""
        if text:
            self._hash.update(_framed(by.encode(), text.encode()))

    def digest(self) -> bytes:
        """Of all that was added until now; more may follow."""
        return self._hash.digest()


class ThoughtSigner:
    """``secret`` is the site's: after a change of it no older signature holds."""

    def __init__(self, secret: bytes) -> None:
        # A name of its own in the derivation: the same secret never signs two kinds of thing alike.
        self._key = hmac.digest(secret, b"thinkwell.thought", "sha256")

    def sign(self, model: str, thought: str, said: bytes) -> str:
        """``said`` is the digest of what had been said before the thought."""
        signed = _framed(VERSION.encode(), model.encode(), thought.encode(), said)
        return f"{VERSION}_{base64.urlsafe_b64encode(hmac.digest(self._key, signed, 'sha256')).decode()}"

    def holds(self, signature: str, model: str, thought: str, said: bytes) -> bool:
        """Whether ``sign`` made it, of exactly these. In constant time for signatures of one length."""
        made = self.sign(model, thought, said)
        return hmac.compare_digest(made.encode(), signature.encode("utf-8", "replace"))


def _framed(*parts: bytes) -> bytes:
    """With the length of each before it: two lists of parts never make the same bytes."""
    return b"".join(len(part).to_bytes(_LENGTH, "big") + part for part in parts)
