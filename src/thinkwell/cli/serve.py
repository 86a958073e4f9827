"""``thinkwell serve``: start a site and keep it running."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thinkwell.cli.logs import set_up_logging
from thinkwell.cli.options import read_settings, site_options
from thinkwell.cli.progress import terminal_progress
from thinkwell.settings import Settings

if TYPE_CHECKING:
    from thinkwell.http.server import Server
    from thinkwell.http.site import Site


@click.command()
@site_options
@click.option(
    "--host", metavar="ADDRESS", help="Address to listen on; 0.0.0.0 opens the site to the network."
)
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help="Port to listen on; 0 picks a free one."
)
@click.option("--json", "as_json", is_flag=True, help="Print one machine-readable line when ready.")
def serve(
    model: str | None,
    slots: int | None,
    data: Path | None,
    assignments: tuple[str, ...],
    host: str | None,
    port: int | None,
    as_json: bool,
) -> None:
    """Start a site: the web page, the API, and the model.

    \b
    thinkwell serve
    thinkwell serve --port 0 --model ./my-model.gguf
    thinkwell serve --model http://gpu-box:8000/v1 --slots 64
    """
    flags = {"engine.model": model, "engine.slots": slots, "http.host": host, "http.port": port}
    settings = read_settings(data, assignments, flags)
    set_up_logging(settings.logs, sys.stderr)
    runner = asyncio.run
    try:
        import uvloop

        runner = uvloop.run
    except ImportError:
        pass
    runner(_serve(settings, as_json))


async def _serve(settings: Settings, as_json: bool) -> None:
    from thinkwell.build import open_site, prepare_model
    from thinkwell.http.app import make_app
    from thinkwell.http.front import FrontDoor
    from thinkwell.http.pages import read_web_app
    from thinkwell.http.server import Server, address_of, bind
    from thinkwell.store.lock import only_site

    with only_site(settings.data), bind(settings.http.host, settings.http.port) as listener:
        web_app = read_web_app()
        model = await prepare_model(settings, terminal_progress(settings.engine.model))
        async with open_site(settings, model, web_app) as site:
            server = Server(FrontDoor(site, make_app(site)), site.conductor.stop_all)
            async with asyncio.TaskGroup() as both:
                telling = both.create_task(
                    _tell(server, site, address_of(listener, settings.http.host), as_json)
                )
                await server.serve(sockets=[listener])
                telling.cancel()


# New objects until cycles are looked for: turns leave none, so that seldom is often enough.
GC_AFTER = 20_000
# How long the loop waits for a thread of the store to let go of the interpreter; Python's own is 5 ms.
SWITCH_S = 0.0005


async def _tell(server: Server, site: Site, url: str, as_json: bool) -> None:
    """Say where the site is once it answers; end the server if its engine can never run."""
    await server.listening.wait()
    engine = site.pool.engines[0]
    try:
        await engine.ready()
    except Exception:
        server.end()
        raise
    if site.pool.checking is not None:
        await asyncio.wait({site.pool.checking})
    # What stands now stays until the end: the collector of cycles need not look at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_AFTER)
    sys.setswitchinterval(SWITCH_S)
    click.echo(ready_json(site, url) if as_json else ready_text(site, url))


def ready_json(site: Site, url: str) -> str:
    import msgspec

    line = {
        "url": url,
        "pid": os.getpid(),
        "engine_url": site.pool.engines[0].url,
        "model": site.pool.card.name,
        "data": str(site.settings.data),
        "operator_link": operator_link(site, url),
    }
    return msgspec.json.encode(line).decode()


def operator_link(site: Site, url: str) -> str | None:
    """Where the first operator begins; None where there is one."""
    from thinkwell.people import links

    token = site.members.first_link
    return None if token is None else links.address(site.settings.site.url or url, "operator", token)


def ready_text(site: Site, url: str) -> str:
    card = site.pool.card
    engines = site.pool.engines
    slots = sum(engine.slots for engine in engines)
    checked = f"  checked {' '.join(site.pool.checked)}\n" if site.pool.checked else ""
    several = "" if len(engines) == 1 else f" on {len(engines)} servers"
    link = operator_link(site, url)
    operator = "" if link is None else f"  operator  open {link} once, to be the first\n"
    return (
        f"\n  {site.settings.site.name} is ready at {click.style(url, bold=True)}\n\n"
        f"  model   {card.title} ({card.name}, {card.licence}), {slots} at once{several}\n"
        f"{checked}"
        f"  data    {site.settings.data}\n"
        f"  energy  {site.power.about}\n"
        f"  API     {url}/v1  (OpenAI; described at {url}/docs)\n"
        f"{operator}"
        f"  stop    Ctrl-C, or: kill {os.getpid()}\n"
    )
