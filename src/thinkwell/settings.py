"""The only reader of files and environment for settings, and the maker of the site's secret.

Frozen values per room, composed. Order, later wins: defaults, ``thinkwell.toml`` in the data folder,
environment (``THINKWELL_ROOM_NAME``), ``--set room.name=value``. An unknown, doubled or unparsable
name stops the start with its name and the reason.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from thinkwell.errors import SetupError

ENVIRONMENT_PREFIX = "THINKWELL_"
FILE_NAME = "thinkwell.toml"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Site(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, Meta(description="Name shown on the page", max_length=80)] = "Thinkwell"
    notice: Annotated[str, Meta(description="A line shown on the page, for example who runs the site")] = ""


class Http(msgspec.Struct, frozen=True, kw_only=True):
    host: Annotated[str, Meta(description="Address to listen on; 0.0.0.0 opens the site to the network")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Meta(description="Port to listen on; 0 picks a free one", ge=0, le=65535)] = 8080
    max_body_bytes: Annotated[int, Meta(description="Largest request body, in bytes", ge=1024)] = 2_000_000
    secure_cookies: Annotated[
        bool, Meta(description="Send the visitor cookie over HTTPS only; set it behind a TLS proxy")
    ] = False


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    model: Annotated[
        str,
        Meta(
            description="Catalogue name, path to a GGUF file, hf:owner/repo/file.gguf, or the URL of a server"
        ),
    ] = "smollm2-135m-instruct"
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
    visitor_weight: Annotated[
        float, Meta(description="Part of the machine for all visitors together, against the members'", gt=0)
    ] = 1.0
    member_weight: Annotated[
        float, Meta(description="Part of the machine for all members together, against the visitors'", gt=0)
    ] = 1.0
    at_once: Annotated[
        int, Meta(description="Most turns of one person that run at once; 0: no limit", ge=0)
    ] = 0
    give_way: Annotated[
        bool, Meta(description="Long thoughts pause for people who have nothing, where the model can go on")
    ] = True
    thought_floor: Annotated[
        float,
        Meta(description="Least part of a thought under the highest load; 1: never shortened", gt=0, le=1),
    ] = 0.2
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
        """Refuses by ValueError, whose words the operator reads after "cannot be …"."""
        if self.proxy_header and not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", self.proxy_header):
            raise ValueError("that is no name of a header, such as X-Remote-User")
        self.proxy_networks()

    def proxy_networks(self) -> tuple[Network, ...]:
        """``proxy_addresses``, parsed."""
        parts = (part.strip() for part in self.proxy_addresses.split(","))
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


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of a site. ``data`` is the folder that holds everything the site writes."""

    data: Path
    site: Site = Site()
    http: Http = Http()
    engine: Engine = Engine()
    line: Line = Line()
    turns: Turns = Turns()
    people: People = People()


ROOMS: dict[str, type[msgspec.Struct]] = {
    "site": Site,
    "http": Http,
    "engine": Engine,
    "line": Line,
    "turns": Turns,
    "people": People,
}
SECRET_NAMES = frozenset({"engine.key", "engine.hub_token"})


class SettingRow(msgspec.Struct, frozen=True):
    """One setting as ``--help`` and docs/settings.md print it."""

    name: str
    type: str
    default: str
    help: str

    @property
    def environment(self) -> str:
        return ENVIRONMENT_PREFIX + self.name.replace(".", "_").upper()


def setting_rows() -> list[SettingRow]:
    """Every setting, in the order of the rooms."""
    rows = []
    for room, struct in ROOMS.items():
        hints = get_type_hints(struct, include_extras=True)
        for field in msgspec.structs.fields(struct):
            meta = next(m for m in hints[field.name].__metadata__ if isinstance(m, Meta))
            plain = get_type_hints(struct)[field.name]
            kind = plain.__name__ if isinstance(plain, type) else get_args(plain)[0].__name__
            default = "unset" if field.default in (None, "") else str(field.default).lower()
            default = str(field.default) if isinstance(field.default, str) and field.default else default
            rows.append(SettingRow(f"{room}.{field.name}", kind, default, meta.description or ""))
    return rows


def load_settings(
    data: Path,
    environment: Mapping[str, str],
    assignments: Sequence[str] = (),
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Compose the settings. ``assignments`` are the texts of ``--set``; ``flags`` are command-line options
    by setting name, None where not given. Raises SetupError.
    """
    layers = [
        _from_file(data / FILE_NAME),
        _from_environment(environment),
        _from_assignments(assignments),
        {name: value for name, value in (flags or {}).items() if value is not None},
    ]
    known = {row.name for row in setting_rows()}
    merged: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for name, value in layer.items():
            if name not in known:
                raise SetupError(f"There is no setting {name!r}. `thinkwell settings` lists them all.")
            room, _, field = name.partition(".")
            merged.setdefault(room, {})[field] = value
    rooms = {room: _convert(room, values) for room, values in merged.items()}
    settings = msgspec.structs.replace(Settings(data=data), **rooms)
    if settings.people.proxy_header and not settings.people.proxy_networks():
        raise SetupError(
            "The setting people.proxy_header needs people.proxy_addresses: the addresses of the proxies "
            "that may send the header. From anywhere else it does not count."
        )
    return settings


def _convert(room: str, values: dict[str, Any]) -> msgspec.Struct:
    for field, value in values.items():
        try:
            msgspec.convert({field: value}, ROOMS[room], strict=False)
        except msgspec.ValidationError as error:
            shown = "(hidden)" if f"{room}.{field}" in SECRET_NAMES else repr(value)
            reason = str(error).split(" - at ")[0]
            raise SetupError(f"The setting {room}.{field} cannot be {shown}: {reason}.") from None
    return msgspec.convert(values, ROOMS[room], strict=False)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SetupError(f"The settings file {path} cannot be read: {error}.") from error
    found: dict[str, Any] = {}
    for room, table in tables.items():
        if not isinstance(table, dict):
            raise SetupError(f"In {path}, {room!r} stands outside a [room].")
        found |= {f"{room}.{name}": value for name, value in table.items()}
    return found


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    by_variable = {row.environment: row.name for row in setting_rows()}
    found = {}
    for variable, value in environment.items():
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        if variable not in by_variable:
            raise SetupError(
                f"The environment variable {variable} names no setting. `thinkwell settings` lists them."
            )
        found[by_variable[variable]] = value
    return found


def _from_assignments(assignments: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or "." not in name:
            raise SetupError(f"--set takes room.name=value, not {text!r}.")
        if name in found:
            raise SetupError(f"--set gives {name} twice.")
        found[name] = value
    return found


def prepare_data(data: Path) -> None:
    """Make the data folder, for this user only. Raises SetupError."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = data / f".write-{secrets.token_hex(4)}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        raise SetupError(
            f"The data folder {data} cannot be written: {error.strerror or error}. "
            "Free some space there, or name another folder with --data."
        ) from error


def site_secret(data: Path) -> bytes:
    """The key that signs cookies: made on the first start, readable by this user only. Raises SetupError."""
    path = data / "secret"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise SetupError(f"The secret {path} cannot be written: {error.strerror}.") from error
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise SetupError(f"The secret {path} cannot be read: {error}. Restore it from a backup.") from error
    if len(secret) < 32:
        raise SetupError(
            f"The secret {path} is too short to be safe. Restore it from a backup, or delete it."
        )
    return secret
