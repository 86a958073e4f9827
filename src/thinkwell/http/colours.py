"""From any colour to accents that can be read, by day and by night. Pure; knows no page.

The page's own surfaces are given (web/src/styles/tokens.css; a test compares them). What is asked for is
WCAG 2.2 AA: text on each surface, on the accent's own pale surface, and on the accent itself at 4.5 : 1.
"""

from __future__ import annotations

import msgspec

Rgb = tuple[int, int, int]
READABLE = 4.5
STEPS = 255


class Surfaces(msgspec.Struct, frozen=True):
    """What accents lie on, and the two inks that lie on accents. ``end``: whereto an accent is moved until
    it can be read; ``far``: the other end."""

    paper: str
    raised: str
    sunk: str
    ink: str
    ink_soft: str
    end: str
    far: str


DAY = Surfaces("#f6f3ec", "#fffdf8", "#ece7dc", "#1c2428", "#4c585d", end="#000000", far="#ffffff")
NIGHT = Surfaces("#101718", "#192224", "#0b1112", "#e6ebe8", "#a6b4b4", end="#ffffff", far="#000000")


class Accent(msgspec.Struct, frozen=True):
    """``water`` for text and buttons, ``soft`` a pale surface, ``on`` the text on a button."""

    water: str
    soft: str
    on: str


def accents(colour: str) -> tuple[Accent, Accent]:
    """By day and by night. ``colour`` is #rrggbb."""
    return _accent(_rgb(colour), DAY), _accent(_rgb(colour), NIGHT)


def contrast(one: str, other: str) -> float:
    return _contrast(_rgb(one), _rgb(other))


def _accent(colour: Rgb, by: Surfaces) -> Accent:
    """The first on the way from the colour to black or white that can be read everywhere."""
    backs = [_rgb(back) for back in (by.paper, by.raised, by.sunk)]
    far, end = _rgb(by.far), _rgb(by.end)
    water, soft = end, _rgb(by.raised)
    for step in range(STEPS + 1):
        water = _mixed(colour, end, step / STEPS)
        soft = _soft(water, by)
        if all(_contrast(water, back) >= READABLE for back in (*backs, soft, far)):
            break
    return Accent(_hex(water), _hex(soft), _hex(_on(water, far)))


def _soft(water: Rgb, by: Surfaces) -> Rgb:
    """As much of the accent as lets both inks be read on it."""
    raised = _rgb(by.raised)
    inks = (_rgb(by.ink), _rgb(by.ink_soft))
    for percent in range(12, 0, -1):
        soft = _mixed(raised, water, percent / 100)
        if all(_contrast(ink, soft) >= READABLE for ink in inks):
            return soft
    return raised


def _on(water: Rgb, far: Rgb) -> Rgb:
    """Black or white, with as much of the accent's own colour as can be afforded: white stays white."""
    if far == (255, 255, 255):
        return far
    for percent in range(24, 0, -1):
        on = _mixed(far, water, percent / 100)
        if _contrast(on, water) >= READABLE * 1.5:
            return on
    return far


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hex(colour: Rgb) -> str:
    return "#%02x%02x%02x" % colour  # noqa: UP031  a format for three numbers


def _mixed(colour: Rgb, other: Rgb, part: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _contrast(one: Rgb, other: Rgb) -> float:
    """WCAG 2.2: of the relative luminances."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
