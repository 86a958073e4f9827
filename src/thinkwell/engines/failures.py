"""What the network raises made into ours, in one place. Knows the system's exceptions, nothing of engines."""

from __future__ import annotations

import socket
import ssl

from thinkwell.errors import EngineBroken, EngineError, EngineUnavailable


def failure_of(problem: BaseException, *, streaming: bool) -> EngineError:
    """``streaming`` says that a reply had begun: then a lost connection cut it, in place of preventing it."""
    match problem:
        case ssl.SSLCertVerificationError():
            return EngineUnavailable("The engine's certificate could not be trusted.")
        case ssl.SSLError() if not streaming:
            return EngineUnavailable("The engine does not speak TLS as it should.")
        case socket.gaierror() | ValueError():
            return EngineUnavailable("The engine's address is none that can be called.")
        case ConnectionRefusedError():
            return EngineUnavailable("The engine cannot be reached.")
        case ConnectionError() if not streaming:
            return EngineUnavailable("The engine closed the connection before it answered.")
        case _ if not streaming:
            return EngineUnavailable("The engine cannot be reached.")
        case _:
            return EngineBroken("The engine's reply was cut off before its end.")
