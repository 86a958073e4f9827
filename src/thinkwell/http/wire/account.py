"""Shapes of sign-up, sign-in, one's account, and the operator's list of members.

No body has a field for a role, a tier or an owner but the operator's own: unknown fields are refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from thinkwell.http.wire.web import iso
from thinkwell.people.accounts import Account, Role
from thinkwell.people.links import LinkKind
from thinkwell.people.names import MOST_RAW
from thinkwell.people.passwords import MOST_BYTES
from thinkwell.people.sessions import Session

Name = Annotated[str, Meta(max_length=MOST_RAW)]
Password = Annotated[str, Meta(max_length=MOST_BYTES)]
Token = Annotated[str, Meta(max_length=200)]
Method = Literal["password", "passkey", "organisation"]


class SignUpBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``invite`` is the token of a link, where one is needed. ``take_history``: what the visitor of this
    browser asked becomes the member's."""

    name: Name
    password: Password
    invite: Token | None = None
    take_history: bool = True


class SignInBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    password: Password
    take_history: bool = True


class NewPasswordBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``current`` is the password until now, where there is one."""

    password: Password
    current: Password | None = None


class ChangeMeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name


class UseLinkBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Token


class PasswordLinkBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Token
    password: Password


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. ``mark``: the same for the same person, and told to nobody else. ``named``: by the
    organisation's own sign-in, so that there is nothing to sign out of. ``methods`` are the ways to sign in
    here; ``sign_up`` says who may. ``organisation`` is what the button for the organisation's sign-in says,
    where there is one."""

    mark: str | None
    kind: Literal["visitor", "member"]
    name: str | None
    role: Role
    tier: str
    named: bool
    has_password: bool
    methods: list[Method]
    sign_up: Literal["open", "invited", "closed"]
    organisation: str | None


class WireSession(msgspec.Struct, frozen=True, kw_only=True):
    """``current``: the one that asks."""

    id: str
    agent: str
    created_at: str
    seen_at: str
    expires_at: str
    current: bool


class SessionList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[WireSession]


class PasswordSet(msgspec.Struct, frozen=True, kw_only=True):
    """The name to sign in with."""

    name: str


class WireOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """``linked_at``: since when one signs in there with this account; null: one does not."""

    title: str
    linked_at: str | None


class NewLinkBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``name`` (or id) says whose password; ``tier`` is that of who is invited."""

    kind: LinkKind
    name: Name | None = None
    tier: Annotated[str, Meta(max_length=64)] | None = None


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """``address`` is whole where ``site.url`` is set, else it begins with the path. It is told this once."""

    kind: LinkKind
    address: str
    expires_at: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str | None
    role: Role
    tier: str
    created_at: str
    seen_at: str
    blocked_at: str | None
    blocked_why: str | None
    has_password: bool


class MemberPage(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Member]
    next: str | None


class ChangeMemberBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``why`` goes with ``blocked``: it is shown to the person."""

    role: Role | UnsetType = UNSET
    tier: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    blocked: bool | UnsetType = UNSET
    why: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


def wire_session(session: Session, current: str | None) -> WireSession:
    return WireSession(
        id=session.id,
        agent=session.agent,
        created_at=iso(session.created_at),
        seen_at=iso(session.seen_at),
        expires_at=iso(session.expires_at),
        current=session.id == current,
    )


def wire_member(account: Account) -> Member:
    return Member(
        id=account.id,
        name=account.name,
        role=account.role,
        tier=account.tier,
        created_at=iso(account.created_at),
        seen_at=iso(account.seen_at),
        blocked_at=None if account.blocked_at is None else iso(account.blocked_at),
        blocked_why=account.blocked_why,
        has_password=account.has_password,
    )


def member_cursor(account: Account) -> str:
    return f"{account.created_at}-{account.id}"
