"""Runs Alembic on one database file, from inside the program: there is no ini file to find."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from thinkwell.errors import SetupError


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(path: Path, known: str | None) -> None:
    """Raises SetupError where the file was written by a newer Thinkwell; sqlite3.Error passes."""
    config = alembic_config()
    revisions = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if known is not None and known not in revisions:
        raise SetupError(f"The database {path} was written by a newer Thinkwell. Install that one, or newer.")
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        if error.orig is not None:
            raise error.orig from error
        raise
    finally:
        engine.dispose()
