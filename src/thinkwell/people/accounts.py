"""Accounts: members, and people whom the operator's sign-in proxy names. Functions of a connection.

Knows roles, tiers and who is kept out; not how somebody proves who they are, but for the hash of a password.
``Accounts`` remembers those that were asked for, so that a request costs no database.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Any, Literal, cast

import msgspec
from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from thinkwell.errors import Blocked, Conflict, NameTaken, NotFound
from thinkwell.people.names import name_key
from thinkwell.store.changes import told
from thinkwell.store.database import Database
from thinkwell.store.tables import accounts, links
from thinkwell.values.caller import Caller, KeyScope

Role = Literal["member", "operator"]
PAGE = 50
MOST_REMEMBERED = 20_000


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is None for those who never chose one. ``cap_…`` are the person's own, below the tier's."""

    id: str
    name: str | None
    role: Role
    tier: str
    created_at: int
    seen_at: int
    blocked_at: int | None = None
    blocked_why: str | None = None
    cap_tokens: int | None = None
    cap_money: int | None = None
    has_password: bool = False

    @property
    def operator(self) -> bool:
        return self.role == "operator"


def caller_of(account: Account, *, key: KeyScope | None = None) -> Caller:
    """The caller that an account is, with a key or without. With a key nobody is an operator: its scopes
    speak of doors of the API. Raises Blocked."""
    if account.blocked_at is not None:
        raise Blocked(f"An operator of this site keeps you out: {account.blocked_why}")
    return Caller(
        kind="member" if key is None else "key",
        id=account.id,
        person=account.id,
        tier=account.tier,
        operator=account.operator and key is None,
        key=key,
    )


# -- rows ----------------------------------------------------------------------------------------


def create(
    tx: Connection, name: str | None, now_us: int, *, tier: str = "member", password: str | None = None
) -> Account:
    """``name`` as ``check_name`` gave it; None: signs in by other means. ``password`` is a hash.

    Raises NameTaken, also for a name's twin.
    """
    return _insert(tx, f"member:{secrets.token_urlsafe(18)}", name, now_us, tier=tier, password=password)


def ensure(tx: Connection, caller: Caller, now_us: int) -> Account:
    """The account of a member who may have none yet: somebody whom the sign-in proxy names."""
    found = find(tx, caller.id)
    return found or _insert(tx, caller.id, None, now_us, tier=caller.tier)


def _insert(
    tx: Connection, account_id: str, name: str | None, now_us: int, *, tier: str, password: str | None = None
) -> Account:
    if name is not None:
        check_free(tx, name)
    row = {
        "id": account_id,
        "name": name,
        "name_key": None if name is None else name_key(name),
        "tier": tier,
        "password": password,
        "created_at": now_us,
        "seen_at": now_us,
    }
    tx.execute(insert(accounts).values(row))
    return get(tx, account_id)


def check_free(connection: Connection, name: str) -> None:
    """Raises NameTaken, also for a name's twin."""
    key = name_key(name)
    if connection.scalar(select(accounts.c.id).where(accounts.c.name_key == key)) is not None:
        raise _taken()


def _taken() -> NameTaken:
    return NameTaken("Somebody has that name, or one that looks like it. Choose another.", param="name")


def find(connection: Connection, account_id: str) -> Account | None:
    row = connection.execute(select(accounts).where(accounts.c.id == account_id)).first()
    return None if row is None else _account(row)


def get(connection: Connection, account_id: str) -> Account:
    """Raises NotFound."""
    found = find(connection, account_id)
    if found is None:
        raise NotFound("There is no such member.")
    return found


def by_name(connection: Connection, name: str) -> Account | None:
    """Of any spelling of the name."""
    row = connection.execute(select(accounts).where(accounts.c.name_key == name_key(name))).first()
    return None if row is None else _account(row)


def password_of(connection: Connection, account_id: str) -> str | None:
    """The hash. Apart from ``Account``, so that it is nowhere but where it is checked."""
    return connection.scalar(select(accounts.c.password).where(accounts.c.id == account_id))


def set_password(tx: Connection, account_id: str, hashed: str) -> None:
    tx.execute(update(accounts).where(accounts.c.id == account_id).values(password=hashed))


def rename(tx: Connection, account_id: str, name: str) -> Account:
    """Raises NameTaken, NotFound."""
    get(tx, account_id)
    try:
        tx.execute(
            update(accounts).where(accounts.c.id == account_id).values(name=name, name_key=name_key(name))
        )
    except IntegrityError as problem:
        raise _taken() from problem
    return get(tx, account_id)


