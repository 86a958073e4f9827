"""An LRU cache of prompt prefixes, in blocks. Knows hashes only, neither texts nor requests."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence


class PrefixCache:
    """``capacity`` and ``block`` in tokens; capacity is rounded down to whole blocks."""

    def __init__(self, capacity: int, block: int) -> None:
        self.block = block
        self._room = capacity // block
        self._blocks: OrderedDict[int, None] = OrderedDict()

    @property
    def tokens(self) -> int:
        return len(self._blocks) * self.block

    def match(self, blocks: Sequence[int], prompt_tokens: int) -> int:
        """Tokens of the longest cached prefix. One token at least is always left to compute."""
        known = self._blocks
        matched = 0
        for block in blocks:
            if block not in known:
                break
            matched += 1
        return max(0, min(matched * self.block, prompt_tokens - 1))

    def add(self, blocks: Sequence[int]) -> None:
        """Remember a prefix as just used. Its tail is evicted before its head."""
        known = self._blocks
        for block in reversed(blocks[: self._room]):
            known[block] = None
            known.move_to_end(block)
        while len(known) > self._room:
            known.popitem(last=False)


def block_hashes(blocks: Iterable[bytes], *, salt: bytes = b"") -> tuple[int, ...]:
    """Chained hashes of the contents of blocks: each stands for its block and all before it."""
    digest = hashlib.blake2b(salt, digest_size=8)
    hashes: list[int] = []
    for block in blocks:
        digest.update(len(block).to_bytes(4))
        digest.update(block)
        hashes.append(int.from_bytes(digest.copy().digest()))
    return tuple(hashes)
