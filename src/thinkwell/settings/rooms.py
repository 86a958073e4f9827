"""The rooms of settings: frozen values, each with its type, default and meaning. Read by reader.py."""

from __future__ import annotations

import ipaddress
import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from thinkwell.settings.addresses import host_of
from thinkwell.settings.files import Files
from thinkwell.settings.offpeak import windows_of, zone_of
from thinkwell.settings.site_rooms import Push, Site, Training

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Http(msgspec.Struct, frozen=True, kw_only=True):
    host: Annotated[str, Meta(description="Address to listen on; 0.0.0.0 opens the site to the network")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(description="Port to listen on; 0 picks a free one", ge=0, le=65535)] = 8080
    max_body_bytes: Annotated[int, Meta(description="Largest request body, in bytes", ge=1024)] = 2_000_000
    secure_cookies: Annotated[
        bool, Meta(description="Send cookies over HTTPS only; set it behind a TLS proxy")
    ] = False
    metrics_from: Annotated[
        str,
        Meta(description="Addresses or networks, with commas between them, that may read /metrics unasked"),
    ] = "127.0.0.0/8, ::1"

    def __post_init__(self) -> None:
        networks(self.metrics_from)


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    model: Annotated[
        str,
        Meta(
            description="Catalogue name, path to a GGUF file, hf:owner/repo/file.gguf, or the URL of a server"
        ),
    ] = "smollm2-135m-instruct"
    adapter: Annotated[
        str,
        Meta(
            description="LoRA adapter (GGUF) of the embedded engine; a relative path is in the data folder. "
            "Unset: the mind that ships with the model, where one does; none: the model as it is"
        ),
    ] = ""
    slots: Annotated[
        Annotated[int, Meta(ge=1, le=4096)] | None,
        Meta(description="Turns run at once; unset: learned from the server, or 4"),
    ] = None
    context: Annotated[
        Annotated[int, Meta(ge=256)] | None,
        Meta(description="Tokens of prompt and output per turn (embedded engine); unset: at most 4096"),
    ] = None
    threads: Annotated[
        Annotated[int, Meta(ge=1, le=512)] | None,
        Meta(description="Threads of the engine; unset: llama.cpp decides, of two cores one stays free"),
    ] = None
    cache_mib: Annotated[int, Meta(description="Memory for finished prompts' caches, MiB", ge=0)] = 256
    key: Annotated[str, Meta(description="Key for a remote server")] = ""
    replicas: Annotated[
        str, Meta(description="More servers of the same model: URLs, set apart by spaces or commas")
    ] = ""
    kv_tokens: Annotated[
        Annotated[int, Meta(ge=256)] | None,
        Meta(description="Tokens that one server's memory holds for all its turns; unset: slots alone bound"),
    ] = None
    silent_s: Annotated[
        float, Meta(description="Longest silence in a reply before it counts as stalled", gt=0)
    ] = 120.0
    patience_s: Annotated[
        float, Meta(description="How long turns wait for an engine that is not ready before they fail", gt=0)
    ] = 60.0
    hub_url: Annotated[str, Meta(description="Hub that hf: models come from")] = "https://huggingface.co"
    hub_token: Annotated[str, Meta(description="Token for gated models of the hub")] = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    fair: Annotated[
        bool, Meta(description="Who had least is next; false: by order of arrival, for a household")
    ] = True
    give_way: Annotated[
        bool, Meta(description="Long thoughts pause for people who have nothing, where the model can go on")
    ] = True
    share_prefixes: Annotated[
        bool,
        Meta(description="Let people share cached prompts when a server is chosen; timing may tell them so"),
    ] = False


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    max_tokens: Annotated[int, Meta(description="Most tokens one turn may generate", ge=1)] = 32_768
    max_live: Annotated[int, Meta(description="Most turns running and waiting at once (memory)", ge=1)] = (
        20_000
    )
    keep_live_s: Annotated[float, Meta(description="Seconds an ended turn's log stays in memory", ge=0)] = (
        30.0
    )
    keep_log_hours: Annotated[int, Meta(description="Hours a turn's event log stays on disk", ge=1)] = 24
    keep_response_hours: Annotated[
        int,
        Meta(
            description="Hours a response of the Responses API stays stored after its last use; 0: none is",
            ge=0,
        ),
    ] = 720


