"""A hub on this machine: it redirects to a store on another port, as Hugging Face does."""

from __future__ import annotations

import asyncio
import hashlib

from aiohttp import web


class SmallHub:
    """``content`` is the file. The other fields make it misbehave."""

    def __init__(self) -> None:
        self.content = bytes(range(256)) * 20_000
        self.tag: str | None = None
        self.status = 200
        self.store_status = 0
        self.cut_after: list[int] = []
        self.ignore_ranges = False
        self.shift_ranges = 0
        self.wrong_bytes = False
        self.tells_size = True
        self.direct = False
        self.asked: list[tuple[str, str, str | None, str | None]] = []
        self.url = ""
        self._runners: list[web.AppRunner] = []
        self._store = ""

    async def open(self) -> None:
        self._store = await self._site(self._from_store)
        self.url = await self._site(self._from_hub)

    async def close(self) -> None:
        for runner in self._runners:
            await runner.cleanup()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    async def _site(self, handler: object) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)  # type: ignore[arg-type]
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    def _note(self, where: str, request: web.Request) -> None:
        headers = request.headers
        self.asked.append((where, request.method, headers.get("Range"), headers.get("Authorization")))

    async def _from_hub(self, request: web.Request) -> web.StreamResponse:
        self._note("hub", request)
        if self.status != 200:
            return web.Response(status=self.status)
        if request.path != "/owner/repo/resolve/main/file.gguf":
            return web.Response(status=404)
        if self.direct:
            return await self._send(request)
        headers = {
            "X-Linked-Etag": f'"{self.tag or self.sha256}"',
            "Location": f"{self._store}/blob?signed=1",
        }
        if self.tells_size:
            headers["X-Linked-Size"] = str(len(self.content))
        return web.Response(status=302, headers=headers)

    async def _from_store(self, request: web.Request) -> web.StreamResponse:
        self._note("store", request)
        return await self._send(request)

    async def _send(self, request: web.Request) -> web.StreamResponse:
        if self.store_status:
            return web.Response(status=self.store_status)
        begin = 0
        wanted = request.headers.get("Range")
        if wanted and not self.ignore_ranges:
            begin = int(wanted.removeprefix("bytes=").rstrip("-")) + self.shift_ranges
            if begin >= len(self.content):
                return web.Response(status=416)
        content = self.content[:-3] + b"bad" if self.wrong_bytes else self.content
        reply = web.StreamResponse(status=206 if begin else 200)
        reply.content_length = len(content) - begin
        if begin:
            reply.headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        await reply.prepare(request)
        if request.method == "HEAD":
            return reply
        if self.cut_after:
            await reply.write(content[begin : begin + self.cut_after.pop(0)])
            await asyncio.sleep(0)
            assert request.transport is not None
            request.transport.close()
            return reply
        await reply.write(content[begin:])
        return reply
