"""What a proof of work costs: more under load, for the newly come, and for networks that bring many. Pure.

Units are hashes (SHA-256 of 32 bytes and more). Plain JavaScript does about 950 a millisecond in Node on a
server's core, 600 in a Web Worker of Chromium there (docs/visitors.md), and on an old phone a tenth of that.
"""

from __future__ import annotations

from collections.abc import Sequence

HASHES = 100  # of one try; fewer and the loop around them counts, more and the site's own share does
EASIEST = 500  # tries at most: 50,000 hashes
MOST = 6_000  # tries at most: 600,000 hashes, half of that on average
MOST_PRESSURE = 4.0
# An identity is worth more the longer it is kept: what is made in bulk is young.
YOUNG_S, SETTLED_S = 600.0, 86_400.0
# Newcomers of an hour that cost nothing extra, by how many prefixes are counted, narrow to wide: IPv4 /32
# and /24; IPv6 /64, /56 and /48; no address at all.
USUAL: dict[int, tuple[int, ...]] = {2: (4, 16), 3: (4, 8, 16), 1: (16,)}


def tries(load: float, from_load: float, age_s: float, newcomers: Sequence[int]) -> int:
    """Most tries that a challenge takes; half of them on average. 0: nothing is asked.

    ``load`` is what is asked for over what the machine can do; ``from_load`` where proofs begin (0: never).
    ``age_s`` is the identity's; ``newcomers`` those of the last hour, for each of its networks.
    """
    if from_load <= 0 or not load >= from_load:
        return 0
    pressure = min(load / from_load, MOST_PRESSURE)
    youth = 4 if age_s < YOUNG_S else 2 if age_s < SETTLED_S else 1
    usual = USUAL.get(len(newcomers), ())
    crowd = max([1.0, *(count / most for count, most in zip(newcomers, usual, strict=False))])
    return min(MOST, int(EASIEST * pressure * youth * crowd))
