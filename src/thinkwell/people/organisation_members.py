"""Who a member is at the identity provider: issuer and subject, and whose account that is. Functions of a
connection. An account is found by these two alone, never by a name or an e-mail address that looks the same.
"""

from __future__ import annotations

import re
import secrets

from sqlalchemy import delete, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from thinkwell.errors import BadRequest, Conflict, NameTaken, NotFound
from thinkwell.people import accounts
from thinkwell.people.names import MOST, check_name
from thinkwell.people.passkeys import can_sign_in
from thinkwell.store.tables import identities

COUNTED_TO = 20


def owner_of(connection: Connection, issuer: str, subject: str) -> str | None:
    """The id of the account."""
    same = (identities.c.issuer == issuer) & (identities.c.subject == subject)
    return connection.scalar(select(identities.c.owner).where(same))


def link(tx: Connection, issuer: str, subject: str, owner: str, now_us: int) -> None:
    """From now on who is that there signs in as ``owner``. Raises Conflict where it is somebody else's."""
    before = owner_of(tx, issuer, subject)
    if before == owner:
        return
    if before is not None:
        raise Conflict("Your organisation's sign-in belongs to another account here. Sign in with it first.")
    row = {"issuer": issuer, "subject": subject, "owner": owner, "created_at": now_us}
    try:
        tx.execute(insert(identities).values(row))
    except IntegrityError as problem:  # at the same moment, in another process
        raise Conflict("Your organisation's sign-in was linked just now. Sign in with it.") from problem


def unlink(tx: Connection, owner: str) -> None:
    """Raises NotFound where nothing is linked; Conflict for the last way to sign in."""
    if tx.execute(delete(identities).where(identities.c.owner == owner)).rowcount == 0:
        raise NotFound("No sign-in of an organisation is linked to this account.")
    if not can_sign_in(tx, owner):
        raise Conflict("This is your only way to sign in. Set a password or add a passkey first.")


def linked_at(connection: Connection, owner: str, issuer: str) -> int | None:
    """Since when, microseconds UTC; None: not."""
    mine = (identities.c.owner == owner) & (identities.c.issuer == issuer)
    at: int | None = connection.scalar(select(func.min(identities.c.created_at)).where(mine))
    return at


def free_name(connection: Connection, wished: list[str]) -> str | None:
    """The first of the names that nobody has, or the first with a number; None where none can be a name."""
    allowed = [name for name in map(_as_name, wished) if name is not None]
    for name in allowed:
        if _is_free(connection, name):
            return name
    for name in allowed[:1]:
        for ending in [*map(str, range(2, COUNTED_TO)), secrets.token_hex(4)]:
            numbered = f"{name[: MOST - len(ending) - 1]}-{ending}"
            if _is_free(connection, numbered):
                return numbered
    return None


def _as_name(text: str) -> str | None:
    """What people are called elsewhere, in the shape of a name here: "Zoë Müller" as zoë.müller's."""
    for form in (text, re.sub(r"[\s']+", ".", text.strip())[:MOST]):
        try:
            return check_name(form)
        except BadRequest:
            continue
    return None


def _is_free(connection: Connection, name: str) -> bool:
    try:
        accounts.check_free(connection, check_name(name))
    except (NameTaken, BadRequest):
        return False
    return True
