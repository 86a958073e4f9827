"""Starts what ``bench wire`` compares, each in a process of its own on the core that is meant for it."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

from thinkwell.cli.bench.wire_cores import on_core
from thinkwell.cli.bench.wire_proxy import free_port
from thinkwell.testing.process import DidNotStart, SiteProcess, site_process

NGINX = ("nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx")
TRIES = 200
TRY_S = 0.05
# An operator's own proxy stands before the site, so that every reader is somebody.
SITE = ("--set", "people.proxy_addresses=127.0.0.1")


class Started(msgspec.Struct, frozen=True):
    host: str
    port: int
    pid: int


@asynccontextmanager
async def module(core: int | None, name: str, *arguments: str) -> AsyncIterator[Started]:
    """A module of ours that prints its ``url``; it ends when its standard input does."""
    with on_core(core):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", name, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    assert process.stdin is not None and process.stdout is not None
    try:
        line = await process.stdout.readline()
        if not line:
            raise click.ClickException(f"{name} did not start.")
        parts = urlsplit(msgspec.json.decode(line, type=dict[str, str])["url"])
        await _answers(name, parts.port or 0, process)  # granian listens a moment after it says so
        yield Started(parts.hostname or "", parts.port or 0, process.pid)
    finally:
        process.stdin.close()
        await _ended(process)


@asynccontextmanager
async def site(core: int | None, data: Path, engine: Started, *arguments: str) -> AsyncIterator[SiteProcess]:
    """Thinkwell on an empty folder. Raises ClickException."""
    model = f"http://{engine.host}:{engine.port}/v1"
    started = site_process(data, "--model", model, *SITE, *arguments)
    try:
        with on_core(core):
            running = await started.__aenter__()
    except DidNotStart as problem:
        raise click.ClickException(f"The site did not start: {problem.said.strip()[-500:]}") from None
    try:
        yield running
        await running.end()
    finally:
        await started.__aexit__(None, None, None)


def nginx_command() -> str | None:
    return next((found for name in NGINX if (found := shutil.which(name))), None)


@asynccontextmanager
async def nginx(core: int | None, folder: Path, engine: Started) -> AsyncIterator[Started]:
    """A plain proxy without buffers: the least that any proxy pays."""
    command = await asyncio.to_thread(nginx_command)
    assert command is not None
    port = free_port()
    await asyncio.to_thread(_write_config, folder, port, engine)
    with on_core(core):
        process = await asyncio.create_subprocess_exec(
            command,
            *("-p", str(folder), "-c", "nginx.conf", "-e", "stderr"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    try:
        await _answers("nginx", port, process)
        yield Started("127.0.0.1", port, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await _ended(process)


def _write_config(folder: Path, port: int, engine: Started) -> None:
    (folder / "nginx.conf").write_text(
        f"""daemon off; master_process off; pid nginx.pid; error_log stderr crit;
worker_rlimit_nofile 20000;
events {{ worker_connections 10000; }}
http {{
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi; keepalive_requests 100000000; client_max_body_size 8m;
  upstream engine {{ server {engine.host}:{engine.port}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://engine; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_read_timeout 600s;
    }}
  }}
}}
""",
        "utf-8",
    )


async def _answers(name: str, port: int, process: asyncio.subprocess.Process) -> None:
    for _ in range(TRIES):
        if process.returncode is not None:
            break
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(TRY_S)
            continue
        writer.close()
        return
    raise click.ClickException(f"{name} did not start.")


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(5):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
