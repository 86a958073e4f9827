"""Meters: files and a library that are there, or not, or not for us; counters that wrap, vanish, start anew."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from thinkwell.ledger.meters import Assumed, CountingMeter, NoMeter
from thinkwell.ledger.nvml import find_cards, load_library
from thinkwell.ledger.rapl import FileSource, Found, find_rapl
from thinkwell.ledger.supply import Machine, Supply, find_supply, place_of
from thinkwell.settings.rooms import Energy
from thinkwell.testing.clock import ManualClock

JOULE = 1_000_000
RANGE = 262_143_328_850  # of a common server processor


def zone(sys: Path, name: str, called: str, energy: int, wraps_at: int = RANGE) -> Path:
    """As the kernel lays it out: /sys/class/powercap has a link to each, at any depth."""
    real = sys / "devices" / "virtual" / "powercap" / name
    real.mkdir(parents=True)
    (real / "name").write_text(f"{called}\n")
    (real / "energy_uj").write_text(f"{energy}\n")
    (real / "max_energy_range_uj").write_text(f"{wraps_at}\n")
    links = sys / "class" / "powercap"
    links.mkdir(parents=True, exist_ok=True)
    (links / name).symlink_to(real)
    return real / "energy_uj"


def server(sys: Path) -> tuple[Path, Path, Path]:
    """Two packages with memory, and much beside them that is to be left out."""
    first = zone(sys, "intel-rapl:0", "package-0", 1000)
    zone(sys, "intel-rapl:0:0", "core", 10)
    memory = zone(sys, "intel-rapl:0:1", "dram", 300)
    second = zone(sys, "intel-rapl:1", "package-1", 2000)
    zone(sys, "intel-rapl:2", "psys", 9000)
    zone(sys, "intel-rapl-mmio:0", "package-0", 1000)
    zone(sys, "dtpm", "dtpm", 1)
    return first, memory, second


class Card:
    def __init__(self, millijoules: int | None, uuid: str) -> None:
        self.millijoules = millijoules
        self.uuid = uuid


class Nvml:
    """Like the module pynvml, as far as it is used."""

    class NVMLError(Exception):
        pass

    def __init__(self, *cards: Card, driver: bool = True) -> None:
        self.cards = cards
        self.driver = driver

    def nvmlInit(self) -> None:
        if not self.driver:
            raise self.NVMLError("Driver Not Loaded")

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Card:
        return self.cards[index]

    def nvmlDeviceGetUUID(self, handle: Card) -> str:
        return handle.uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: Card) -> int:
        if handle.millijoules is None:
            raise self.NVMLError("Not Supported")
        return handle.millijoules


def no_library() -> Any:
    raise ImportError("pynvml")


@pytest.fixture
def sys(tmp_path: Path) -> Path:
    return tmp_path / "sys"


@pytest.fixture
def machine(tmp_path: Path, sys: Path) -> Machine:
    return Machine(cores=8, sys=sys, proc=tmp_path / "proc", load=no_library, clock=ManualClock())


def with_cards(machine: Machine, *cards: Card, visible: str | None = None) -> Machine:
    return msgspec.structs.replace(machine, load=lambda: Nvml(*cards), visible=visible)


# -- counters ----------------------------------------------------------------------------------------


async def meter_of(find: Callable[[], Found], clock: ManualClock | None = None) -> CountingMeter:
    """As a site makes it: in a thread."""
    return await asyncio.to_thread(lambda: CountingMeter(find().sources, clock or ManualClock()))


async def test_packages_and_their_memory_are_added_up_and_nothing_is_counted_twice(sys: Path) -> None:
    first, memory, second = server(sys)
    meter = await meter_of(lambda: find_rapl(sys))
    for file, now in ((first, 1500), (memory, 310), (second, 2007)):
        file.write_text(f"{now}\n")
    assert await meter.spent() == 517
    assert await meter.spent() == 0


async def test_a_counter_that_comes_to_its_end_goes_on_from_nothing(sys: Path) -> None:
    file = zone(sys, "intel-rapl:0", "package-0", RANGE - 5 * JOULE)
    clock = ManualClock()
    meter = await meter_of(lambda: find_rapl(sys), clock)
    await clock.advance(0.5)
    file.write_text(f"{7 * JOULE}\n")
    assert await meter.spent() == 12 * JOULE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (RANGE // 2, 0),  # far from its end
        (RANGE + 1, 0),  # beyond its end
        (0, RANGE // 2),  # and no machine draws so much in a second
    ],
)
async def test_a_counter_that_starts_anew_tells_nothing_of_that_time_and_is_right_afterwards(
    sys: Path, before: int, after: int
) -> None:
    file = zone(sys, "intel-rapl:0", "package-0", before)
    clock = ManualClock()
    meter = await meter_of(lambda: find_rapl(sys), clock)
    await clock.advance(1)
    file.write_text(f"{after}\n")
    assert await meter.spent() is None
    await clock.advance(1)
    file.write_text(f"{after + 30 * JOULE}\n")
    assert await meter.spent() == 30 * JOULE


async def test_a_counter_whose_range_may_not_be_read_is_not_known_when_it_goes_backwards(sys: Path) -> None:
    file = zone(sys, "intel-rapl:0", "package-0", 100)
    file.with_name("max_energy_range_uj").unlink()
    meter = await meter_of(lambda: find_rapl(sys))
    file.write_text("150\n")
    assert await meter.spent() == 50
    file.write_text("20\n")
    assert await meter.spent() is None


async def test_when_one_counter_vanishes_the_sum_is_not_known_until_it_is_back(sys: Path) -> None:
    first, _, second = server(sys)
    meter = await meter_of(lambda: find_rapl(sys))
    second.unlink()
    first.write_text("2000\n")
    assert await meter.spent() is None
    second.write_text("5000\n")
    assert await meter.spent() is None  # of the time without it nothing is known
    second.write_text("5010\n")
    first.write_text("2001\n")
    assert await meter.spent() == 11


@pytest.mark.parametrize("text", ["", "-5", "12.5", "0x10", "٣", "nan", "9" * 5000, "5\n6"])
def test_a_file_that_holds_no_number_is_no_meter(sys: Path, text: str) -> None:
    file = zone(sys, "intel-rapl:0", "package-0", 0)
    file.write_text(text, encoding="utf-8")
    assert find_rapl(sys).sources == ()
    assert FileSource(file, "x").read() is None


# -- what is found -----------------------------------------------------------------------------------


@pytest.fixture
def stranger() -> Iterator[None]:
    """Not root: what only root may read is closed."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """That others may enter, which pytest's own may not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    server(folder)
    (folder / "class/powercap/intel-rapl:1/energy_uj").chmod(0o400 if os.geteuid() == 0 else 0)
    yield folder
    shutil.rmtree(folder)


