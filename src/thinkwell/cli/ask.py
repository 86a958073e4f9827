"""``thinkwell ask``: one question from the terminal, asked of a running site or of a model started for it."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import click
import msgspec

from thinkwell.cli.options import read_settings, site_options
from thinkwell.cli.progress import terminal_progress
from thinkwell.errors import BadRequest
from thinkwell.settings import Settings
from thinkwell.values.event import AnswerDelta, Failed, Finished, Queued, ReasoningDelta, TurnEvent


@click.command()
@click.argument("question", nargs=-1)
@site_options
@click.option("--url", metavar="URL", help="Ask a running site instead of starting a model here.")
@click.option("--json", "as_json", is_flag=True, help="Print thought, answer and receipt as one JSON object.")
def ask(
    question: tuple[str, ...],
    model: str | None,
    slots: int | None,
    data: Path | None,
    assignments: tuple[str, ...],
    url: str | None,
    as_json: bool,
) -> None:
    """Ask one question. The thought is dimmed, the answer plain; text piped in is added to the question.

    \b
    thinkwell ask "What is 17 + 25?"
    cat notes.txt | thinkwell ask "Summarise this"
    """
    text = " ".join(question)
    if not sys.stdin.isatty():
        piped = sys.stdin.read().strip()
        text = f"{text}\n\n{piped}".strip() if piped else text
    if not text.strip():
        raise BadRequest('Ask something: thinkwell ask "Why is the sky blue?"')
    settings = read_settings(data, assignments, {"engine.model": model, "engine.slots": slots})
    sys.exit(asyncio.run(_ask(settings, text, url, as_json)))


async def _ask(settings: Settings, text: str, url: str | None, as_json: bool) -> int:
    from thinkwell.cli.remote_site import ask_site

    events = ask_site(url, text) if url else _ask_here(settings, text)
    show = _Collected() if as_json else _Shown()
    async for event in events:
        show.take(event)
    return show.end()


async def _ask_here(settings: Settings, text: str) -> AsyncIterator[TurnEvent]:
    """A site of its own, without HTTP and without a memory: what it writes goes when it ends."""
    from thinkwell.build import new_id, open_site, prepare_model
    from thinkwell.http.pages import WebApp
    from thinkwell.values.caller import Caller
    from thinkwell.values.message import Message
    from thinkwell.values.turn import TurnRequest

    prepared = await prepare_model(settings, terminal_progress(settings.engine.model))
    with tempfile.TemporaryDirectory(prefix="thinkwell-") as folder:
        own = msgspec.structs.replace(settings, data=Path(folder))
        async with open_site(own, prepared, WebApp({})) as site:
            await site.pool.engines[0].ready()
            caller = Caller(kind="visitor", id="terminal", person="terminal")
            request = TurnRequest(
                id=new_id("turn"), caller=caller, model=prepared.card.name, messages=(Message("user", text),)
            )
            live = await site.conductor.begin(site.tasks, request)
            seq = 0
            while events := await live.log.after(seq):
                for number, event in events:
                    seq = number
                    yield event


class _Shown:
    """Prints as it comes: thought dimmed on a terminal, answer plain. A pipe gets the answer only."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._thinking = False
        self._failed: Failed | None = None

    def take(self, event: TurnEvent) -> None:
        if isinstance(event, Queued):
            click.echo(f"waiting: place {event.position} of {event.waiting}", err=True)
        elif isinstance(event, ReasoningDelta) and self._terminal:
            self._thinking = True
            click.secho(event.text, dim=True, nl=False)
        elif isinstance(event, AnswerDelta):
            if self._thinking:
                click.echo("\n")
                self._thinking = False
            click.echo(event.text, nl=False)
        elif isinstance(event, Failed):
            self._failed = event
        sys.stdout.flush()

    def end(self) -> int:
        click.echo()
        if self._failed is not None:
            click.echo(f"thinkwell: {self._failed.message}", err=True)
            return 1
        return 0


class _Collected:
    """One JSON object at the end."""

    def __init__(self) -> None:
        self._thought: list[str] = []
        self._answer: list[str] = []
        self._end: TurnEvent | None = None

    def take(self, event: TurnEvent) -> None:
        if isinstance(event, ReasoningDelta):
            self._thought.append(event.text)
        elif isinstance(event, AnswerDelta):
            self._answer.append(event.text)
        else:
            self._end = event

    def end(self) -> int:
        said: dict[str, object] = {"reasoning": "".join(self._thought), "answer": "".join(self._answer)}
        if isinstance(self._end, Failed):
            said["error"] = {"code": self._end.code, "message": self._end.message}
        if isinstance(self._end, Finished | Failed):
            said["receipt"] = self._end.receipt
        click.echo(msgspec.json.encode(said).decode())
        return 1 if isinstance(self._end, Failed) else 0