class People(msgspec.Struct, frozen=True, kw_only=True):
    cookie_days: Annotated[int, Meta(description="Days a visitor is remembered", ge=1, le=400)] = 180
    api_visitors: Annotated[bool, Meta(description="Let the API be asked without a key")] = True
    sign_up: Annotated[
        Literal["open", "invited", "closed"],
        Meta(description="Who may become a member: anybody, who has a link of an operator, or nobody"),
    ] = "open"
    session_days: Annotated[int, Meta(description="Days a member stays signed in", ge=1, le=400)] = 30
    visitor_days: Annotated[
        int, Meta(description="Days a visitor's conversation is kept after its last change", ge=1)
    ] = 30
    member_days: Annotated[
        int,
        Meta(description="Days a member's conversation is kept after its last change; 0: for ever", ge=0),
    ] = 0
    proof_load: Annotated[
        float,
        Meta(
            description="Load from which a visitor's browser must work a little to be a person of its own in "
            "the line, not part of its network; 0: never asked",
            ge=0,
        ),
    ] = 1.0
    oidc_issuer: Annotated[str, Meta(description="Issuer URL of your identity provider; unset: none")] = ""
    oidc_client: Annotated[str, Meta(description="Client id of this site at the identity provider")] = ""
    oidc_secret: Annotated[str, Meta(description="Client secret of this site there")] = ""
    oidc_title: Annotated[str, Meta(description="What its button on the page says", max_length=60)] = ""
    proxy_header: Annotated[
        str,
        Meta(description="Header in which your sign-in proxy names the person; unset: nobody is named so"),
    ] = ""
    proxy_addresses: Annotated[
        str,
        Meta(
            description="Addresses or networks of your own proxies, with commas between them: from these "
            "alone people.proxy_header and X-Forwarded-For count"
        ),
    ] = ""

    def __post_init__(self) -> None:
        if self.proxy_header and not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", self.proxy_header):
            raise ValueError("that is no name of a header, such as X-Remote-User")
        self.proxy_networks()
        if self.oidc_issuer and (host_of(self.oidc_issuer) is None or "?" in self.oidc_issuer):
            raise ValueError(
                "that is no address such as https://id.example.org: https (on this machine alone http is "
                "enough), without a query"
            )

    def proxy_networks(self) -> tuple[Network, ...]:
        """``proxy_addresses``, parsed."""
        return networks(self.proxy_addresses)


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """A class of callers. ``visitor`` and ``member`` are always there; the operator may name more."""

    weight: Annotated[
        float, Meta(description="Part of the machine for all of this tier, against the other tiers'", gt=0)
    ] = 1.0
    at_once: Annotated[
        int, Meta(description="Most turns of one person that run at once; 0: no limit", ge=0)
    ] = 0
    most_live: Annotated[
        int,
        Meta(description="Most turns of one person that run and wait; more are refused; 0: no limit", ge=0),
    ] = 0
    thought_floor: Annotated[
        float,
        Meta(description="Least part of a thought under the highest load; 1: never shortened", gt=0, le=1),
    ] = 0.2
    most_thought: Annotated[int, Meta(description="Most tokens of a thought; 0: no limit", ge=0)] = 0
    window_hours: Annotated[
        int, Meta(description="Hours of a quota's window; windows begin at 1970-01-01 UTC", ge=1, le=8784)
    ] = 24
    tokens: Annotated[
        int,
        Meta(
            description="Weighted tokens a person may use in a window (prompt 1, output 2); 0: no quota", ge=0
        ),
    ] = 0
    money: Annotated[Decimal, Meta(description="What a person's turns may cost in a window; 0: no quota")] = (
        Decimal(0)
    )
    free: Annotated[Decimal, Meta(description="What of that is free of charge in a window")] = Decimal(0)
    when_over: Annotated[
        Literal["behind", "refuse"],
        Meta(description="Out of quota: go behind the others while there is room, or be refused"),
    ] = "behind"

    def __post_init__(self) -> None:
        micros(self.money), micros(self.free)


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """Of one model, or of ``default``: all that are not named. Per million tokens."""

    prompt: Annotated[Decimal, Meta(description="Price of a million tokens of prompt, not cached")] = Decimal(
        0
    )
    cached: Annotated[Decimal, Meta(description="Price of a million tokens of prompt, cached")] = Decimal(0)
    reasoning: Annotated[Decimal, Meta(description="Price of a million tokens of thought")] = Decimal(0)
    answer: Annotated[Decimal, Meta(description="Price of a million tokens of answer")] = Decimal(0)

    def __post_init__(self) -> None:
        for price in (self.prompt, self.cached, self.reasoning, self.answer):
            micros(price)


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    currency: Annotated[
        str, Meta(description="Currency of all prices and costs, as ISO 4217 has it", pattern="^[A-Z]{3}$")
    ] = "EUR"
    off_peak: Annotated[
        str,
        Meta(description="Times at which prices are lower: mon-fri 22:00-06:00 50%; sat,sun 00:00-24:00 50%"),
    ] = ""
    time_zone: Annotated[str, Meta(description="Time zone of off_peak, as Europe/Zurich")] = "UTC"
    kwh: Annotated[Decimal | None, Meta(description="What a kilowatt-hour costs you; unset: not known")] = (
        None
    )
    hardware_hour: Annotated[
        Decimal | None, Meta(description="What the machine costs you an hour, used or not; unset: not known")
    ] = None

    def __post_init__(self) -> None:
        for cost in (self.kwh, self.hardware_hour):
            if cost is not None:
                micros(cost)
        windows_of(self.off_peak), zone_of(self.time_zone)


