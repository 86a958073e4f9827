"""aiohttp's exceptions made into ours, in one place. Knows the library's classes and nothing of engines."""

from __future__ import annotations

import aiohttp

from thinkwell.errors import EngineBroken, EngineError, EngineStalled, EngineUnavailable

# What may come out of a request or of reading its body. OSError: raised bare by some transports.
NETWORK_FAILURES = (aiohttp.ClientError, TimeoutError, OSError, aiohttp.WSMessageTypeError)


def failure_of(problem: BaseException, *, streaming: bool) -> EngineError:
    """``streaming`` says that a reply had begun: then a lost connection cut it, in place of preventing it."""
    match problem:
        case aiohttp.ConnectionTimeoutError():
            return EngineUnavailable("The engine did not answer the call: connecting took too long.")
        case TimeoutError():
            return EngineStalled("The engine stopped sending.")
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch():
            return EngineUnavailable("The engine's certificate could not be trusted.")
        case aiohttp.ClientConnectorError():
            return EngineUnavailable("The engine cannot be reached.")
        case aiohttp.InvalidURL() | aiohttp.RedirectClientError() | aiohttp.TooManyRedirects():
            return EngineUnavailable("The engine's address is none that can be called.")
        case aiohttp.ClientConnectionError() | OSError() if not streaming:
            return EngineUnavailable("The engine closed the connection before it answered.")
        case aiohttp.ClientPayloadError() | aiohttp.ClientConnectionError() | OSError():
            return EngineBroken("The engine's reply was cut off before its end.")
        case _:  # ClientResponseError and its kin: what came is not HTTP as it should be
            return EngineBroken("The engine's reply could not be read: not HTTP as it should be.")


def is_stale(problem: BaseException) -> bool:
    """A kept-alive connection that the server had closed by the time it was used again."""
    stale = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionResetError, BrokenPipeError)
    return isinstance(problem, stale) and not isinstance(problem, aiohttp.ClientConnectorError)
