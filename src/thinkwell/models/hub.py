"""Downloads a file from a model hub that speaks like Hugging Face's. Knows its redirects and headers.

The hub answers ``/{repo}/resolve/{revision}/{file}`` with a redirect to a store elsewhere, and tells
there already the file's size and SHA-256 (``X-Linked-Size``, ``X-Linked-Etag``). A download is kept in
a ``.part`` file that carries the start of that tag in its name, so that it goes on where it stopped and
begins anew when the file at the hub has changed. The token goes to the hub's own address only.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import importlib
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from thinkwell.errors import SetupError
from thinkwell.models.disk import Progress, need_room

# A site that has its model downloads nothing: it should not pay for the library (11 MiB).
if TYPE_CHECKING:
    import aiohttp

DEFAULT_HUB = "https://huggingface.co"

_BLOCK = 1 << 20
_MOST_HOPS = 8
_FIRST_PAUSE_S = 0.5
_REDIRECTS = (301, 302, 303, 307, 308)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A file at the hub. ``sha256`` None: what the hub itself says is believed."""

    repo: str
    file: str
    revision: str = "main"
    sha256: str | None = None


class _Facts(msgspec.Struct, frozen=True):
    tag: str
    size: int | None

    @property
    def sha256(self) -> str | None:
        return self.tag if re.fullmatch(r"[0-9a-f]{64}", self.tag) else None


class _Dropped(Exception):
    """The connection was lost, or the hub was out of order: worth another try."""


class _NoSuchRange(_Dropped):
    """What is on the disk cannot be the beginning of what is there."""


