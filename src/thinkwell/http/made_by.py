"""The header that says that an answer was made by AI (EU AI Act, Art. 50), for who reads heads only.

No name is standardised. This is the one that was proposed to the IETF (draft-abaris-aicdh-01, an individual
draft, 2026): a dictionary of RFC 9651, of whose members the one is sent that a machine needs. By which
model, at which site and when, is in the receipt, and signed there.
"""

from __future__ import annotations

NAME = "ai-disclosure"
VALUE = "mode=machine-generated"
MADE_BY_AI = ((NAME.encode(), VALUE.encode()),)
MADE_BY_AI_HEADERS = {NAME: VALUE}