class Energy(msgspec.Struct, frozen=True, kw_only=True):
    measure: Annotated[
        bool, Meta(description="Read this machine's own energy meters (RAPL, NVML) where they can be read")
    ] = True
    watts: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="Watts of the engines while they work, where no meter can be read; unset: a guess"),
    ] = None
    idle_watts: Annotated[
        float, Meta(description="Watts of the engines while they rest, where no meter can be read", ge=0)
    ] = 0.0


class Logs(msgspec.Struct, frozen=True, kw_only=True):
    form: Annotated[
        Literal["plain", "json"], Meta(description="Lines of the log: for people, or one JSON object each")
    ] = "plain"
    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="Least weight of a line that is logged"),
    ] = "warning"
    traces_url: Annotated[
        str, Meta(description="OpenTelemetry collector (OTLP over HTTP) that gets a trace of each turn")
    ] = ""


MICROS = 1_000_000


def micros(amount: Decimal) -> int:
    """An amount of money in millionths of its currency. Raises ValueError where it is none."""
    if not amount.is_finite() or amount < 0 or amount >= 10**9:
        raise ValueError("that is no amount of money from 0 to a thousand million")
    scaled = amount * MICROS
    if scaled != int(scaled):
        raise ValueError("amounts have at most six decimals")
    return int(scaled)


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks with commas between them. Raises ValueError."""
    parts = (part.strip() for part in text.split(","))
    return tuple(_network(part) for part in parts if part)


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither an address nor a network such as 10.0.0.0/8") from None
    if network.prefixlen == 0:
        raise ValueError(f"{text} is everybody, and anybody could say who they are")
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped:
        raise ValueError(f"{text} is IPv4 written as IPv6; write it as IPv4")
    return network


def _default_tiers() -> dict[str, Tier]:
    return {"visitor": Tier(), "member": Tier()}


def _default_prices() -> dict[str, Price]:
    return {"default": Price()}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of a site. ``data`` is the folder that holds everything the site writes."""

    data: Path
    site: Site = Site()
    http: Http = Http()
    engine: Engine = Engine()
    line: Line = Line()
    turns: Turns = Turns()
    files: Files = Files()
    people: People = People()
    tiers: dict[str, Tier] = msgspec.field(default_factory=_default_tiers)
    tariff: Tariff = Tariff()
    prices: dict[str, Price] = msgspec.field(default_factory=_default_prices)
    energy: Energy = Energy()
    logs: Logs = Logs()
    push: Push = Push()
    training: Training = Training()
    # Where each value that was given came from, by name; what is not in it is the default.
    sources: dict[str, str] = msgspec.field(default_factory=dict)
