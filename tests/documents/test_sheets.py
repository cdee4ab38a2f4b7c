"""What stands on a sheet, and what a picture knows of itself."""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer
from models.project.project import ProjectState
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.snapshot_spec import SnapshotSpec
from viewers.legend import Legend, LegendEntry
from viewers.sheets.content import metres_per_pixel, north_on_sheet_deg, scale_bar, sheet_of, without_furniture
from viewers.sheets.record import read_record, write_png

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))
STATE = ProjectState(
    name="镜城",
    name_en="Mirror City",
    frame=FRAME,
    layers=(
        Layer("b", "建筑", "vector", "buildings", synthetic=True, data_source="甲 / Generator"),
        Layer("x", "路", "vector", "roads", visible=False, data_source="乙 / Hidden source"),
    ),
)
CAMERA = Camera((501000.0, 4058000.0, 900.0), (502000.0, 4059000.0, 40.0))
SPEC = SnapshotSpec("a.gpkg", 1600, 900, CAMERA, lang="zh", date="2025-08-01")


def entry(text: str, colour: str = "#33aa55", pattern: str = "", symbol: str = "", count: int | None = None) -> Any:
    return LegendEntry(text, colour, pattern=pattern, symbol=symbol, count=count)


LEGEND = Legend(
    title="公园覆盖率",
    entries=[entry("≥ 90 %", count=1204), entry("无数据", "#dddddd", "hatch"), entry("道路", symbol="line")],
)
coordinate = st.floats(-1e6, 1e7, allow_nan=False)
vectors = st.tuples(coordinate, coordinate, coordinate)
cameras = st.builds(
    Camera, vectors, vectors, vectors, st.floats(1, 120), st.none() | st.floats(0.1, 1e5)
)  # fmt: skip
specs = st.builds(
    SnapshotSpec, st.text(max_size=20), st.integers(1, 9), st.integers(1, 9), cameras,
    st.builds(Theme, st.sampled_from(["plain", "facilities", "indicator"]), st.text(max_size=8)),
    st.sampled_from(["zh", "en"]), st.text(max_size=30), st.lists(st.text(max_size=5)).map(tuple),
    st.just("2025-01-01"), st.booleans(), st.booleans(),
)  # fmt: skip


@settings(deadline=None)  # the machine may be busy
@given(spec=specs)
def test_a_picture_gives_back_the_specification_that_made_it(
    spec: SnapshotSpec, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("png") / "a.png"
    write_png(np.zeros((2, 3, 3), np.uint8), spec, path, "abc")
    assert read_record(path) == (spec, "abc")


def test_a_strange_picture_is_refused(tmp_path: Path) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    Image.new("RGB", (3, 3)).save(tmp_path / "plain.png")
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    write_png(np.zeros((50, 50, 3), np.uint8), SPEC, tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:-200])
    info = PngInfo()
    info.add_itxt("chengjing", json.dumps({"spec": {"camera": [1]}}))
    Image.new("RGB", (3, 3)).save(tmp_path / "odd.png", pnginfo=info)
    for name, code in {
        "plain.png": "picture.no_spec", "text.png": "picture.unreadable", "none.png": "picture.missing",
        "odd.png": "picture.no_spec", "cut.png": "picture.unreadable",
    }.items():  # fmt: skip
        with pytest.raises(UserError) as caught:
            read_record(tmp_path / name)
        assert caught.value.code == code, name


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_read_only_folder_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError):
        write_png(np.zeros((2, 2, 3), np.uint8), SPEC, tmp_path / "a.png")
    tmp_path.chmod(0o700)
    assert not list(tmp_path.iterdir())


def test_a_failed_picture_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    from PIL import Image

    path = tmp_path / "a.png"
    write_png(np.zeros((2, 2, 3), np.uint8), SPEC, path)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(UserError) as caught:
        write_png(np.ones((2, 2, 3), np.uint8), SPEC, path)
    assert caught.value.code == "store.disk_full"
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize(
    ("ahead", "north"), [((0, 1, -1), 0), ((1, 0, -1), 270), ((0, -1, -1), 180), ((-1, 0, -1), 90), ((1, 1, -1), 315)]
)
def test_the_needle_points_north_whichever_way_one_looks(ahead: tuple[int, int, int], north: float) -> None:
    camera = Camera((0.0, 0.0, 0.0), tuple(float(v) for v in ahead))  # type: ignore[arg-type]
    assert north_on_sheet_deg(camera) == pytest.approx(north)


def test_looking_straight_down_the_up_direction_tells_north() -> None:
    down = Camera((0.0, 0.0, 10.0), (0.0, 0.0, 0.0), up=(1.0, 0.0, 0.0))
    assert north_on_sheet_deg(down) == pytest.approx(270)


