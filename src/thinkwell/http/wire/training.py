"""Shapes of whether one's conversations may be used to train the site's models."""

from __future__ import annotations

import msgspec


class TrainingConsent(msgspec.Struct, frozen=True, kw_only=True):
    """``since``: when it was allowed, ISO 8601; None where it is not."""

    allowed: bool
    since: str | None


class TrainingConsentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    allowed: bool
