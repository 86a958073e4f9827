"""Proofs of work: under load a visitor's browser works a little, and is then for an hour a person of its own
in the line, in place of a share of its network's part. A price and no wall: who does not pay is served, too.

ALTCHA's second version (altcha.org), SHA-256: plain JavaScript solves it, also where a browser has no
crypto.subtle. Knows no door and no cookie's name; what a proof costs is in price.py.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from thinkwell.errors import ProofRefused
from thinkwell.people.newcomers import Newcomers
from thinkwell.people.price import HASHES, tries
from thinkwell.people.signers import DatedSigner

CHALLENGE_S = 600
PROVEN_S = 3_600
# Less than this left of an hour, and the next proof may be asked for.
RENEW_S = 600
ALGORITHM = "SHA-256"
# As ALTCHA's clients send it: the challenge and its solution, JSON in base64.
MOST_PAYLOAD = 4_096
# Solved challenges that are remembered, about 100 bytes each. Of more, the oldest are forgotten: a replay
# then gives what the first use gave, to the same visitor, until the same moment, and nothing more.
MOST_SPENT = 50_000

Why = Literal["quiet", "proven", "busy"]
REFUSALS = {
    "shape": "That is no proof of work as this site asks for it.",
    "foreign": "That proof of work was not asked for by this site, or it was changed.",
    "late": "The time for that proof of work is over. Ask for another.",
    "wrong": "That is not the solution.",
    "other": "That proof of work was asked of somebody else.",
    "spent": "That proof of work was used before.",
}


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """``challenge`` as ALTCHA's clients take it, None where nothing is asked."""

    why: Why
    challenge: dict[str, Any] | None = None


class Proofs:
    """``load`` says what is asked for over what the machine can do; ``from_load`` where proofs begin.

    Nothing of a proof is kept but what was spent: what counts is in the visitor's hands, signed.
    """

    def __init__(
        self,
        secret: bytes,
        from_load: float,
        load: Callable[[], float],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._signer = DatedSigner(secret, "proof", clock)
        self._challenge_key = hmac.digest(secret, b"thinkwell.challenge", "sha256")
        self._solution_key = hmac.digest(secret, b"thinkwell.solution", "sha256")
        self._visitor_key = hmac.digest(secret, b"thinkwell.challenged", "sha256")
        self._from_load = from_load
        self._load = load
        self._clock = clock
        self._newcomers = Newcomers(clock)
        self.draw: Callable[[int], int] = secrets.randbelow  # benches draw small numbers, to have less to do
        self._spent: dict[str, float] = {}

    def came(self, networks: Sequence[str]) -> None:
        """A visitor that was never seen before came from these networks."""
        self._newcomers.note(networks)

    def price(self, age_s: float, networks: Sequence[str]) -> int:
        """Most tries that a proof takes now; 0: none is asked for."""
        return tries(self._load(), self._from_load, age_s, self._newcomers.counts(networks))

    def offer(self, visitor: str, age_s: float, networks: Sequence[str], proof: str | None) -> Offer:
        """What is asked of a visitor that came ``age_s`` ago and holds ``proof``."""
        most = self.price(age_s, networks)
        if most == 0:
            return Offer(why="quiet")
        until = self.proven_until(visitor, proof)
        if until is not None and until - self._clock() > RENEW_S:
            return Offer(why="proven")
        return Offer(why="busy", challenge=self._challenge(visitor, most))

    def _challenge(self, visitor: str, most: int) -> dict[str, Any]:
        """With a number of our own choice to be found, all of them alike likely: nobody needs more than
        ``most`` tries, however unlucky."""
        from altcha import create_challenge  # most sites are quiet

        challenge = create_challenge(
            ALGORITHM,
            HASHES,
            counter=self.draw(most) + 1,
            expires_at=int(self._clock()) + CHALLENGE_S,
            data={"for": self._hidden(visitor), "most": most},
            hmac_secret=self._challenge_key,
            hmac_key_secret=self._solution_key,
        )
        return challenge.to_dict()

    def accept(self, visitor: str, networks: Sequence[str], payload: str) -> tuple[int, str]:
        """Until when (seconds since 1970) the visitor is proven, and what proves it. Raises ProofRefused.

        The hour begins when the challenge was made, so that no proof lasts longer for being shown again.
        """
        parameters = self._checked(payload)
        if parameters.data is None or parameters.data.get("for") != self._hidden(visitor):
            raise ProofRefused(REFUSALS["other"])
        if parameters.algorithm != ALGORITHM or parameters.cost != HASHES:
            raise ProofRefused(REFUSALS["foreign"])
        if parameters.expires_at is None or parameters.expires_at < self._clock():
            raise ProofRefused(REFUSALS["late"])
        self._spend(parameters.nonce)
        self._newcomers.note(networks)  # who proves several of them pays more for each
        until = parameters.expires_at - CHALLENGE_S + PROVEN_S
        return until, self._signer.signed(f"{visitor}:{until}")

    def _checked(self, payload: str) -> Any:
        """The parameters of a challenge of ours whose solution is in ``payload``."""
        from altcha import Payload, verify_solution

        if len(payload) > MOST_PAYLOAD:
            raise ProofRefused(REFUSALS["shape"])
        try:
            result = verify_solution(payload, self._challenge_key, hmac_key_secret=self._solution_key)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            raise ProofRefused(REFUSALS["shape"]) from None
        if result.error is not None:
            raise ProofRefused(REFUSALS["shape"])
        if result.expired:
            raise ProofRefused(REFUSALS["late"])
        if result.invalid_signature:
            raise ProofRefused(REFUSALS["foreign"])
        if not result.verified:
            raise ProofRefused(REFUSALS["wrong"])
        return Payload.from_base64(payload).challenge.parameters

    def _spend(self, nonce: str) -> None:
        now = self._clock()
        while self._spent:
            oldest = next(iter(self._spent))
            if len(self._spent) < MOST_SPENT and self._spent[oldest] > now - CHALLENGE_S:
                break
            del self._spent[oldest]
        if nonce in self._spent:
            raise ProofRefused(REFUSALS["spent"])
        self._spent[nonce] = now

    def proven_until(self, visitor: str, proof: str | None) -> int | None:
        """Seconds since 1970; None when ``proof`` is none, forged, another's, or its hour is over."""
        found = self._signer.holds(proof, PROVEN_S) if proof else None
        if found is None:
            return None
        whose, _, until = found[0].rpartition(":")
        return int(until) if whose == visitor and int(until) > self._clock() else None

    def _hidden(self, visitor: str) -> str:
        return hmac.digest(self._visitor_key, visitor.encode(), "sha256").hex()[:32]
