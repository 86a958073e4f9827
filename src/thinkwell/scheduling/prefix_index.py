"""PrefixIndex: which prefixes of texts a replica should still have. Knows hashes, no texts, no replicas.

A text is cut into blocks of bytes; the hash of a block stands for it and all before it, so that equal
hashes mean equal beginnings. Beside it, how texts become such hashes, salted so that one person's
texts say nothing about another's.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence

# About 128 tokens of English. Smaller ones find little more (a conversation grows by more than that),
# and cost time and memory in proportion.
BLOCK_BYTES = 512

# Stands between two texts; no UTF-8 has this byte, so nobody can write it.
BETWEEN = b"\xff"


class PrefixIndex:
    """The blocks used last, ``capacity`` of them at most. What engines' own prefix caches do, too."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._blocks: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._blocks)

    def match(self, blocks: Sequence[int]) -> int:
        """How many blocks from the start are known."""
        known = self._blocks
        for place, block in enumerate(blocks):
            if block not in known:
                return place
        return len(blocks)

    def add(self, blocks: Sequence[int]) -> None:
        """Remember a prefix as just used. Its tail is forgotten before its head, which serves more texts."""
        known = self._blocks
        for block in reversed(blocks[: self.capacity]):
            known[block] = None
            known.move_to_end(block)
        while len(known) > self.capacity:
            known.popitem(last=False)

    def forget(self) -> None:
        """All of it: the replica died, and its cache with it."""
        self._blocks.clear()


def cached_tokens(matched: int, block_tokens: int, prompt_tokens: int) -> int:
    """Tokens that ``matched`` blocks save. One token at least is always left to compute."""
    return max(0, min(matched * block_tokens, prompt_tokens - 1))


def prefix_blocks(texts: Iterable[str], salt: bytes = b"", block_bytes: int = BLOCK_BYTES) -> tuple[int, ...]:
    """The hashes of the whole blocks of ``texts``, one after the other (the messages of a conversation).

    What is left over at the end counts for nothing. A conversation that goes on keeps its blocks.
    ``salt`` is the person where prefixes are not shared: without it, how fast an answer comes could tell
    one person what another has asked.
    """
    # A lone surrogate, which JSON can carry, is a text like any other here.
    data = memoryview(BETWEEN.join([text.encode("utf-8", "surrogatepass") for text in texts]))
    digest = hashlib.blake2b(len(salt).to_bytes(4, "big") + salt, digest_size=8)
    hashes: list[int] = []
    for start in range(0, len(data) - block_bytes + 1, block_bytes):
        digest.update(data[start : start + block_bytes])
        hashes.append(int.from_bytes(digest.copy().digest(), "big"))
    return tuple(hashes)
