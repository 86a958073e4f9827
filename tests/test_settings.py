"""Settings: one reader, and a sentence for everything that it cannot take."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from thinkwell.build import engine_threads
from thinkwell.errors import SetupError
from thinkwell.settings import load_settings, prepare_data, setting_rows, site_secret


def test_later_sources_win(tmp_path: Path) -> None:
    (tmp_path / "thinkwell.toml").write_text('[site]\nname = "File"\n[engine]\nslots = 1\ncontext = 512\n')
    environment = {"THINKWELL_ENGINE_SLOTS": "2", "HOME": "/", "THINKWELL_HTTP_PORT": "81"}
    found = load_settings(tmp_path, environment, ["engine.slots=3"], {"http.port": 82, "http.host": None})
    assert (found.site.name, found.engine.slots, found.engine.context) == ("File", 3, 512)
    assert (found.http.port, found.http.host) == (82, "127.0.0.1")


@pytest.mark.parametrize(
    ("assignment", "reason"),
    [
        ("engine.slot=3", "no setting 'engine.slot'"),
        ("engine.slots", "room.name=value"),
        ("slots=3", "room.name=value"),
        ("engine.slots=three", "engine.slots cannot be 'three'"),
        ("engine.slots=0", "engine.slots cannot be '0'"),
        ("http.secure_cookies=perhaps", "http.secure_cookies"),
        ("http.port=99999", "http.port"),
    ],
)
def test_what_cannot_be_taken_stops_the_start_with_its_name(
    tmp_path: Path, assignment: str, reason: str
) -> None:
    with pytest.raises(SetupError, match=reason):
        load_settings(tmp_path, {}, [assignment])


def test_a_name_given_twice_an_unknown_variable_and_a_broken_file_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="twice"):
        load_settings(tmp_path, {}, ["site.name=a", "site.name=b"])
    with pytest.raises(SetupError, match="THINKWELL_SLOTS"):
        load_settings(tmp_path, {"THINKWELL_SLOTS": "1"})
    (tmp_path / "thinkwell.toml").write_text("name = 1")
    with pytest.raises(SetupError, match=r"outside a \[room\]"):
        load_settings(tmp_path, {})
    (tmp_path / "thinkwell.toml").write_text("[site")
    with pytest.raises(SetupError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_the_value_of_a_secret_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "thinkwell.toml").write_text("[engine]\nkey = [1234]\n")
    with pytest.raises(SetupError) as caught:
        load_settings(tmp_path, {})
    assert "1234" not in caught.value.message


def test_every_setting_has_a_type_a_default_and_a_meaning() -> None:
    rows = setting_rows()
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.help and row.default and "typing" not in row.type for row in rows)


def test_the_secret_is_made_once_and_for_its_user_only(tmp_path: Path) -> None:
    secret = site_secret(tmp_path)
    assert len(secret) == 32
    assert site_secret(tmp_path) == secret
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "00", "not hex", "ab" * 8])
def test_a_short_or_broken_secret_stops_the_start(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret").write_text(content)
    with pytest.raises(SetupError, match="secret"):
        site_secret(tmp_path)


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="--data"):
        prepare_data(tmp_path / "file" / "data")


def test_of_two_cores_one_stays_free_and_what_the_operator_says_counts() -> None:
    assert engine_threads(None, 2) == (1, 2)
    assert engine_threads(None, 1) == (1, 1)
    assert engine_threads(None, 16) == (0, 0)
    assert engine_threads(6, 2) == (6, 6)


@pytest.mark.parametrize(
    ("assignments", "reason"),
    [
        (["people.proxy_header=X-Remote-User"], "people.proxy_header needs people.proxy_addresses"),
        (["people.proxy_header=X-User", "people.proxy_addresses= , "], "needs people.proxy_addresses"),
        (["people.proxy_header=X Remote User"], "people.proxy_header cannot be 'X Remote User': that is no"),
        (["people.proxy_header=X-User:"], "that is no name of a header"),
        (["people.proxy_header=\u00dcser"], "that is no name of a header"),
        (["people.proxy_addresses=10.0.0.0/33"], "'10.0.0.0/33' is neither an address nor a network"),
        (["people.proxy_addresses=10.0.0.1/8"], "'10.0.0.1/8' is neither"),
        (["people.proxy_addresses=127.0.0.1, proxy.local"], "'proxy.local' is neither"),
        (["people.proxy_addresses=127.0.0.1 10.0.0.1"], "is neither"),
        (["people.proxy_addresses=0.0.0.0/0"], "0.0.0.0/0 is everybody"),
        (["people.proxy_addresses=::/0"], "::/0 is everybody"),
        (["people.proxy_addresses=::ffff:10.0.0.1"], "write it as IPv4"),
    ],
)
def test_a_proxy_that_is_set_up_wrongly_stops_the_start(
    tmp_path: Path, assignments: list[str], reason: str
) -> None:
    with pytest.raises(SetupError, match=re.escape(reason)):
        load_settings(tmp_path, {}, assignments)


def test_a_proxy_without_sign_in_and_a_list_with_spaces_are_fine(tmp_path: Path) -> None:
    people = load_settings(tmp_path, {}, ["people.proxy_addresses= 127.0.0.1 ,fd00::/64, "]).people
    assert [str(network) for network in people.proxy_networks()] == ["127.0.0.1/32", "fd00::/64"]
    assert people.proxy_header == ""


ISSUER = "people.oidc_issuer=https://id.example.org/realms/town"
CLIENT = ["people.oidc_client=thinkwell", "people.oidc_secret=s"]
URL = "site.url=https://ask.example.org"


@pytest.mark.parametrize(
    ("assignments", "reason"),
    [
        ([ISSUER], "needs people.oidc_client, people.oidc_secret and site.url"),
        ([ISSUER, URL, CLIENT[0]], "needs people.oidc_client, people.oidc_secret and site.url"),
        ([ISSUER, *CLIENT], "needs people.oidc_client, people.oidc_secret and site.url"),
        ([ISSUER, *CLIENT, "site.url=http://ask.example.org"], "site.url must begin with https://"),
        ([ISSUER.replace("https", "http"), *CLIENT, URL], "people.oidc_issuer cannot be"),
        ([ISSUER + "?realm=town", *CLIENT, URL], "without a query"),
        ([ISSUER + "#town", *CLIENT, URL], "people.oidc_issuer cannot be"),
        (
            ["people.oidc_issuer=https://me:secret@id.example.org", *CLIENT, URL],
            "people.oidc_issuer cannot be",
        ),
        (["people.oidc_issuer=id.example.org", *CLIENT, URL], "people.oidc_issuer cannot be"),
        (CLIENT, "people.oidc_client needs people.oidc_issuer"),
        (["people.oidc_title=Town"], "people.oidc_title needs people.oidc_issuer"),
    ],
)
def test_an_identity_provider_that_is_set_up_wrongly_stops_the_start(
    tmp_path: Path, assignments: list[str], reason: str
) -> None:
    with pytest.raises(SetupError, match=re.escape(reason)):
        load_settings(tmp_path, {}, assignments)


@pytest.mark.parametrize("host", ["127.0.0.1:9", "localhost", "[::1]:9"])
def test_an_identity_provider_on_this_machine_needs_no_https(tmp_path: Path, host: str) -> None:
    here = [f"people.oidc_issuer=http://{host}", f"site.url=http://{host}", *CLIENT]
    assert load_settings(tmp_path, {}, here).people.oidc_issuer == f"http://{host}"
