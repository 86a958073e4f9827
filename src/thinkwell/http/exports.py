"""How many exports are made at once: each reads all that a person has. Knows nothing of what is in them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from thinkwell.errors import Conflict, StoreUnavailable

MOST_AT_ONCE = 4


class Exports:
    """Belongs to the event loop."""

    def __init__(self) -> None:
        self._made: set[str] = set()

    @property
    def count(self) -> int:
        """How many are being made."""
        return len(self._made)

    def check(self, owner: str) -> None:
        """Raises Conflict where the same person's is being made, StoreUnavailable where very many are."""
        if owner in self._made:
            raise Conflict("Your export is being made already. Take that one.", retry_after_s=30)
        if len(self._made) >= MOST_AT_ONCE:
            raise StoreUnavailable(
                "Others take their data along at this moment. Try again in a minute.", retry_after_s=60
            )

    async def one_of(self, owner: str, pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The pieces, while it counts as one that is being made. Raises as ``check``."""
        self.check(owner)
        self._made.add(owner)
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    yield piece
        finally:
            self._made.discard(owner)
