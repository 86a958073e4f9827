"""One message of a prompt, as every engine understands it."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["system", "user", "assistant"]


class Message(msgspec.Struct, frozen=True):
    """``reasoning`` is the thought that led to an assistant's ``content``, where it is known."""

    role: Role
    content: str
    reasoning: str | None = None
