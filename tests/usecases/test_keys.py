"""Keys go to the host they were entered for and nowhere else; secrets of addresses reach no project, log or message."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.key_store import KeyStore, of_system
from app.notices import notice_of
from app.session import Session
from app.settings import Settings
from app.usecases.layers import basemaps, keys
from app.usecases.layers.key_migration import migrate
from app.usecases.project import opening
from models.core.addresses import Secrets, masked, origin_of, with_secrets, without_secrets
from models.core.errors import UserError
from models.io.common.http import get
from models.io.raster.tile_fetch import fetch
from models.layers.asked import ASKED, Asked
from models.layers.basemaps import Basemap
from tests.support.stranger import write_squares

TIANDITU = next(one for one in basemaps.offered() if one.id == "tianditu_img_w")


class Wallet:
    """A key store of a system, in memory."""

    priority = 5.0

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Locked(Wallet):
    """A key store whose owner does not unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("locked")

    set_password = get_password  # type: ignore[assignment]


@pytest.fixture
def wallet() -> Wallet:
    return Wallet()


@pytest.fixture
def session(tmp_path: Path, wallet: Wallet) -> Iterator[Session]:
    made = make(tmp_path, wallet)
    yield made
    basemaps.close(made)
    made.close()


def make(tmp_path: Path, wallet: Wallet | None) -> Session:
    return Session(
        Settings(tmp_path / "settings.toml"), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache",
        keys=KeyStore(lambda: wallet),
    )  # fmt: skip


