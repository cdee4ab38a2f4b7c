"""A project from elsewhere goes nowhere before the person trusts it; what is trusted is remembered in the home."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.trusted import Trusted
from app.usecases.layers import basemaps
from app.usecases.project import opening, trust
from models.core.errors import UserError
from models.layers.basemaps import Basemap
from models.project.reaches import Reach, file_reach, host_reach
from tests.support.stranger import add_basemap, change, project_of_a_stranger

FOLDER = Path("/data/project")


@pytest.mark.parametrize(
    ("path", "reach"),
    [
        ("files/a.ifc", None),
        ("./files/../a.ifc", None),
        ("../secret.csv", Reach("file", "/data/secret.csv")),
        ("../../../../../../etc/passwd", Reach("file", "/etc/passwd")),
        ("/etc/passwd", Reach("file", "/etc/passwd")),
        ("/data/project2/a.ifc", Reach("file", "/data/project2/a.ifc")),
        ("/data/project/a.ifc", None),
        ("//server/share/x.ifc", Reach("share", "//server/share/x.ifc")),
        ("\\\\server\\share\\x.ifc", Reach("share", "//server/share/x.ifc")),
        ("\\\\?\\UNC\\server\\x", Reach("share", "//?/UNC/server/x")),
        ("C:\\Users\\me\\a.tif", Reach("file", "C:\\Users\\me\\a.tif")),
        ("http://host:8080/a.tif", Reach("host", "http://host:8080")),
        ("file:///etc/passwd", Reach("host", "file://")),
        ("/vsicurl/http://host/a.tif", Reach("host", "/vsicurl/http://host/a.tif")),
        ("", None),
    ],
)
def test_what_leads_out_of_the_folder_is_told_by_its_text(path: str, reach: Reach | None) -> None:
    assert file_reach(path, FOLDER) == reach


def test_hosts_are_named_without_what_could_be_a_password() -> None:
    assert host_reach("https://me:pw@Tiles.example.org:8443/a?tk=1") == Reach("host", "https://tiles.example.org:8443")
    assert host_reach("https://t{s}.tianditu.gov.cn/{z}") == Reach("host", "https://t*.tianditu.gov.cn")


@pytest.mark.skipif(os.name == "nt", reason="making links needs a right on Windows")
def test_a_link_inside_the_folder_that_leads_out_is_outside(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project", tmp_path / "elsewhere"
    (inside / "files").mkdir(parents=True)
    outside.mkdir()
    (inside / "near").symlink_to("files")
    (inside / "far").symlink_to(outside)
    (inside / "share.ifc").symlink_to("//server/share/x.ifc")
    (inside / "round").symlink_to("round")
    assert file_reach("near/a.ifc", inside) is None
    assert file_reach("far/a.ifc", inside) == Reach("file", str(outside))
    assert file_reach("share.ifc", inside) == Reach("share", "//server/share/x.ifc")
    assert file_reach("round/a.ifc", inside) is not None


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[], Session]]:
    """Return what makes sessions of one person at one machine."""
    made = []

    def session() -> Session:
        trusted = Trusted(tmp_path / "home" / "trusted.json")
        jobs = Jobs(inline=True)
        made.append(Session(Settings(None), jobs, lang="en", cache_root=tmp_path / "cache", trusted=trusted))
        return made[-1]

    yield session
    for one in made:
        one.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_of_a_stranger(tmp_path / "from_elsewhere")


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Return the address of a server and the list of what it is asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()
    running.server_close()


def linked(session: Session) -> list[str]:
    return [layer.id for layer in session.project.state.layers if layer.source.path]


def test_a_project_whose_sources_are_in_its_folder_is_not_asked_about(make, project) -> None:
    session = make()
    opening.open_project(session, project)
    assert not session.withheld
    assert linked(session)
    assert set(linked(session)) <= set(session.project.data)


@pytest.mark.parametrize(
    ("path", "reach"),
    [
        ("../../../../../../etc/passwd", Reach("file", "/etc/passwd")),
        ("//server/share/x.ifc", Reach("share", "//server/share/x.ifc")),
        ("\\\\server\\share\\x.ifc", Reach("share", "//server/share/x.ifc")),
    ],
)
def test_sources_outside_are_missing_until_the_project_is_trusted(make, project, path, reach) -> None:
    if reach.kind == "file":
        path = os.path.relpath("/etc/passwd", project.parent)
    change(project, "update chengjing_layers set source_path=? where source_path!=''", path)
    session = make()
    opening.open_project(session, project)
    assert set(trust.asked_for(session)) == {reach}
    assert linked(session)
    assert not set(linked(session)) & set(session.project.data)
    assert not [one for one in session.notices.all if "source_missing" in one.key or "source_unread" in one.key]
    for layer in session.project.state.layers:
        if layer.source.path:
            with pytest.raises(UserError, match=r"project\.untrusted"):
                opening.load_source(session, layer)


def test_nothing_of_a_share_is_looked_at(make, project, monkeypatch) -> None:
    change(project, "update chengjing_layers set source_path='//server/share/x.ifc' where source_path!=''")
    looked = []
    for name in ("stat", "lstat", "readlink", "open", "scandir", "listdir"):
        real = getattr(os, name)

        def watched(path: object = ".", *rest: object, real=real, **named: object) -> object:
            if "server/share" in os.fspath(path) if isinstance(path, (str, os.PathLike)) else False:
                looked.append(path)
            return real(path, *rest, **named)

        monkeypatch.setattr(os, name, watched)
    session = make()
    opening.open_project(session, project)
    assert session.withheld
    assert not looked


def test_a_base_map_of_a_stranger_is_fetched_only_once_trusted(make, project, server) -> None:
    url, asked = server
    add_basemap(project, url + "/tile/{z}/{x}/{y}")
    session = make()
    opening.open_project(session, project)
    layer = session.project.state.layer("e")
    assert set(trust.asked_for(session)) == {Reach("host", url)}
    assert "e" not in session.project.data
    with pytest.raises(UserError, match=r"project\.untrusted"):
        basemaps.pyramid(session, layer)
    assert asked == []
    opening.trust_project(session)
    assert "e" in session.project.data
    basemaps.pyramid(session, layer).picture(5, 3, 3)
    assert asked == ["/tile/5/3/3"]
    basemaps.close(session)


def test_trust_is_remembered_for_what_was_seen_and_asked_again_for_more(make, project, server) -> None:
    url, _ = server
    add_basemap(project, url + "/tile/{z}/{x}/{y}")
    first = make()
    opening.open_project(first, project)
    opening.trust_project(first)
    basemaps.close(first)
    second = make()
    opening.open_project(second, project)
    assert not second.withheld
    basemaps.close(second)
    change(project, "update chengjing_layers set source_path='//server/share/x.ifc' where source_path!=''")
    third = make()
    opening.open_project(third, project)
    assert set(trust.asked_for(third)) == {Reach("share", "//server/share/x.ifc")}
    basemaps.close(third)


def test_a_project_cannot_say_of_itself_that_it_is_trusted(make, project, server, tmp_path) -> None:
    url, _ = server
    add_basemap(project, url + "/tile/{z}/{x}/{y}")
    first = make()
    opening.open_project(first, project)
    opening.trust_project(first)
    basemaps.close(first)
    elsewhere = tmp_path / "copy"
    shutil.copytree(project.parent, elsewhere)
    second = make()
    opening.open_project(second, elsewhere / project.name)
    assert second.withheld


def test_what_a_person_saves_here_opens_without_a_question(make, project, tmp_path) -> None:
    session = make()
    opening.open_project(session, project)
    ground = session.project.state.layer(linked(session)[0])
    moved = tmp_path / "rasters" / "ground.tif"
    moved.parent.mkdir()
    shutil.copy(ground.source.path, moved)
    opening.relink(session, ground.id, moved)
    opening.save_project(session)
    again = make()
    opening.open_project(again, project)
    assert not again.withheld
    assert ground.id in again.project.data


def test_saving_a_project_that_is_not_trusted_keeps_it_so_and_loses_nothing(make, project) -> None:
    change(project, "update chengjing_layers set source_path='//server/share/x.ifc' where source_path!=''")
    session = make()
    opening.open_project(session, project)
    opening.rename_project(session, "other")
    opening.save_project(session)
    again = make()
    opening.open_project(again, project)
    assert set(trust.asked_for(again)) == {Reach("share", "//server/share/x.ifc")}
    assert {again.project.state.layer(one).source.path for one in linked(again)} == {"//server/share/x.ifc"}


def test_a_base_map_that_a_person_adds_is_not_asked_about(make, project, server) -> None:
    url, _ = server
    session = make()
    opening.open_project(session, project)
    basemaps.add(session, Basemap("mine", "xyz", url + "/{z}/{x}/{y}"))
    opening.save_project(session)
    basemaps.close(session)
    again = make()
    opening.open_project(again, project)
    assert not again.withheld
    basemaps.close(again)


def test_a_damaged_list_of_trusted_projects_is_put_aside_and_nothing_is_trusted(tmp_path) -> None:
    path = tmp_path / "trusted.json"
    path.write_bytes(b"\xff\xfe{not json")
    trusted = Trusted(path)
    assert trusted.of(tmp_path / "a.gpkg") == frozenset()
    assert trusted.put_aside is not None
    assert trusted.put_aside.read_bytes() == b"\xff\xfe{not json"
    trusted.remember(tmp_path / "a.gpkg", [Reach("host", "https://h")])
    assert Trusted(path).of(tmp_path / "a.gpkg") == {Reach("host", "https://h")}


@pytest.mark.parametrize("text", ["[]", "3", '{"/a": 5, "/b": [["host"], 3]}', "[" * 100_000])
def test_odd_lists_of_trusted_projects_trust_nothing(tmp_path, text) -> None:
    path = tmp_path / "trusted.json"
    path.write_text(text, encoding="utf-8")
    assert Trusted(path).of(Path("/b")) == frozenset()
