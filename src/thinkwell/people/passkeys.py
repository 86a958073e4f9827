"""Passkeys (WebAuthn): one is made, one proves who signs in. No HTTP; the library checks what was signed.

A passkey alone signs somebody in, so the device must have made sure of its owner (user verification), and it
can be found without a name (a resident key). Nothing is asked of the device's maker (no attestation).
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from thinkwell.errors import BadRequest, Conflict, NotFound, WrongSignIn
from thinkwell.people import accounts
from thinkwell.store.tables import identities, passkeys

Purpose = Literal["sign_up", "sign_in", "add"]
LASTS_S = 300.0
MOST_AT_ONCE = 10_000
MOST_OF_ONE = 20
NOT_THAT_ONE = "This passkey is not known here, or it was not this site that asked for it."


class Party(msgspec.Struct, frozen=True):
    """The site as browsers know it: ``id`` its host, ``origin`` with scheme and port."""

    id: str
    origin: str
    name: str


class Ceremony(msgspec.Struct, frozen=True):
    """What a device was asked. ``about``: for a sign-up the name, for another passkey the account's id."""

    purpose: Purpose
    challenge: bytes
    party: Party
    about: str | None
    until: float


class Passkey(msgspec.Struct, frozen=True, kw_only=True):
    """``id`` is the credential's, base64url; ``public_key`` in COSE."""

    id: str
    owner: str
    name: str
    public_key: bytes
    sign_count: int
    created_at: int
    used_at: int | None = None


class NewPasskey(msgspec.Struct, frozen=True):
    """One that was just made, and whose it may become."""

    id: str
    public_key: bytes
    sign_count: int
    about: str | None