@given(half_height=st.floats(0.01, 1e6), width=st.integers(320, 8192), height=st.integers(320, 8192))
def test_the_scale_bar_is_round_true_and_fits(half_height: float, width: int, height: int) -> None:
    spec = replace(SPEC, width_px=width, height_px=height, camera=replace(CAMERA, parallel_scale_m=half_height))
    bar = scale_bar(spec, "zh")
    assert bar is not None
    assert bar.length_px <= 0.12 * width * 1.000001
    assert bar.length_px > 0.12 * width / 2.6
    assert bar.length_m == pytest.approx(bar.length_px * 2 * half_height / height)
    digits = bar.length_m / 10 ** math.floor(math.log10(bar.length_m) + 1e-9)
    assert min(abs(digits - step) for step in (1, 2, 5, 10)) < 1e-6


def test_a_perspective_scale_holds_at_the_centre_and_says_so() -> None:
    distance = math.dist(CAMERA.position, CAMERA.focal_point)
    assert metres_per_pixel(SPEC) == pytest.approx(2 * distance * math.tan(math.radians(15)) / 900)
    bar = scale_bar(SPEC, "en")
    assert bar is not None
    assert "centre" in bar.note


def test_the_sheet_says_where_its_data_comes_from_and_that_it_is_synthetic() -> None:
    chinese, english = sheet_of(SPEC, STATE, None), sheet_of(replace(SPEC, lang="en"), STATE, None)
    assert chinese.title == "镜城"
    assert english.title == "Mirror City"
    assert any("甲" in phrase for phrase in chinese.footer)
    assert not any("乙" in phrase for phrase in chinese.footer), "a hidden layer is no source"
    assert any("Generator" in phrase and "甲" not in phrase for phrase in english.footer)
    assert any("EPSG:4548+5737" in phrase for phrase in english.footer)
    assert "示例数据" in chinese.badge
    assert "2025-08-01" in chinese.signature
    assert without_furniture(chinese).badge == chinese.badge


def test_real_data_wears_no_synthetic_label() -> None:
    state = replace(STATE, layers=tuple(replace(layer, synthetic=False) for layer in STATE.layers))
    assert sheet_of(SPEC, state, None).badge == ""


# --- drawing: Qt without a display, no VTK ----------------------------------------------------------------------------


@pytest.fixture
def offscreen(qapp: Any) -> None:
    """One Qt application serves all tests of a process; without a display conftest makes it an off-screen one."""


def pixels_of(image: Any) -> np.ndarray[Any, Any]:
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return flat[:, : image.width(), :3].copy()  # Qt's memory goes with the image


def composed(spec: SnapshotSpec = SPEC, grey: int = 120, legend: Any = LEGEND, state: ProjectState = STATE) -> Any:
    from viewers.sheets.compose import compose

    return pixels_of(compose(np.full((spec.height_px, spec.width_px, 3), grey, np.uint8), spec, state, legend))


@pytest.mark.usefixtures("offscreen")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_furniture_leaves_the_middle_to_the_city(lang: str) -> None:
    image = composed(replace(SPEC, lang=lang))
    covered = (image != 120).any(axis=2)
    assert covered[40:90, 30:120].mean() > 0.9, "title"
    assert covered[-20:, :].mean() > 0.9, "footer"
    assert not covered[200:560, 500:1100].any()
    assert covered.mean() < 0.25


@pytest.mark.usefixtures("offscreen")
def test_a_picture_of_twice_the_size_is_the_same_picture() -> None:
    small = composed()
    large = composed(replace(SPEC, width_px=3200, height_px=1800))
    assert np.abs(large[::2, ::2].astype(int) - small).mean() < 4


@pytest.mark.usefixtures("offscreen")
def test_without_furniture_only_the_synthetic_label_is_left() -> None:
    image = composed(replace(SPEC, furniture=False))
    covered = (image != 120).any(axis=2)
    assert 0 < covered.mean() < 0.02
    real = replace(STATE, layers=tuple(replace(layer, synthetic=False) for layer in STATE.layers))
    assert not (composed(replace(SPEC, furniture=False), state=real) != 120).any()


@pytest.mark.usefixtures("offscreen")
def test_chinese_is_drawn_in_our_own_font() -> None:
    from PySide6.QtGui import QFontMetricsF, QRawFont

    from viewers.sheets.compose import _Pen
    from viewers.sheets.fonts import _families, ensure_qt

    ensure_qt()
    assert _families
    font = _Pen.font(SimpleNamespace(u=1.0), 20)  # type: ignore[arg-type]
    assert QFontMetricsF(font).horizontalAdvance("城镜") > 30
    assert QRawFont.fromFont(font).supportsCharacter(ord("镜"))