class Hub:
    """``tries`` counts failures in a row without a byte gained; the pause doubles between them."""

    def __init__(
        self,
        url: str = DEFAULT_HUB,
        token: str | None = None,
        tries: int = 5,
        silent_s: float = 60.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._tries = tries
        self._silent_s = silent_s
        self._sleep = sleep

    async def fetch(self, wanted: Wanted, folder: Path, progress: Progress) -> Path:
        """The file's path under ``folder``, downloaded and checked where it is not there yet.

        Raises SetupError with what to do.
        """
        revision = wanted.revision.replace("/", "--")
        kept = folder / wanted.repo / revision / wanted.file
        if await asyncio.to_thread(kept.is_file):
            return kept
        aiohttp = await asyncio.to_thread(importlib.import_module, "aiohttp")
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=self._silent_s)
        headers = {"Accept-Encoding": "identity", "User-Agent": "thinkwell"}
        try:
            await asyncio.to_thread(kept.parent.mkdir, parents=True, exist_ok=True)
            async with aiohttp.ClientSession(
                timeout=timeout, headers=headers, auto_decompress=False
            ) as session:
                await self._fetch(session, wanted, kept, progress)
        except OSError as problem:
            full = problem.errno in (errno.ENOSPC, errno.EDQUOT)
            do = "make room" if full else "check its permissions"
            raise SetupError(f"The model cannot be written to {folder}: {problem.strerror}; {do}.") from None
        return kept

    async def _fetch(
        self, session: aiohttp.ClientSession, wanted: Wanted, kept: Path, progress: Progress
    ) -> None:
        import aiohttp

        failures = 0
        gained = -1
        while True:
            try:
                facts = await self._facts(session, wanted)
                part = await asyncio.to_thread(_part_of, kept, facts.tag)
                return await self._one_try(session, wanted, facts, _Target(kept, part, progress))
            except _NoSuchRange:
                await asyncio.to_thread(part.unlink, missing_ok=True)
                failures += 1
                if failures >= self._tries:
                    raise SetupError(f"The hub at {self._url} refuses to send the file; try later.") from None
            except (_Dropped, aiohttp.ClientError, TimeoutError, ConnectionError) as problem:
                size = await asyncio.to_thread(_size_of_parts, kept)
                failures = 0 if size > gained >= 0 else failures + 1
                gained = size
                if failures >= self._tries:
                    raise SetupError(
                        f"The hub at {self._url} cannot be reached ({_said(problem)}); check the network and "
                        "start again to go on where it stopped, or give a model file with --model."
                    ) from None
                await self._sleep(min(30.0, _FIRST_PAUSE_S * 2**failures))

    async def _facts(self, session: aiohttp.ClientSession, wanted: Wanted) -> _Facts:
        async with self._asked(session, "HEAD", wanted, {}, stay=True) as reply:
            headers = reply.headers
            tag = headers.get("X-Linked-Etag") or headers.get("ETag") or ""
            size = headers.get("X-Linked-Size")
            if size is None and reply.status == 200:
                size = headers.get("Content-Length")
            tag = re.sub(r"[^0-9A-Za-z]", "", tag.removeprefix("W/"))[:128]
            return _Facts(tag, int(size) if size and re.fullmatch(r"\d{1,15}", size) else None)

    async def _one_try(
        self, session: aiohttp.ClientSession, wanted: Wanted, facts: _Facts, target: _Target
    ) -> None:
        digest = hashlib.sha256()
        have = await asyncio.to_thread(target.hash_part, digest)
        if facts.size is None or have < facts.size:
            if facts.size is not None:
                await asyncio.to_thread(need_room, target.part.parent, facts.size - have)
            ask = {"Range": f"bytes={have}-"} if have else {}
            async with self._asked(session, "GET", wanted, ask) as reply:
                begin = _begin_of(reply)
                if begin != have:  # the store begins elsewhere: from the start, then
                    if begin != 0:
                        await asyncio.to_thread(target.part.unlink, missing_ok=True)
                        raise _Dropped("the hub sent another part than was asked for")
                    digest, have = hashlib.sha256(), 0
                have = await target.write(reply, digest, have, facts.size)
        if facts.size is not None and have < facts.size:
            raise _Dropped("the download ended early")
        sound = (facts.size in (None, have)) and digest.hexdigest() == (
            wanted.sha256 or facts.sha256 or digest.hexdigest()
        )
        if not sound:
            await asyncio.to_thread(target.part.unlink, missing_ok=True)
            raise SetupError(
                f"What came for {wanted.repo}/{wanted.file} does not match its checksum; start again, "
                "and should it stay so, choose another model or revision."
            )
        await asyncio.to_thread(target.part.replace, target.kept)

    @asynccontextmanager
    async def _asked(
        self,
        session: aiohttp.ClientSession,
        method: str,
        wanted: Wanted,
        headers: dict[str, str],
        stay: bool = False,
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """The reply behind the redirects; with ``stay`` the hub's own, before it leads elsewhere."""
        url = f"{self._url}/{wanted.repo}/resolve/{quote(wanted.revision, safe='')}/{quote(wanted.file)}"
        for _ in range(_MOST_HOPS):
            ours = _origin(url) == _origin(self._url)
            own = {"Authorization": f"Bearer {self._token}"} if self._token and ours else {}
            async with session.request(
                method, url, headers={**headers, **own}, allow_redirects=False
            ) as reply:
                if reply.status not in _REDIRECTS:
                    self._check(reply, wanted)
                    yield reply
                    return
                onward = urljoin(url, reply.headers.get("Location", ""))
                if stay and _origin(onward) != _origin(self._url):
                    yield reply
                    return
            secure = urlsplit(self._url).scheme == "https"
            if urlsplit(onward).scheme != "https" and (secure or urlsplit(onward).scheme != "http"):
                raise SetupError(f"The hub at {self._url} leads to an unsafe address; choose another hub.")
            url = onward
        raise SetupError(f"The hub at {self._url} leads in circles; check its address.")

    def _check(self, reply: aiohttp.ClientResponse, wanted: Wanted) -> None:
        status = reply.status
        if status in (200, 206):
            return
        if status in (429, 500, 502, 503, 504):
            raise _Dropped(f"it answers with status {status}")
        place = f"{wanted.repo} at {self._url}"
        if status == 401:
            raise SetupError(
                f"The hub lets only people it knows read {place}, or there is no such model; "
                "check the name, or set a token of the hub."
            )
        if status == 403:
            raise SetupError(
                f"The hub's token may not read {place}; accept the model's terms on its page there first."
            )
        if status == 404:
            raise SetupError(f"There is no {wanted.file} ({wanted.revision}) in {place}; check the name.")
        if status == 416:
            raise _NoSuchRange("it does not go on where the download stopped")
        raise SetupError(
            f"The hub answers with status {status} for {wanted.file} in {place}; try again later."
        )


class _Target:
    """Where a download goes."""

    def __init__(self, kept: Path, part: Path, progress: Progress) -> None:
        self.kept = kept
        self.part = part
        self._progress = progress

    def hash_part(self, digest: hashlib._Hash) -> int:
        """Bytes that an earlier try left, fed to ``digest``."""
        have = 0
        if self.part.exists():
            with self.part.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    have += len(block)
        return have

    async def write(
        self, reply: aiohttp.ClientResponse, digest: hashlib._Hash, have: int, size: int | None
    ) -> int:
        """The bytes there are in the end; more than ``size`` are not taken."""

        def keep(block: bytes) -> None:
            digest.update(block)
            file.write(block)

        file = await asyncio.to_thread(self.part.open, "ab" if have else "wb")
        try:
            self._progress(have, size)
            async for block in reply.content.iter_chunked(_BLOCK):
                await asyncio.to_thread(keep, block)
                have += len(block)
                self._progress(have, size)
                if size is not None and have > size:
                    break
        finally:
            await asyncio.to_thread(file.close)
        return have


def _part_of(kept: Path, tag: str) -> Path:
    """The file for a download under this tag; those of other tags are of no use any more."""
    part = kept.with_name(f"{kept.name}.{tag[:16] or 'untagged'}.part")
    for other in kept.parent.glob(f"{kept.name}.*.part"):
        if other != part:
            other.unlink(missing_ok=True)
    return part


def _size_of_parts(kept: Path) -> int:
    return sum(part.stat().st_size for part in kept.parent.glob(f"{kept.name}.*.part"))


def _begin_of(reply: aiohttp.ClientResponse) -> int:
    if reply.status != 206:
        return 0
    found = re.match(r"bytes (\d{1,15})-", reply.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _said(problem: BaseException) -> str:
    return str(problem)[:120] or type(problem).__name__
