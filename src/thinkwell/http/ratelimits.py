"""What a client may still ask for, in the headers of each API dialect. Only what is true of this site.

This site refuses nobody for asking often; what ends is the memory for those who run and wait. Their places
are what the headers count, for all callers together, and they are free again as turns end: at any moment.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from thinkwell.http.site import Site

Dialect = Literal["openai", "anthropic"]


def limit_headers(site: Site, dialect: Dialect) -> tuple[tuple[bytes, bytes], ...]:
    """Places in all, places left now, and when a place that is taken may be free again: now."""
    places = site.settings.turns.max_live
    left = max(0, places - site.turns.count)
    if dialect == "openai":
        return (
            (b"x-ratelimit-limit-requests", b"%d" % places),
            (b"x-ratelimit-remaining-requests", b"%d" % left),
            (b"x-ratelimit-reset-requests", b"0s"),
        )
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return (
        (b"anthropic-ratelimit-requests-limit", b"%d" % places),
        (b"anthropic-ratelimit-requests-remaining", b"%d" % left),
        (b"anthropic-ratelimit-requests-reset", now),
    )