def test_a_counter_that_only_root_may_read_is_told_with_how_to_allow_it(
    open_folder: Path, stranger: None
) -> None:
    found = find_rapl(open_folder)
    assert found.sources == ()
    assert found.why == (
        f"{open_folder}/class/powercap/intel-rapl:1/energy_uj cannot be read "
        "(Permission denied: docs/energy.md says how to allow it)"
    )


def test_without_counters_there_is_no_meter(sys: Path) -> None:
    assert find_rapl(sys).why == f"{sys}/class/powercap has no meters"
    zone(sys, "intel-rapl:0", "psys", 5)
    assert find_rapl(sys).sources == ()


def test_a_zone_whose_link_leads_nowhere_is_none(sys: Path) -> None:
    """A container may hide what the links lead to."""
    (sys / "class/powercap").mkdir(parents=True)
    (sys / "class/powercap/intel-rapl:0").symlink_to(sys / "hidden")
    assert find_rapl(sys).sources == ()


def test_amds_own_driver_is_read_where_there_is_no_rapl(sys: Path) -> None:
    chip = sys / "class/hwmon/hwmon3"
    chip.mkdir(parents=True)
    (chip / "name").write_text("amd_energy\n")
    for number, label in ((1, "Ecore000"), (2, "Esocket0")):
        (chip / f"energy{number}_label").write_text(f"{label}\n")
        (chip / f"energy{number}_input").write_text(f"{number * 100}\n")
    found = find_rapl(sys)
    assert [source.read() for source in found.sources] == [200]
    assert found.about == "RAPL (socket0)"


async def test_cards_count_in_millijoules() -> None:
    cards = Card(1000, "GPU-a"), Card(500, "GPU-b")
    meter = await meter_of(lambda: find_cards(lambda: Nvml(*cards), None))
    cards[0].millijoules, cards[1].millijoules = 1003, 504
    assert await meter.spent() == 7000
    cards[1].millijoules = None
    assert await meter.spent() is None
    cards[1].millijoules = 2  # its driver was loaded again
    assert await meter.spent() is None


@pytest.mark.parametrize(
    ("visible", "seen"),
    [
        (None, ["card 0", "card 1", "card 2"]),
        ("0, 2", ["card 0", "card 2"]),
        ("GPU-b", ["card 1"]),
        ("", []),
        ("-1", []),
        ("MIG-b", []),
    ],
)
def test_only_cards_that_may_be_seen_are_counted(visible: str | None, seen: list[str]) -> None:
    nvml = Nvml(Card(0, "GPU-aa"), Card(0, "GPU-bb"), Card(0, "GPU-cc"))
    assert [source.name for source in find_cards(lambda: nvml, visible).sources] == seen


