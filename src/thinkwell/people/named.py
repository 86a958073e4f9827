"""People whom the operator's own sign-in proxy names in a header. Knows nobody's name for longer than a
request: what is kept is a keyed hash of it, which cannot be turned back without the site's secret."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from thinkwell.errors import BadRequest
from thinkwell.people.proxies import Proxies
from thinkwell.values.caller import Caller

MOST_NAME_CHARACTERS = 200


class SignIn:
    """``header`` is the name of the header, empty when there is no sign-in; ``proxies`` may send it."""

    def __init__(self, secret: bytes, header: str, proxies: Proxies) -> None:
        self._key = hmac.digest(secret, b"thinkwell.named", "sha256")
        self.header = header
        self.proxies = proxies

    def named(self, peer: str | None, values: Sequence[bytes]) -> Caller | None:
        """The person named by the header's ``values``, as ``peer`` sent them. None: nobody is named.

        Raises BadRequest when a proxy of ours names nobody clearly: to guess one of two people, or to
        take a member for a visitor, would show somebody the wrong conversations.
        """
        if not self.header or not values or not self.proxies.listed(peer):
            return None
        if len(values) > 1:
            raise BadRequest(f"The header {self.header} came twice: it is not clear who asks.")
        name = _name(values[0])
        if name is None:
            raise BadRequest(
                f"The header {self.header} holds no name: at most {MOST_NAME_CHARACTERS} characters of "
                "UTF-8 that can be printed."
            )
        return self._member(name) if name else None

    def _member(self, name: str) -> Caller:
        """Alone in the line, in no group: the organisation that signs people in knows who they are."""
        digest = hmac.digest(self._key, name.encode(), "sha256").hex()[:32]
        return Caller(kind="member", id=f"named:{digest}", person=f"named:{digest}", tier="member")


def _name(value: bytes) -> str | None:
    """Exactly as it was sent but for spaces around it; None when it is not well formed.

    No folding of case or of Unicode's look-alikes: two accounts must never become one person.
    """
    try:
        name = value.decode("utf-8").strip(" \t")
    except UnicodeDecodeError:
        return None
    return name if len(name) <= MOST_NAME_CHARACTERS and name.isprintable() else None
