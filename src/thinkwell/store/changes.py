"""How a running site hears of what another program (``thinkwell people``) changed in its database.

A number in the file's header, which whoever changes something told to it raises in the same transaction.
To look at it costs microseconds.
"""

from __future__ import annotations

from sqlalchemy.engine import Connection


def tell(tx: Connection) -> None:
    """Something changed that a running site may remember otherwise."""
    tx.exec_driver_sql(f"PRAGMA user_version = {(told(tx) + 1) % 2**31}")


def told(connection: Connection) -> int:
    """Another number than before: something changed."""
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
