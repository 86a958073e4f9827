"""Folders of conversations, of one level. Every read and write names the owner: a foreign id is not found."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Connection

from thinkwell.errors import BadRequest, Conflict, NotFound
from thinkwell.store.tables import conversations, folders

MOST_FOLDERS = 100
MOST_NAME = 60


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """``count``: conversations in it."""

    id: str
    name: str
    created_at: int
    count: int = 0


def all_of(connection: Connection, owner: str) -> list[Folder]:
    """By name, as its letters are numbered; who shows them orders them by a language."""
    within = (
        select(conversations.c.folder_id, func.count().label("count"))
        .where(
            conversations.c.owner == owner,
            conversations.c.folder_id.is_not(None),
            conversations.c.deleted_at.is_(None),
        )
        .group_by(conversations.c.folder_id)
        .subquery()
    )
    query = (
        select(folders.c.id, folders.c.name, folders.c.created_at, func.coalesce(within.c.count, 0))
        .outerjoin(within, within.c.folder_id == folders.c.id)
        .where(folders.c.owner == owner)
        .order_by(folders.c.name, folders.c.id)
    )
    return [
        Folder(id=id, name=name, created_at=at, count=count)
        for id, name, at, count in connection.execute(query)
    ]


def make(tx: Connection, folder_id: str, owner: str, name: str, now_us: int) -> Folder:
    """Raises BadRequest for a name that is none, Conflict for one that is there, and for too many."""
    name = _free_name(tx, owner, name, None)
    held = tx.scalar(select(func.count()).select_from(folders).where(folders.c.owner == owner)) or 0
    if held >= MOST_FOLDERS:
        raise Conflict(
            f"You have {MOST_FOLDERS} folders, which is all that one person may have. Delete one first."
        )
    tx.execute(insert(folders).values(id=folder_id, owner=owner, name=name, created_at=now_us))
    return Folder(id=folder_id, name=name, created_at=now_us)


def rename(tx: Connection, folder_id: str, owner: str, name: str) -> Folder:
    """Raises NotFound, BadRequest or Conflict."""
    check(tx, folder_id, owner)
    name = _free_name(tx, owner, name, folder_id)
    tx.execute(update(folders).where(folders.c.id == folder_id).values(name=name))
    return next(folder for folder in all_of(tx, owner) if folder.id == folder_id)


def remove(tx: Connection, folder_id: str, owner: str) -> None:
    """What is in it stays, in no folder. Raises NotFound."""
    check(tx, folder_id, owner)
    tx.execute(update(conversations).where(conversations.c.folder_id == folder_id).values(folder_id=None))
    tx.execute(delete(folders).where(folders.c.id == folder_id))


def check(connection: Connection, folder_id: str, owner: str, *, param: str | None = None) -> None:
    """Raises NotFound, also for another owner's."""
    query = select(folders.c.id).where(folders.c.id == folder_id, folders.c.owner == owner)
    if connection.execute(query).first() is None:
        raise NotFound("There is no such folder, or it is not yours.", param=param)


def _free_name(tx: Connection, owner: str, name: str, but_for: str | None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise BadRequest(
            f"Name the folder, in at most {MOST_NAME} characters that can be printed.", param="name"
        )
    same = select(folders.c.id).where(folders.c.owner == owner, folders.c.name == name)
    if any(found != but_for for found in tx.scalars(same)):
        raise Conflict("You have a folder of that name already.", param="name")
    return name
