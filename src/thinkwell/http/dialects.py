"""Which API dialect a request speaks, where path alone does not say it."""

from __future__ import annotations

from typing import Any

from litestar import Request


def speaks_anthropic(request: Request[Any, Any, Any]) -> bool:
    """Of Anthropic's own paths, and of those that both dialects have by the headers of its clients."""
    path = request.url.path
    if path == "/v1/messages" or path.startswith("/v1/messages/"):
        return True
    shared = path == "/v1/models" or path.startswith("/v1/models/")
    return shared and ("anthropic-version" in request.headers or "x-api-key" in request.headers)