def page(
    connection: Connection, *, after: tuple[int, str] | None = None, name: str | None = None
) -> list[Account]:
    """Up to PAGE + 1, newest first, made before ``after`` (created_at, id). ``name``: part of the name."""
    query = select(accounts).order_by(accounts.c.created_at.desc(), accounts.c.id.desc()).limit(PAGE + 1)
    if after is not None:
        at, account_id = after
        older = (accounts.c.created_at == at) & (accounts.c.id < account_id)
        query = query.where(or_(accounts.c.created_at < at, older))
    if name:
        query = query.where(
            accounts.c.name_key.contains(name_key(name), autoescape=True) | (accounts.c.id == name)
        )
    return [_account(row) for row in connection.execute(query)]


# -- what operators change -----------------------------------------------------------------------


def operators(connection: Connection) -> int:
    """How many there are that are not kept out."""
    query = select(func.count()).where(accounts.c.role == "operator", accounts.c.blocked_at.is_(None))
    return int(connection.scalar(query) or 0)


def any_operator(connection: Connection) -> bool:
    """Also one who is kept out: the site has had its first."""
    query = select(accounts.c.id).where(accounts.c.role == "operator").limit(1)
    return connection.scalar(query) is not None


def check_not_last(connection: Connection, account_id: str) -> None:
    """Raises Conflict for the only operator: a site must not be left without one."""
    found = get(connection, account_id)
    if found.operator and found.blocked_at is None and operators(connection) == 1:
        raise Conflict("This is the only operator. Make another one first.")


def change_role(tx: Connection, account_id: str, role: Role) -> Account:
    """Raises NotFound, or Conflict for the last operator."""
    if role != "operator":
        check_not_last(tx, account_id)
    return _change(tx, account_id, role=role)


def change_tier(tx: Connection, account_id: str, tier: str) -> Account:
    """Raises NotFound. Which tiers there are, the caller knows."""
    return _change(tx, account_id, tier=tier)


def block(tx: Connection, account_id: str, why: str, now_us: int) -> Account:
    """``why`` is shown to them. Raises NotFound, or Conflict for the last operator."""
    check_not_last(tx, account_id)
    shown = "".join(char if char.isprintable() else " " for char in why).strip()
    return _change(tx, account_id, blocked_at=now_us, blocked_why=shown)


def unblock(tx: Connection, account_id: str) -> Account:
    """Raises NotFound."""
    return _change(tx, account_id, blocked_at=None, blocked_why=None)


def remove(tx: Connection, account_id: str) -> None:
    """With passkeys, identities, sessions, links, keys. Raises NotFound, Conflict for the last operator."""
    check_not_last(tx, account_id)
    tx.execute(delete(links).where(links.c.owner == account_id))
    tx.execute(delete(accounts).where(accounts.c.id == account_id))


def _change(tx: Connection, account_id: str, **values: Any) -> Account:
    tx.execute(update(accounts).where(accounts.c.id == account_id).values(values))
    return get(tx, account_id)


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=cast(Role, row.role),
        tier=row.tier,
        created_at=row.created_at,
        seen_at=row.seen_at,
        blocked_at=row.blocked_at,
        blocked_why=row.blocked_why,
        cap_tokens=row.cap_tokens,
        cap_money=row.cap_money,
        has_password=row.password is not None,
    )


# -- remembered ----------------------------------------------------------------------------------


class Accounts:
    """Accounts by id, remembered until they change. Whoever changes one in this process says so by
    ``forget``; ``look`` finds out what another program changed. Belongs to the event loop.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, Account | None] = OrderedDict()
        self._told: int | None = None
        self.generation = 0  # raised whenever anything is forgotten: what was read before may be old

    async def find(self, account_id: str) -> Account | None:
        """Raises StoreError."""
        if account_id in self._known:
            return self._known[account_id]
        generation = self.generation
        found = await self._database.read(lambda connection: find(connection, account_id))
        if generation == self.generation:
            self._known[account_id] = found
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return found

    def forget(self, account_id: str) -> None:
        self.generation += 1
        self._known.pop(account_id, None)

    def forget_all(self) -> None:
        self.generation += 1
        self._known.clear()

    async def look(self) -> bool:
        """Forget all if another program changed something; whether it did. Raises StoreError."""
        number = await self._database.read(told)
        changed = number != self._told
        self._told = number
        if changed:
            self.forget_all()
        return changed
