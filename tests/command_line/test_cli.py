"""The command line answers in two languages, with the right exit codes and without a trace on the screen."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.command_line import main as cli
from tests.support.paths import ROOT

POINTS = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"甲"},'
    '"geometry":{"type":"Point","coordinates":[117.0,36.6]}}]}'
)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CHENGJING_DEBUG", raising=False)
    logger = logging.getLogger()
    before, level = list(logger.handlers), logger.level
    yield
    for handler in [handler for handler in logger.handlers if handler not in before]:
        logger.removeHandler(handler)
        handler.close()
    logger.setLevel(level)


def test_help_is_chinese_on_a_chinese_system(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.run(["--help"]) == cli.DONE
    out = capsys.readouterr().out
    assert out.startswith("用法：")
    assert "示例城市" in out
    assert "usage" not in out
    assert "show this help" not in out


@pytest.mark.parametrize(
    "verb", ["run", "sample", "build", "open", "snapshot", "indicators", "facilities", "info", "doctor"]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verb_has_help_in_both_languages(verb: str, lang: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([verb, "--help", "--lang", lang]) == cli.DONE
    assert capsys.readouterr().out.startswith("用法：" if lang == "zh" else "usage:")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "a.shp"], "缺少 --out"),
        (["snapshot", "a.gpkg", "--size", "big"], "--size 的值无效"),
        (["snapshot", "a.gpkg", "--theme", "none"], "--theme 不能是"),
        (["snapshot", "a.gpkg", "--theme", "plain", "--indicator", "HC25-25"], "不能同时使用"),
        (["info"], "缺少"),
        (["info", "a", "--nonsense"], "不认识 --nonsense"),
        (["snapshot", "a.gpkg", "--out"], "--out 后缺少值"),
        (["dance"], "不能是 'dance'"),
    ],
)
def test_bad_arguments_give_2_and_say_why(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*arguments, "--lang", "zh"]) == cli.USAGE
    assert said in capsys.readouterr().err


def test_a_missing_file_gives_3_with_a_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["info", str(tmp_path / "none.ifc"), "--lang", "en"]) == cli.CANNOT
    err = capsys.readouterr().err
    assert "none.ifc" in err
    assert "→" in err
    assert "Traceback" not in err


def test_a_fault_of_ours_gives_4_a_log_and_no_trace_on_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the inside of the program")

    monkeypatch.setattr("app.background.workers.run_child", broken)
    assert cli.run(["info", "a.ifc", "--lang", "en"]) == cli.FAULT
    err = capsys.readouterr().err
    assert "our fault" in err
    assert "Traceback" not in err
    log = tmp_path / "home" / "chengjing.log"
    assert str(log) in err
    assert "the inside of the program" in log.read_text(encoding="utf-8")
    monkeypatch.setenv("CHENGJING_DEBUG", "1")
    cli.run(["info", "a.ifc", "--lang", "en"])
    assert "Traceback" in capsys.readouterr().err


def test_stopping_gives_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.background.workers.run_child", interrupted)
    assert cli.run(["info", "a.ifc", "--lang", "zh"]) == cli.STOPPED
    assert "已停止" in capsys.readouterr().err


def test_info_prints_json_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "点.geojson"
    file.write_text(POINTS, encoding="utf-8")
    assert cli.run(["info", str(file), "--json"]) == cli.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["reader"] == "vector"
    assert said["sublayers"][0]["count"] == 1


def test_build_makes_a_project_that_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, out = tmp_path / "点.geojson", tmp_path / "城.gpkg"
    file.write_text(POINTS, encoding="utf-8")
    assert cli.run(["build", "--out", str(out), str(file), "--name", "试验", "--lang", "zh"]) == cli.DONE
    assert "城.gpkg" in capsys.readouterr().out
    from models.store.project_file import open_project

    state, data = open_project(out)
    assert state.name == "试验"
    assert state.frame is not None
    assert state.frame.horizontal == "EPSG:4548"
    assert [len(data[layer.id].frame) for layer in state.layers] == [1]  # type: ignore[union-attr]


def test_build_writes_nothing_when_one_file_is_bad(tmp_path: Path) -> None:
    good, bad, out = tmp_path / "a.geojson", tmp_path / "b.ifc", tmp_path / "c.gpkg"
    good.write_text(POINTS, encoding="utf-8")
    bad.write_text("this is no model", encoding="utf-8")
    assert cli.run(["build", "--out", str(out), str(good), str(bad)]) == cli.CANNOT
    assert not out.exists()


def test_doctor_works_without_a_display_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(
        "app.command_line.diagnosis._probe", lambda code: {"renderer": "llvmpipe", "version": "4.5", "backend": "EGL"}
    )
    assert cli.run(["doctor", "--json", "--lang", "en"]) == cli.DONE
    found = {finding["topic"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["display"]["level"] == "caution"
    assert found["fonts"]["level"] == "good"
    assert "llvmpipe" in found["graphics"]["text"]


def test_a_graphics_driver_that_crashes_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.command_line import diagnosis as doctor

    monkeypatch.setattr(doctor, "_GRAPHICS_PROBE", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    finding = doctor._graphics()
    assert finding.level == "bad"
    assert finding.cure("zh")


def test_a_name_in_display_without_a_server_is_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.command_line import diagnosis as doctor

    if sys.platform != "linux":
        pytest.skip("X only")
    monkeypatch.setenv("DISPLAY", ":4321")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not doctor.has_display()


def test_a_pipe_that_closes_early_is_no_fault() -> None:
    done = subprocess.run(  # noqa: S602 - a pipe is what is tested
        f"{sys.executable} main.py info pyproject_missing.ifc --json 2>/dev/null | true; "
        f"{sys.executable} main.py --help | head -1",
        shell=True, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr


def test_outside_its_environment_the_program_names_the_command(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "class Gone:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] in ('numpy', 'psygnal', 'geopandas', 'platformdirs'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Gone())\n"
        "from app.command_line.main import run; sys.exit(run(['snapshot', 'a.gpkg']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == cli.CANNOT
    assert "tools/setup.py" in done.stderr
    assert "Traceback" not in done.stderr


def test_info_says_that_a_project_is_one_and_that_its_data_is_synthetic(
    sample_city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["info", str(sample_city), "--json", "--lang", "en"]) == cli.DONE
    said = json.loads(capsys.readouterr().out)
    assert said["kind"] == "project"
    assert said["facts"]["synthetic_layers"] == said["facts"]["layers"] > 20
    assert "io.synthetic" in {caution["code"] for caution in said["cautions"]}


@pytest.mark.parametrize(("display", "ending"), [(True, cli.DONE), (False, cli.CANNOT)])
def test_no_words_at_all_open_the_window_where_there_is_a_display(
    monkeypatch: pytest.MonkeyPatch, display: bool, ending: int
) -> None:
    monkeypatch.setattr("app.command_line.diagnosis.has_display", lambda: display)
    opened: list[list[Path]] = []
    assert cli.run([], lambda paths, _: opened.append(paths) or cli.DONE) == ending
    assert opened == ([[]] if display else [])


@pytest.mark.parametrize(
    ("words", "files", "lang"),
    [
        (["--lang", "zh"], [], "zh"),
        (["--lang=en"], [], "en"),
        (["--lang", "en", "a.gpkg"], ["a.gpkg"], "en"),
        (["a.gpkg", "--lang", "zh", "b.gpkg"], ["a.gpkg", "b.gpkg"], "zh"),
        (["--lang", "zh", "open", "a.gpkg"], ["a.gpkg"], "zh"),
        (["open", "a.gpkg", "--lang", "en"], ["a.gpkg"], "en"),
        (["a.gpkg"], ["a.gpkg"], ""),
    ],
)
def test_the_language_may_stand_anywhere_before_and_after_files(
    monkeypatch: pytest.MonkeyPatch, words: list[str], files: list[str], lang: str
) -> None:
    monkeypatch.setattr("app.command_line.diagnosis.has_display", lambda: True)
    opened: list[tuple[list[Path], str]] = []
    assert cli.run(words, lambda paths, session: opened.append((paths, session.lang)) or cli.DONE) == cli.DONE
    (paths, spoken), *more = opened
    assert not more
    assert [path.name for path in paths] == files
    assert spoken == (lang or spoken)


@pytest.mark.parametrize("words", [["--lang"], ["--lang", "fr"], ["--lang=fr", "a.gpkg"], ["a.gpkg", "--lang"]])
def test_a_language_that_is_not_ours_is_refused_as_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(words) == cli.USAGE
    assert "--lang" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no compositor here")
def test_a_compositor_that_answers_is_a_display_and_one_that_does_not_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.command_line import diagnosis

    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-1")
    assert not diagnosis.has_display()
    with socket.socket(socket.AF_UNIX) as compositor:
        compositor.bind(str(tmp_path / "wayland-1"))
        compositor.listen()
        assert diagnosis.has_display()