@pytest.mark.usefixtures("offscreen")
@pytest.mark.parametrize("size", [(1600, 900), (900, 1600), (640, 360)])
def test_long_words_wrap_instead_of_being_cut(size: tuple[int, int]) -> None:
    from PySide6.QtCore import QRectF

    from viewers.sheets import compose as module
    from viewers.sheets.pen import WRAP

    spec = replace(SPEC, width_px=size[0], height_px=size[1], title="很长的标题" * 30)
    long = Legend("图例" * 20, (entry("An entry with very many words " * 4, count=12),))
    written: list[tuple[str, QRectF, QRectF]] = []
    plain = module._Pen.write

    def watched(self: Any, text: str, font: Any, colour: str, box: QRectF, flags: int | None = None) -> None:
        from PySide6.QtGui import QFontMetricsF

        need = QFontMetricsF(font).boundingRect(box, WRAP if flags is None else flags, text)
        if text != "N":  # stands in a frame of its own
            written.append((text, need, box))
        plain(self, text, font, colour, box, flags)

    module._Pen.write = watched  # type: ignore[method-assign]
    try:
        composed(spec, legend=long)
    finally:
        module._Pen.write = plain  # type: ignore[method-assign]
    assert len(written) > 6
    for text, need, box in written:
        assert need.height() <= box.height() + 3, text
        assert box.left() >= 0, text
        assert box.left() + need.width() <= size[0] + 1, text


@pytest.mark.usefixtures("offscreen")
def test_a_pdf_holds_its_words_as_text_and_one_page(tmp_path: Path) -> None:
    from viewers.sheets.compose import write_pdf

    path = tmp_path / "a.pdf"
    write_pdf(np.full((90, 160, 3), 120, np.uint8), replace(SPEC, width_px=160, height_px=90), STATE, LEGEND, path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", content)) == 1
    assert b"/Font" in content


@pytest.mark.usefixtures("offscreen")
def test_dark_sheets_are_dark() -> None:
    day, night = composed(), composed(replace(SPEC, dark=True))
    assert day[-10:].mean() > 180
    assert night[-10:].mean() < 90


@pytest.mark.usefixtures("offscreen")
def test_a_long_legend_grows_smaller_instead_of_covering_the_title() -> None:
    many = Legend("部件", tuple(entry(f"第 {i} 类", count=i) for i in range(32)))
    image = composed(SPEC, legend=many)
    free = ~(image[110:180, :300] != 120).any(axis=(1, 2))
    assert free.sum() >= 3, "a gap below the title"


def test_a_call_out_points_where_the_camera_sees_its_object() -> None:
    from models.views.snapshot_spec import Callout
    from viewers.sheets.content import on_sheet

    assert on_sheet(SPEC, CAMERA.focal_point) == pytest.approx((800, 450), abs=1e-3)
    flat = replace(SPEC, camera=replace(CAMERA, position=(502000.0, 4059000.0, 900.0), up=(0.0, 1.0, 0.0),
                                        parallel_scale_m=450.0))  # fmt: skip
    assert on_sheet(flat, (502100.0, 4059200.0, 40.0)) == pytest.approx((900, 250), abs=1e-3)
    behind = tuple(2 * CAMERA.position[i] - CAMERA.focal_point[i] for i in range(3))
    assert on_sheet(SPEC, (behind[0], behind[1], behind[2])) is None
    named = replace(SPEC, callout=Callout(CAMERA.focal_point, "滨江街道", ("84.2 %",)))
    sheet = sheet_of(named, STATE, None)
    assert sheet.title == "镜城 · 滨江街道"
    assert sheet.callout_at == pytest.approx((800, 450), abs=1e-3)


def test_each_part_of_a_sheet_can_be_left_out_but_the_synthetic_mark() -> None:
    sheet = sheet_of(SPEC, STATE, LEGEND)
    for part, names in {
        "title": ("title", "subtitle"), "legend": ("legend", "values"), "scale": ("scale_bar",), "north": ("north",),
        "source": ("footer", "signature"),
    }.items():  # fmt: skip
        left = without_furniture(sheet, (part,))
        assert not any(getattr(left, name) for name in names), part
        assert left.badge == sheet.badge != ""
    bare = without_furniture(sheet)
    assert not any((bare.title, bare.legend, bare.scale_bar, bare.north, bare.footer))
    assert bare.badge


def test_a_picture_remembers_selection_call_out_and_resolution(tmp_path: Path) -> None:
    from PIL import Image

    from models.project.selection import ObjectKey
    from models.views.snapshot_spec import Callout

    spec = replace(SPEC, selected=(ObjectKey("b", 3),), callout=Callout((1.0, 2.0, 3.0), "甲", ("乙",)), dpi=300,
                   without=("legend", "north"))  # fmt: skip
    write_png(np.zeros((2, 3, 3), np.uint8), spec, tmp_path / "a.png")
    assert read_record(tmp_path / "a.png")[0] == spec
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_a_page_has_the_size_on_paper_that_its_resolution_says(tmp_path: Path) -> None:
    from viewers.sheets.compose import write_pdf

    spec = replace(SPEC, width_px=1169, height_px=827, dpi=100)
    write_pdf(np.full((827, 1169, 3), 200, np.uint8), spec, STATE, None, tmp_path / "a.pdf")
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", (tmp_path / "a.pdf").read_bytes())
    assert box is not None
    assert [float(side) / 72 * 25.4 for side in box.groups()] == pytest.approx([297, 210], abs=0.6)