def test_no_library_no_driver_and_an_old_card_are_no_error() -> None:
    assert "thinkwell[nvidia]" in find_cards(no_library, None).why
    assert "Driver Not Loaded" in find_cards(lambda: Nvml(driver=False), None).why
    assert "does not count" in find_cards(lambda: Nvml(Card(None, "GPU-a")), None).why


def test_the_real_library_or_none_is_no_error_either() -> None:
    """Whatever this machine has."""
    found = find_cards(load_library, None)
    assert bool(found.sources) != bool(found.why)


# -- what a site takes -------------------------------------------------------------------------------


def taken(supply: Supply) -> tuple[bool, Assumed | None]:
    return not isinstance(supply.meter, NoMeter), supply.assumed


def test_meters_of_this_machine_are_read_for_an_engine_on_it(sys: Path, machine: Machine) -> None:
    server(sys)
    supply = find_supply(Energy(), "processors", machine)
    assert supply.about == "measured with RAPL (package-0, dram, package-1)"
    assert taken(supply) == (True, Assumed.watts(28))
    both = find_supply(Energy(), "here", with_cards(machine, Card(0, "GPU-a")))
    assert both.about == "measured with RAPL (package-0, dram, package-1) and NVML (1 card)"


def test_for_an_engine_on_another_machine_nothing_here_is_read(sys: Path, machine: Machine) -> None:
    server(sys)
    machine = with_cards(machine, Card(0, "GPU-a"))
    known = find_supply(Energy(watts=700, idle_watts=90), "elsewhere", machine)
    assert taken(known) == (False, Assumed.watts(700, 90))
    assert known.about == "estimated at 700 W (energy.watts), since the engine is not on this machine"
    unknown = find_supply(Energy(), "elsewhere", machine)
    assert taken(unknown) == (False, None)
    assert unknown.about.startswith("not known, since")


def test_without_meters_the_power_is_a_guess_or_what_the_operator_says(sys: Path, machine: Machine) -> None:
    guess = find_supply(Energy(), "processors", machine)
    assert taken(guess) == (False, Assumed.watts(28))
    assert guess.about == (
        "estimated at 28 W (8 processors x 3.5 W, a guess: set energy.watts), "
        f"since {sys}/class/powercap has no meters"
    )
    said = find_supply(Energy(watts=24, idle_watts=6), "processors", machine)
    assert taken(said) == (False, Assumed.watts(24, 6))
    assert said.about.startswith("estimated at 24 W (energy.watts), since")


def test_the_operator_can_say_that_nothing_is_to_be_measured(sys: Path, machine: Machine) -> None:
    server(sys)
    supply = find_supply(Energy(measure=False, watts=24), "processors", machine)
    assert taken(supply) == (False, Assumed.watts(24))
    assert supply.about == "estimated at 24 W (energy.watts), since energy.measure is off"


def test_cards_alone_measure_a_server_that_uses_them_but_no_engine_on_the_processors(
    machine: Machine,
) -> None:
    machine = with_cards(machine, Card(0, "GPU-a"))
    here = find_supply(Energy(), "here", machine)
    assert here.about.startswith("measured with NVML (1 card); the processors are not counted: ")
    assert taken(find_supply(Energy(), "processors", machine))[0] is False


def test_cards_that_are_there_and_cannot_be_read_are_told(sys: Path, machine: Machine) -> None:
    server(sys)
    driver = machine.proc / "driver/nvidia/version"
    driver.parent.mkdir(parents=True)
    driver.write_text("NVRM version\n")
    assert "pip install 'thinkwell[nvidia]'" in find_supply(Energy(), "here", machine).about
    hidden = msgspec.structs.replace(machine, visible="")
    assert "thinkwell[nvidia]" not in find_supply(Energy(), "here", hidden).about


@pytest.mark.parametrize(
    ("urls", "place"),
    [
        (["http://127.0.0.1:8000/v1"], "here"),
        (["http://localhost:8000", "http://[::1]:8001", None], "here"),
        (["http://127.0.0.1:8000", "http://gpu-box:8000"], "elsewhere"),
        (["http://10.0.0.7:8000"], "elsewhere"),
        (["https://127.0.0.1.example.org"], "elsewhere"),
    ],
)
def test_where_a_server_is_is_known_by_its_address(urls: list[str | None], place: str) -> None:
    assert place_of(urls) == place
