"""What a site's energy is read from, or assumed, and the sentence that tells the operator so.

Meters of this machine say nothing of an engine on another: there only an assumed power helps.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from thinkwell.ledger.meters import Assumed, CountingMeter, EnergyMeter, NoMeter
from thinkwell.ledger.nvml import LoadLibrary, find_cards, load_library
from thinkwell.ledger.rapl import Found, find_rapl
from thinkwell.settings.rooms import Energy

# Of a logical processor under load: the mean of server processors that Cloud Carbon Footprint publishes for
# AWS (3.5 W for each vCPU at full load; its other clouds are at 3.5 to 3.8), made from SPECpower results.
CORE_WATTS = 3.5

# Where the engines are: on this machine's processors, in a server on this machine, or on another machine.
Place = Literal["processors", "here", "elsewhere"]


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked at to find meters. ``visible`` is CUDA_VISIBLE_DEVICES, where it is set."""

    cores: int
    visible: str | None = None
    sys: Path = Path("/sys")
    proc: Path = Path("/proc")
    load: LoadLibrary = load_library
    clock: Callable[[], float] = time.monotonic


class Supply(msgspec.Struct, frozen=True):
    """``assumed`` where nothing is read, None: then the energy is not known."""

    meter: EnergyMeter
    assumed: Assumed | None
    about: str


def place_of(urls: Iterable[str | None]) -> Place:
    """Of servers by their addresses; one that is elsewhere is enough. None: it is in this process."""
    return "here" if all(url is None or _is_here(url) for url in urls) else "elsewhere"


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def find_supply(wanted: Energy, place: Place, machine: Machine) -> Supply:
    """Reads files, and perhaps loads a library: for a thread."""
    if place == "elsewhere":
        return _elsewhere(wanted)
    if not wanted.measure:
        return _assumed(wanted, machine, "energy.measure is off")
    rapl, cards = find_rapl(machine.sys), find_cards(machine.load, machine.visible)
    # Cards alone say nothing of an engine that runs on the processors.
    found = [part for part in (rapl, cards) if part.sources]
    if not rapl.sources and (place == "processors" or not cards.sources):
        return _assumed(wanted, machine, rapl.why + _missed(cards, machine))
    sources = [source for part in found for source in part.sources]
    about = "measured with " + " and ".join(part.about for part in found)
    about += _missed(cards, machine) if rapl.sources else f"; the processors are not counted: {rapl.why}"
    return Supply(CountingMeter(sources, machine.clock), _power(wanted, machine), about)


def _missed(cards: Found, machine: Machine) -> str:
    """Cards that are there and cannot be read are worth telling."""
    there = (machine.proc / "driver" / "nvidia" / "version").exists() and machine.visible not in ("", "-1")
    return f"; {cards.why}" if there and not cards.sources else ""


def _elsewhere(wanted: Energy) -> Supply:
    why = "the engine is not on this machine"
    if wanted.watts is None:
        return Supply(NoMeter(), None, f"not known, since {why}: set energy.watts")
    assumed = Assumed.watts(wanted.watts, wanted.idle_watts)
    return Supply(NoMeter(), assumed, f"estimated at {wanted.watts:g} W (energy.watts), since {why}")


def _assumed(wanted: Energy, machine: Machine, why: str) -> Supply:
    if wanted.watts is None:
        watts = machine.cores * CORE_WATTS
        how = f"{watts:g} W ({machine.cores} processors x {CORE_WATTS:g} W, a guess: set energy.watts)"
    else:
        how = f"{wanted.watts:g} W (energy.watts)"
    return Supply(NoMeter(), _power(wanted, machine), f"estimated at {how}, since {why}")


def _power(wanted: Energy, machine: Machine) -> Assumed:
    watts = machine.cores * CORE_WATTS if wanted.watts is None else wanted.watts
    return Assumed.watts(watts, wanted.idle_watts)
