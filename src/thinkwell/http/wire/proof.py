"""The wire shapes of proofs of work. A challenge has ALTCHA's own names (its second version)."""

from __future__ import annotations

from typing import Literal

import msgspec


class ChallengeData(msgspec.Struct, frozen=True, rename={"whom": "for"}):
    """``for`` is whom it was asked of, hidden; ``most`` the most tries that it takes."""

    whom: str
    most: int


class ChallengeParameters(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Find the ``counter`` from 1 to ``data.most`` for which ``cost`` rounds of SHA-256, the first over salt,
    nonce and counter (four bytes, big end first), begin with ``keyPrefix``. ``expiresAt`` in seconds since
    1970."""

    algorithm: Literal["SHA-256"]
    cost: int
    key_length: int
    key_prefix: str
    nonce: str
    salt: str
    key_signature: str
    expires_at: int
    data: ChallengeData


class ProofChallenge(msgspec.Struct, frozen=True, kw_only=True):
    parameters: ChallengeParameters
    signature: str


class ProofOffer(msgspec.Struct, frozen=True, kw_only=True):
    """``why``: ``busy``: who solves it is a person of its own in the line for an hour. Nothing is needed
    where it is ``quiet``, where one is ``proven`` already, or ``known`` (a member)."""

    needed: bool
    challenge: ProofChallenge | None
    why: Literal["quiet", "proven", "busy", "known"]


class ProofBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``payload``: challenge and solution, JSON in base64, as ALTCHA's clients send it."""

    payload: str


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    proven_until: str
