"""E-mail addresses, phone numbers and IBANs in a text, replaced by what they are. Pure.

What it cannot do: names, addresses of streets, numbers of cards or accounts in other forms, dates of birth,
and whatever tells a person by what they did. Nor an address that is written out ("ann at example dot org"),
or a phone number without a leading plus, zero or brackets. A number of a sum may be taken for a phone's.
"""

from __future__ import annotations

import re
from typing import Final

# The order matters: an IBAN holds what looks like a phone number.
_PATTERNS: Final = (
    # ISO 13616: country, two check digits, 11 to 30 letters or digits, in fours or not.
    ("[IBAN]", re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?\b")),
    ("[e-mail address]", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    # +33 6 12 34 56 78, 0033612345678, +1 (415) 555-0132
    ("[phone number]", re.compile(r"(?<![\w+.])(?:\+|00)[1-9]\d{0,3}(?:[ ./-]?\(?\d{1,4}\)?){2,6}(?![\w])")),
    # 06 12 34 56 78, 030/1234567, 020 7946 0018
    ("[phone number]", re.compile(r"(?<![\w.,/-])0\d{1,4}(?:[ ./-]?\d{2,8}){1,5}(?![\w])")),
    # (415) 555-0132, 415-555-0132
    ("[phone number]", re.compile(r"(?<![\w-])(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?![\w-])")),
)
_FEWEST_DIGITS: Final = 7
_DIGIT: Final = re.compile(r"\d")
_DATE: Final = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2,4}")


def without_contacts(text: str) -> str:
    for said, pattern in _PATTERNS:
        text = pattern.sub(lambda match, said=said: _said(said, match.group()), text)  # type: ignore[misc]
    return text


def _said(placeholder: str, found: str) -> str:
    if placeholder == "[e-mail address]":
        return placeholder
    return found if len(_DIGIT.findall(found)) < _FEWEST_DIGITS or _DATE.fullmatch(found) else placeholder