@pytest.fixture
def servers() -> Iterator[list[tuple[str, list[tuple[str, str]]]]]:
    """Return two servers, each with (path, Authorization) of what it was asked; ``/go`` leads to the second."""
    running, told = [], []
    for _ in range(2):
        asked: list[tuple[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            seen = asked

            def do_GET(self) -> None:
                self.seen.append((self.path, self.headers.get("Authorization", "")))
                if self.path.startswith("/go"):
                    self.send_response(302)
                    carried = "?" + self.path.partition("?")[2] if "carry" in self.path else ""
                    self.send_header("Location", f"http://localhost:{running[1].server_port}/there{carried}")
                    self.end_headers()
                    return
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        running.append(HTTPServer(("127.0.0.1", 0), Handler))
        told.append((f"http://127.0.0.1:{running[-1].server_port}", asked))
    for one in running:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    yield told
    for one in running:
        one.shutdown()
        one.server_close()


@pytest.mark.parametrize(
    ("url", "plain", "secrets"),
    [
        ("https://h/wfs?a=1", "https://h/wfs?a=1", Secrets()),
        ("https://me:p%40w@h:81/wfs", "https://h:81/wfs", Secrets("", "me", "p@w")),
        ("https://h/t?TK=abc&x={x}", "https://h/t?x={x}", Secrets(parameters={"TK": "abc"})),
        ("https://h/t?access_token=a%3Db&x=1", "https://h/t?x=1", Secrets(parameters={"access_token": "a=b"})),
        ("https://h/t?key={key}", "https://h/t?key={key}", Secrets()),
        ("https://h/t?monkey=1&keyword=2", "https://h/t?monkey=1&keyword=2", Secrets()),
    ],
)
def test_secrets_are_taken_out_of_an_address(url: str, plain: str, secrets: Secrets) -> None:
    assert without_secrets(url) == (plain, secrets)
    assert repr(secrets) in ("Secrets()", "Secrets(***)")


def test_secret_parameters_come_back_and_a_key_is_quoted() -> None:
    plain, secrets = without_secrets("https://h/t?token=a%26b&x=1")
    assert with_secrets(plain, secrets) == "https://h/t?x=1&token=a%26b"
    assert with_secrets("https://h/{key}", Secrets("a/b")) == "https://h/a%2Fb"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no answer from https://me:pw@h/x?tk=abc&y=2!", "no answer from https://***@h/x?tk=***&y=2!"),
        ("postgresql://city:s3cret@db:5432/x", "postgresql://***@db:5432/x"),
        ("a@b.org wrote: x = 1; token = 2", "a@b.org wrote: x = 1; token = 2"),
        ("https://h/{z}?tk={key}", "https://h/{z}?tk={key}"),
    ],
)
def test_secrets_are_hidden_in_texts(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_key_is_given_to_its_own_host_alone(session: Session) -> None:
    basemaps.set_key(session, TIANDITU, "mine")
    assert session.keys.of(TIANDITU.url).key == "mine"
    for url in (
        "http://127.0.0.1:8766/tile/{z}/{x}/{y}?k={key}", "https://tianditu.gov.cn.evil.org/{key}",
        "https://evil.org/https://t{s}.tianditu.gov.cn/{key}", "https://t{s}.tianditu.gov.cn@evil.org/{key}",
        "http://t{s}.tianditu.gov.cn/{key}", "https://t{s}.tianditu.gov.cn:8443/{key}",
    ):  # fmt: skip
        assert session.keys.of(url) == Secrets(), url


def test_a_key_entered_for_http_serves_https_of_the_same_host(session: Session) -> None:
    keys.keep(session, "http://h.org/a", Secrets("k"))
    assert session.keys.of("https://h.org/b").key == "k"


@pytest.mark.parametrize("change", [{"servers": "/"}, {"servers": "@#"}, {"url": "https://t{key}.org/{z}/{x}/{y}"},
                                    {"url": "https://{x}.org/{z}/{x}/{y}"}])  # fmt: skip
def test_no_field_of_an_address_makes_another_host_of_it(change: dict[str, str]) -> None:
    given = {"url": "https://t{s}.tianditu.gov.cn/{z}/{x}/{y}?tk={key}", "servers": "01", **change}
    with pytest.raises(UserError, match=r"basemap\.bad_url"):
        Basemap("e", "xyz", **given).check()


def test_a_redirect_to_another_host_does_not_carry_secrets(servers) -> None:
    (here, asked), (_, there) = servers
    secrets = Secrets("sesame", "me", "pass-word")
    assert fetch(f"{here}/go?k=1", secrets) == b"{}"
    assert asked[0][1].startswith("Basic ")
    assert there == [("/there", "")]
    with pytest.raises(UserError, match=r"basemap\.bad_redirect"):
        fetch(f"{here}/go?carry=1&k=sesame", secrets)
    assert len(there) == 1


def test_secrets_of_a_service_go_to_its_host_and_not_where_its_pages_lead(servers) -> None:
    (here, asked), (other, there) = servers
    store = KeyStore()
    store.hold(here, Secrets("", "me", "pw", {"token": "abc"}))
    get(f"{here}/items", store.of)
    get(f"{other}/items?page=2", store.of)
    assert asked == [("/items?token=abc", "Basic bWU6cHc=")]
    assert there == [("/items?page=2", "")]


def test_keys_live_in_the_key_store_and_the_next_run_finds_them(session, wallet, tmp_path) -> None:
    basemaps.set_key(session, TIANDITU, "mine")
    assert list(wallet.kept) == [("chengjing", origin_of(TIANDITU.url))]
    assert "mine" not in (tmp_path / "settings.toml").read_text(encoding="utf-8")
    again = make(tmp_path, wallet)
    assert keys.known(again, TIANDITU.url)
    assert again.keys.of(TIANDITU.url).key == "mine"
    basemaps.set_key(again, TIANDITU, "")
    assert not wallet.kept
    assert not keys.known(again, TIANDITU.url)


@pytest.mark.parametrize("none", [None, Locked()])
def test_without_a_key_store_a_key_lives_for_the_session_and_that_is_said(tmp_path, none) -> None:
    session = make(tmp_path, none)
    basemaps.set_key(session, TIANDITU, "mine")
    assert session.keys.of(TIANDITU.url).key == "mine"
    assert [one.key for one in session.notices.all] == ["notice.keys.session_only"]
    assert make(tmp_path, none).keys.of(TIANDITU.url) == Secrets()


def test_a_key_store_that_writes_plain_text_or_nothing_is_none(monkeypatch) -> None:
    import keyring
    from keyring.backends import fail, null

    for backend in (fail.Keyring(), null.Keyring()):
        monkeypatch.setattr(keyring, "get_keyring", lambda backend=backend: backend)
        assert of_system() is None


def test_keys_that_older_versions_kept_in_plain_text_move_to_the_key_store(tmp_path, wallet) -> None:
    old = Settings(tmp_path / "settings.toml")
    old.set("basemap_keys", {"tianditu": "mine"})
    old.set("servers", [{"kind": "web", "url": "https://me:pw@h.org/wfs?token=abc"}])
    session = make(tmp_path, wallet)
    migrate(session)
    text = (tmp_path / "settings.toml").read_text(encoding="utf-8")
    assert "mine" not in text
    assert "pw" not in text
    assert "abc" not in text
    assert make(tmp_path, wallet).keys.of(TIANDITU.url).key == "mine"
    assert session.keys.of("https://h.org/wfs") == Secrets("", "me", "pw", {"token": "abc"})


def test_old_keys_stay_where_they_are_while_there_is_no_key_store(tmp_path) -> None:
    Settings(tmp_path / "settings.toml").set("basemap_keys", {"tianditu": "mine"})
    session = make(tmp_path, None)
    migrate(session)
    assert session.keys.of(TIANDITU.url).key == "mine"
    assert session.keys.of("http://127.0.0.1/{key}") == Secrets()
    assert Settings(tmp_path / "settings.toml").get("basemap_keys") == {"tianditu": "mine"}


def test_secrets_in_the_addresses_of_a_project_go_no_further(session, wallet, tmp_path) -> None:
    write_squares(tmp_path / "houses.geojson")
    opening.open_files(session, [tmp_path / "houses.geojson"])
    layer = basemaps.add(session, Basemap("mine", "xyz", "https://me:pass-w@h.org/{z}/{x}/{y}?tk=tok-en"))
    assert layer.source.options["url"] == "https://h.org/{z}/{x}/{y}"
    assert session.keys.of("https://h.org/") == Secrets("", "me", "pass-w", {"tk": "tok-en"})
    asked = Asked("web", {"url": "https://o.org/wfs?token=tok-en"}, {"id": "a", "title": "a"}).as_text()
    houses = next(one for one in session.project.state.layers if one.kind == "vector")
    source = replace(houses.source, options={**houses.source.options, ASKED: asked})
    odd = replace(houses, source=source, data_source="https://o.org/wfs?token=tok-en")
    session.project.set_state(session.project.state.with_layer(odd))  # as an older version would have it
    opening.save_project(session, tmp_path / "a.gpkg")
    assert b"pass-w" not in (tmp_path / "a.gpkg").read_bytes()
    opening.open_project(session, tmp_path / "a.gpkg")
    houses = next(one for one in session.project.state.layers if one.kind == "vector")
    assert "tok-en" not in json.dumps(dict(houses.source.options))
    assert houses.data_source == "https://o.org/wfs?token=***"
    assert session.keys.of("https://o.org/wfs").parameters == {"token": "tok-en"}
    opening.save_project(session)
    assert b"tok-en" not in (tmp_path / "a.gpkg").read_bytes()


def test_messages_and_the_log_hide_secrets(tmp_path, monkeypatch) -> None:
    from app.command_line.terminal import log_to_file

    error = UserError("server.not_a_service", url="https://me:pw@h.org/x?tk=abc")
    assert "pw" not in notice_of(error).text("en")
    assert "abc" not in notice_of(error).text("zh")
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path))
    log = log_to_file()
    handler = logging.getLogger().handlers[-1]
    try:
        logging.getLogger("chengjing").warning("asked %s", "https://me:pw@h.org/x?tk=abc")
        assert log is not None
        assert "https://***@h.org/x?tk=***" in log.read_text(encoding="utf-8")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
