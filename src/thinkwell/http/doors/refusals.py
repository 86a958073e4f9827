"""How the doors describe their refusals in the API's description: which statuses, and what each means.

Knows no rule: who is refused, and why, is said where it is decided.
"""

from __future__ import annotations

from collections.abc import Mapping

from litestar.openapi.datastructures import ResponseSpec

from thinkwell.http.wire.web import WebError


def refusals(meaning: Mapping[int, str]) -> dict[int, ResponseSpec]:
    """Of a route for the page, by status."""
    return {status: ResponseSpec(WebError, description=about) for status, about in meaning.items()}


FOR_MEMBERS = refusals(
    {
        400: "Refused",
        401: "For members, and nobody is signed in",
        403: "The request of a foreign page",
        503: "Not now; it says when",
    }
)
