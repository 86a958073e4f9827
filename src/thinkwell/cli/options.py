"""Options that several commands share, and how they become settings."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from thinkwell.settings import Settings, load_settings, prepare_data

Command = TypeVar("Command", bound=Callable[..., Any])


def default_data() -> Path:
    """Where a person's programs keep their data on this system."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "thinkwell"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "thinkwell"


def site_options(command: Command) -> Command:
    """--model, --slots, --data, --set."""
    for option in (
        click.option(
            "--set",
            "assignments",
            multiple=True,
            metavar="ROOM.NAME=VALUE",
            help="Any other setting; see `thinkwell settings`.",
        ),
        click.option(
            "--data",
            type=click.Path(path_type=Path, file_okay=False),
            metavar="FOLDER",
            help="Where everything the site writes lies.",
        ),
        click.option("--slots", type=int, metavar="N", help="Turns the engine runs at once."),
        click.option(
            "--model",
            metavar="MODEL",
            help="Catalogue name, GGUF file, hf:owner/repo/file.gguf, or the URL of a server.",
        ),
    ):
        command = option(command)
    return command


def read_settings(data: Path | None, assignments: tuple[str, ...], flags: dict[str, Any]) -> Settings:
    """Settings of a command, with the data folder made. Raises SetupError."""
    folder = (data or default_data()).expanduser().resolve()
    prepare_data(folder)
    return load_settings(folder, os.environ, assignments, flags)
