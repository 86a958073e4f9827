"""The text of an API key: ``tw_<id>_<secret><checksum>``. Knows no database.

The id is public; 33 characters of the secret hold 196 bits. The last six are the CRC-32 of all before them,
so that a slip of the pen is told from a guess without a database, and a scanner for leaked keys finds few
that are none.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import zlib

PREFIX = "tw_"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
ID_LENGTH = 12
SECRET_LENGTH = 33
CHECKSUM_LENGTH = 6
HINT_LENGTH = 4
PATTERN = rf"tw_([0-9A-Za-z]{{{ID_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}"
_match = re.compile(PATTERN, re.ASCII).fullmatch


def new_key() -> tuple[str, str]:
    """The id, and the whole text."""
    key_id = _random(ID_LENGTH)
    begin = f"{PREFIX}{key_id}_{_random(SECRET_LENGTH)}"
    return key_id, begin + checksum(begin)


def _random(length: int) -> str:
    return "".join(secrets.choice(DIGITS) for _ in range(length))


def checksum(text: str) -> str:
    """CRC-32 in base 62 (digits, capitals, small letters), the highest digit first."""
    left = zlib.crc32(text.encode())
    digits = ""
    for _ in range(CHECKSUM_LENGTH):
        left, digit = divmod(left, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


def claims_to_be_ours(text: str) -> bool:
    """However it is spelt: who holds a key of ours and mistypes it must not be taken for a visitor."""
    return text[: len(PREFIX)].lower() == PREFIX


def id_of(text: str) -> str | None:
    """The id of a well-formed key; None of any other text."""
    found = _match(text)
    if found is None or checksum(text[:-CHECKSUM_LENGTH]) != text[-CHECKSUM_LENGTH:]:
        return None
    return found[1]


def hash_of(text: str) -> str:
    """What is stored. The secret is random and long: no more than a plain hash is needed to hide it."""
    return hashlib.sha256(text.encode()).hexdigest()
