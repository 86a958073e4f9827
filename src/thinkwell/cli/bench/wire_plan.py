"""What ``bench wire`` was told to do, and what its parts are called."""

from __future__ import annotations

from urllib.parse import urlsplit

import click
import msgspec

PARTS = ("cpu", "unpaced", "first", "whole", "abort", "memory", "churn", "stacks")


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway that the operator started: ``NAME=URL`` or ``NAME=URL@PID``."""

    name: str
    host: str
    port: int
    path: str
    pid: int | None


class WirePlan(msgspec.Struct, frozen=True, kw_only=True):
    """``streams`` of ``tokens`` each, half of them thought, at ``rate`` tokens per second.

    ``seconds``: how long one measurement without a fixed amount of work runs. ``requests``: of the churn,
    a part of which leaves early, after its warm-up. ``engine_port``: where ``peers`` find the engine.
    """

    rounds: int = 5
    streams: int = 64
    tokens: int = 256
    rate: float = 100.0
    seconds: float = 1.0
    connections: int = 16
    open_streams: int = 2_000
    requests: int = 20_000
    seed: int = 1
    engine_port: int = 0
    peers: tuple[Peer, ...] = ()
    only: tuple[str, ...] = ()

    @property
    def aborts(self) -> int:
        """Readers who leave, in two waves."""
        return 2 * self.streams

    def does(self, part: str) -> bool:
        return not self.only or part in self.only


def peer_of(text: str) -> Peer:
    """Raises click.BadParameter."""
    name, _, where = text.partition("=")
    url, _, pid = where.partition("@")
    parts = urlsplit(url)
    host = parts.hostname if parts.scheme == "http" else None
    if host is None or not name.isidentifier() or not (pid.isdecimal() or not pid):
        raise click.BadParameter(f"{text!r}: write NAME=http://host:port, or NAME=http://host:port@PID.")
    path = parts.path.rstrip("/").removesuffix("/v1") + "/v1"
    return Peer(name=name, host=host, port=parts.port or 80, path=path, pid=int(pid) if pid else None)