class Ceremonies:
    """Challenges that are open, each good once. In memory: who is asked answers within minutes, here.

    ``clock`` is monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._open: OrderedDict[str, Ceremony] = OrderedDict()

    def begin(self, purpose: Purpose, party: Party, about: str | None = None) -> tuple[str, Ceremony]:
        """Its name, to be sent back, and the ceremony. Under a flood the oldest ones end."""
        now = self._clock()
        while self._open and (
            next(iter(self._open.values())).until <= now or len(self._open) >= MOST_AT_ONCE
        ):
            self._open.popitem(last=False)
        name = secrets.token_urlsafe(18)
        ceremony = Ceremony(purpose, secrets.token_bytes(32), party, about, now + LASTS_S)
        self._open[name] = ceremony
        return name, ceremony

    def take(self, name: str, purpose: Purpose) -> Ceremony:
        """Whatever becomes of it, it is over then. Raises BadRequest."""
        found = self._open.pop(name, None)
        if found is None or found.purpose != purpose or found.until <= self._clock():
            raise BadRequest("This took too long, or was done already. Begin again.", param="ceremony")
        return found


# -- with the device -----------------------------------------------------------------------------


async def ask_to_make(ceremony: Ceremony, account_name: str, known: list[str]) -> dict[str, Any]:
    """What ``navigator.credentials.create`` is given. ``known``: passkeys the person has already."""
    return await asyncio.to_thread(_creation, ceremony, account_name, known)


async def ask_to_prove(ceremony: Ceremony) -> dict[str, Any]:
    """What ``navigator.credentials.get`` is given. Any passkey of this site will do."""
    return await asyncio.to_thread(_request, ceremony)


async def made(ceremony: Ceremony, credential: dict[str, Any]) -> NewPasskey:
    """Check what the device made. Raises BadRequest."""
    return await asyncio.to_thread(_made, ceremony, credential)


async def proven(ceremony: Ceremony, credential: dict[str, Any], passkey: Passkey) -> int:
    """Check what the device signed with ``passkey``; returns its new counter. Raises WrongSignIn."""
    return await asyncio.to_thread(_proven, ceremony, credential, passkey)


def id_of(credential: dict[str, Any]) -> str:
    """Raises BadRequest."""
    found = credential.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= 2048:
        raise BadRequest("That is no answer of a passkey.", param="credential")
    return found


# The library is loaded where somebody uses a passkey, in a thread: it takes a fifth of a second.


def _creation(ceremony: Ceremony, account_name: str, known: list[str]) -> dict[str, Any]:
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=ceremony.party.id,
        rp_name=ceremony.party.name,
        user_name=account_name,
        user_id=secrets.token_bytes(32),
        challenge=ceremony.challenge,
        timeout=int(LASTS_S * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in known],
    )
    found: dict[str, Any] = json.loads(options_to_json(options))
    return found


def _request(ceremony: Ceremony) -> dict[str, Any]:
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=ceremony.party.id,
        challenge=ceremony.challenge,
        timeout=int(LASTS_S * 1000),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    found: dict[str, Any] = json.loads(options_to_json(options))
    return found


def _made(ceremony: Ceremony, credential: dict[str, Any]) -> NewPasskey:
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=ceremony.challenge,
            expected_rp_id=ceremony.party.id,
            expected_origin=ceremony.party.origin,
            require_user_verification=True,
        )
    except (
        Exception
    ) as problem:  # a stranger's bytes, in a parser of several formats: whatever it says is "no"
        raise BadRequest(
            f"This passkey cannot be taken: {_first_line(problem)}", param="credential"
        ) from problem
    return NewPasskey(
        bytes_to_base64url(found.credential_id),
        found.credential_public_key,
        found.sign_count,
        ceremony.about,
    )


def _proven(ceremony: Ceremony, credential: dict[str, Any], passkey: Passkey) -> int:
    from webauthn import verify_authentication_response

    try:
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=ceremony.challenge,
            expected_rp_id=ceremony.party.id,
            expected_origin=ceremony.party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as problem:  # as above
        raise WrongSignIn(NOT_THAT_ONE) from problem
    return int(found.new_sign_count)


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0][:200]


# -- rows ----------------------------------------------------------------------------------------


def add(tx: Connection, owner: str, new: NewPasskey, name: str, now_us: int) -> Passkey:
    """Raises Conflict: somebody has it, or the person has very many."""
    if len(by_owner(tx, owner)) >= MOST_OF_ONE:
        raise Conflict(f"At most {MOST_OF_ONE} passkeys are kept for one person. Remove one first.")
    made = Passkey(
        id=new.id,
        owner=owner,
        name=name,
        public_key=new.public_key,
        sign_count=new.sign_count,
        created_at=now_us,
    )
    try:
        tx.execute(insert(passkeys).values(msgspec.structs.asdict(made)))
    except IntegrityError as problem:
        raise Conflict("This passkey belongs to somebody already.") from problem
    return made


def find(connection: Connection, passkey_id: str) -> Passkey | None:
    row = connection.execute(select(passkeys).where(passkeys.c.id == passkey_id)).first()
    return None if row is None else _passkey(row)


def by_owner(connection: Connection, owner: str) -> list[Passkey]:
    query = select(passkeys).where(passkeys.c.owner == owner).order_by(passkeys.c.created_at, passkeys.c.id)
    return [_passkey(row) for row in connection.execute(query)]


def used(tx: Connection, passkey_id: str, sign_count: int, now_us: int) -> None:
    tx.execute(
        update(passkeys).where(passkeys.c.id == passkey_id).values(sign_count=sign_count, used_at=now_us)
    )


def remove(tx: Connection, owner: str, passkey_id: str) -> None:
    """Raises NotFound, also for another owner's; Conflict for the last way to sign in."""
    mine = (passkeys.c.owner == owner) & (passkeys.c.id == passkey_id)
    if tx.execute(delete(passkeys).where(mine)).rowcount == 0:
        raise NotFound("There is no such passkey, or it is not yours.")
    if not can_sign_in(tx, owner):
        raise Conflict("This is your only way to sign in. Set a password or add another passkey first.")


def can_sign_in(connection: Connection, owner: str) -> bool:
    if accounts.password_of(connection, owner) is not None:
        return True
    ways = [
        select(func.count()).where(passkeys.c.owner == owner),
        select(func.count()).where(identities.c.owner == owner),
    ]
    return any(connection.scalar(way) for way in ways)


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(
        id=row.id,
        owner=row.owner,
        name=row.name,
        public_key=row.public_key,
        sign_count=row.sign_count,
        created_at=row.created_at,
        used_at=row.used_at,
    )
