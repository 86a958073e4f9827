"""Shapes of passkeys. What goes to and from the device is WebAuthn's own JSON, checked by its library."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from thinkwell.http.wire.account import Name, Token
from thinkwell.http.wire.web import iso
from thinkwell.people.passkeys import Passkey, Purpose

Called = Annotated[str, Meta(min_length=1, max_length=60)]


class BeginBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``name``: of who becomes a member."""

    purpose: Purpose
    name: Name | None = None


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """``options`` is for ``PublicKeyCredential.parseCreationOptionsFromJSON`` or ``…RequestOptionsFromJSON``;
    ``ceremony`` comes back with what the device answers."""

    ceremony: str
    options: dict[str, Any]


class PasskeySignUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``called`` is what its owner calls the passkey; the rest as in a sign-up with a password."""

    ceremony: Token
    credential: dict[str, Any]
    called: Called
    invite: Token | None = None
    take_history: bool = True


class PasskeySignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ceremony: Token
    credential: dict[str, Any]
    take_history: bool = True


class NewPasskeyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    ceremony: Token
    credential: dict[str, Any]
    called: Called


class WirePasskey(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    called: str
    created_at: str
    used_at: str | None


class PasskeyList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[WirePasskey]


def wire_passkey(passkey: Passkey) -> WirePasskey:
    return WirePasskey(
        id=passkey.id,
        called=passkey.name,
        created_at=iso(passkey.created_at),
        used_at=None if passkey.used_at is None else iso(passkey.used_at),
    )
