"""The verifier ``math``: math-verify, in a child of its own.

It bounds its time by an alarm signal, which works in a main thread only, and rewards are counted in others.
The child has one, and is ended where it does not answer; it starts when it is first asked.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from importlib.util import find_spec

import msgspec

from thinkwell.errors import SetupError

LONGEST = 2_000
PATIENCE_S = 20.0
_CHILD = """
import json, sys
from math_verify import parse, verify
for line in sys.stdin:
    gold, said = json.loads(line)
    try:
        right = bool(verify(parse(gold), parse(said)))
    except Exception:
        right = False
    print(json.dumps(right), flush=True)
"""


class MathChild:
    """One question at a time, from any thread."""

    def __init__(self, code: str = _CHILD, patience_s: float = PATIENCE_S) -> None:
        self._code = code
        self.patience_s = patience_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def right(self, gold: str, said: str) -> bool:
        """False as well where the child died over it or was too slow."""
        with self._lock:
            process = self._process
            if process is None:
                process = self._process = subprocess.Popen(  # noqa: S603 — our own interpreter and code
                    [sys.executable, "-c", self._code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            assert process.stdin is not None and process.stdout is not None
            watch = threading.Timer(self.patience_s, process.kill)
            watch.start()
            try:
                process.stdin.write(msgspec.json.encode([gold[-LONGEST:], said[-LONGEST:]]) + b"\n")
                process.stdin.flush()
                reply = process.stdout.readline()
            except OSError:
                reply = b""
            finally:
                watch.cancel()
            if not reply:
                self.close()
            return reply == b"true\n"

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


_CHILDREN: list[MathChild] = []


def math_right(gold: str, said: str) -> bool:
    """Raises SetupError where math-verify is not installed."""
    if find_spec("math_verify") is None:
        raise SetupError("The verifier math needs math-verify. Install it: pip install math-verify")
    if not _CHILDREN:
        _CHILDREN.append(MathChild())
    return _CHILDREN[0].right(gold, said)
