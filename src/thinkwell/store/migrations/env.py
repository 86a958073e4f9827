"""Alembic's entry: uses the connection that run.py put into the configuration."""

from __future__ import annotations

from alembic import context

from thinkwell.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
