"""All that is somebody's as a zip file, in pieces: a page of it is in memory at a time, however much it is.

Knows no request and no table. Packing happens in a thread. The file goes only forward, so that it needs no
place on the disk.
"""

from __future__ import annotations

import asyncio
import time
import zipfile
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any

from thinkwell import __version__
from thinkwell.conversations import markdown
from thinkwell.http.export_one import Chunks, as_json, as_markdown, encode, listed
from thinkwell.http.export_sources import Sources
from thinkwell.http.wire.receipts import wire_line
from thinkwell.http.wire.web import iso

FORMAT = 1
# So much is packed at once.
PIECE = 1 << 17

ABOUT = """# What is in here

Everything that {site} has of you, taken along at {at}.

| file | |
|---|---|
| `thinkwell.json` | all of it, for programs |
| `conversations/` | each conversation for people: what was shown last comes first, then its other branches |

**The thoughts and answers in it were made by AI**, not by a person. In `thinkwell.json` every message whose
`role` is `assistant` was, and its receipt has the site's mark: by which model and when, signed. With
`thinkwell verify` anybody can check that years later; the site's public keys are at
`/.well-known/thinkwell.json` of the site.

Text is as it was written, also what a model wrote: a program that shows Markdown may load pictures that are
named in it.

Times are in UTC, amounts of money in millionths of the currency, energy in microjoules.

Not in here, because the site has nothing but a hash of them: your password, the text of your keys and of your
sessions. And because it is a copy: the log of each answer as it streamed, which is kept for {hours} hours so
that a stream can go on.
"""


class _Sink:
    """What has been packed and not yet been taken. Only written to."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole


class Exporter:
    """``at`` in microseconds since 1970."""

    def __init__(self, sources: Sources, site: str, at: int) -> None:
        self._sources = sources
        self._site = site
        self._at = at
        self._sink = _Sink()

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Raises StoreError. What becomes another's, or is deleted meanwhile, may be missing."""
        sink: Any = self._sink
        packed = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED)
        yield await asyncio.to_thread(self._whole, packed, "README.md", self._about().encode())
        async with aclosing(self._entry(packed, "thinkwell.json", self._json())) as entry:
            async for piece in entry:
                yield piece
        number = 0
        async for summary in self._sources.conversations():
            number += 1
            name = f"conversations/{markdown.file_name(number, summary.title)}"
            async with aclosing(
                self._entry(packed, name, as_markdown(self._sources, summary, self._site))
            ) as entry:
                async for piece in entry:
                    yield piece
        yield await asyncio.to_thread(self._end, packed)

    def _about(self) -> str:
        return ABOUT.format(
            site=markdown.plain(self._site), at=iso(self._at), hours=self._sources.retention.log_hours
        )

    # -- packing, in a thread --------------------------------------------------------------------

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, time.gmtime(self._at / 1e6)[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        return info

    def _whole(self, packed: zipfile.ZipFile, name: str, content: bytes) -> bytes:
        packed.writestr(self._info(name), content)
        return self._sink.taken()

    def _end(self, packed: zipfile.ZipFile) -> bytes:
        packed.close()
        return self._sink.taken()

    def _put(self, entry: Any, content: bytes) -> bytes:
        entry.write(content)
        return self._sink.taken()

    def _close(self, entry: Any) -> bytes:
        entry.close()
        return self._sink.taken()

    async def _entry(self, packed: zipfile.ZipFile, name: str, chunks: Chunks) -> AsyncGenerator[bytes, None]:
        entry = packed.open(self._info(name), "w", force_zip64=True)
        whole = False
        try:
            async for chunk in _in_pieces(chunks):
                if piece := await asyncio.to_thread(self._put, entry, chunk):
                    yield piece
            whole = True
        finally:
            if not whole:  # nobody reads on: it is let go without a complaint that it is not complete
                with suppress(Exception):
                    entry.close()
        yield await asyncio.to_thread(self._close, entry)

    # -- thinkwell.json --------------------------------------------------------------------------

    async def _json(self) -> Chunks:
        sources = self._sources
        about = {
            "format": FORMAT,
            "made_with": f"Thinkwell {__version__}",
            "made_at": iso(self._at),
            "site": self._site,
            "made_by_ai": "Messages of the role assistant were made by AI, and so were the stored responses.",
        }
        head = {
            "about": about,
            "id": sources.owner,
            "account": sources.account(),
            "retention": sources.retention,
            **await sources.signing_in(),
            "keys": await sources.keys(),
            "usage": await sources.usage(),
            "idempotency": await sources.idempotency(),
            "folders": await sources.folders(),
            "training": await sources.training(),
        }
        yield encode(head)[:-1]
        async for piece in listed("receipts", sources.receipts(), wire_line):
            yield piece
        async for piece in listed("responses", sources.responses(), lambda one: one):
            yield piece
        yield b',"conversations":['
        between = b""
        async for summary in sources.conversations():
            yield between
            async for piece in as_json(sources, summary):
                yield piece
            between = b","
        yield b"]}"


async def _in_pieces(chunks: Chunks) -> Chunks:
    """Together what is small: to pack it costs a thread's time each time."""
    kept: list[bytes] = []
    size = 0
    async for chunk in chunks:
        kept.append(chunk)
        size += len(chunk)
        if size >= PIECE:
            yield b"".join(kept)
            kept, size = [], 0
    if kept:
        yield b"".join(kept)
