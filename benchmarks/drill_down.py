"""From all indicators to one object and back on a large check: 10,000 buildings × 9 indicators × 40 check items.

Run: ``python benchmarks/drill_down.py``; needs a display or Xvfb.

The city is made here: 12 sub-districts, 1,075 estates, 10,000 buildings, 400,000 rows of survey records, and results of
all indicators with a value for every unit; one of them lists 1,800 problem points, nine list buildings. Given are the
processor seconds of the whole process until the answer stands there (page, list, units), and until all is drawn: frames
of the scene, which a software renderer draws here and a graphics card elsewhere.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from meeting import settle, spin

if TYPE_CHECKING:
    from app.window.main_window import MainWindow
    from models.health.results import IndicatorResult, UnitValue
    from models.layers.layer import Layer, VectorData

ROOT = Path(__file__).resolve().parents[1]
BUILDINGS, ESTATES, ITEMS, POINTS = 10_000, 1_075, 40, 1_800
E0, N0, CRS = 502_000.0, 4_059_000.0, "EPSG:4548"


def squares(count: int, side_m: float, gap_m: float) -> Any:
    """Return squares in rows, the origin at the south-west."""
    import shapely

    across = int(np.ceil(np.sqrt(count)))
    at = np.arange(count)
    x, y = E0 + (at % across) * (side_m + gap_m), N0 + (at // across) * (side_m + gap_m)
    return shapely.box(x, y, x + side_m, y + side_m)


def layer_of(role: str, shapes: Any, **columns: Any) -> tuple[Layer, VectorData]:
    """Return a layer of a role."""
    import geopandas as gpd
    import pandas as pd

    from models.layers.layer import Layer, VectorData

    if shapes is None:
        return Layer(role, role, "table", role), VectorData(pd.DataFrame(columns))
    index = pd.RangeIndex(1, len(shapes) + 1, name="fid")
    return Layer(role, role, "vector", role), VectorData(
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS, index=index)
    )


def town() -> list[tuple[Layer, VectorData]]:
    """Return the layers."""
    rng = np.random.default_rng(1)
    codes = np.array([f"B{k:05}" for k in range(BUILDINGS)], dtype=object)
    rows = BUILDINGS * ITEMS
    items = np.array([f"{1 + k % 9:02}-{1 + k // 9}" for k in range(ITEMS)], dtype=object)
    return [
        layer_of("districts", squares(12, 2_000, 0), code=[f"D{k}" for k in range(12)],
                 name=[f"第{k + 1}街道" for k in range(12)]),
        layer_of("communities", squares(ESTATES, 180, 20), code=[f"C{k}" for k in range(ESTATES)],
                 name=[f"第{k + 1}小区" for k in range(ESTATES)], population=rng.integers(500, 12_000, ESTATES)),
        layer_of("buildings", squares(BUILDINGS, 40, 24), code=codes, use=["residential"] * BUILDINGS,
                 name=[f"{k}号楼" for k in range(BUILDINGS)], height_m=rng.integers(6, 90, BUILDINGS).astype(float)),
        layer_of("amenities", squares(POINTS, 12, 140), code=[f"P{k}" for k in range(POINTS)], kind=["clinic"] * POINTS,
                 name=[f"点{k}" for k in range(POINTS)]),
        layer_of("check_records", None, object_code=np.repeat(codes, ITEMS), object_kind=["building"] * rows,
                 item=np.tile(items, BUILDINGS), found=np.where(rng.random(rows) < 0.1, "yes", "no"),
                 indicator=[f"HC25-{item[:2]}" for item in np.tile(items, BUILDINGS)]),
    ]  # fmt: skip


def results() -> tuple[IndicatorResult, ...]:
    """Return a result of every indicator, with values of all units."""
    from models.health.book import book_of
    from models.health.results import CITY_OID, IndicatorResult, Problem, UnitValue
    from models.health.state import HealthState

    rng = np.random.default_rng(2)

    def unit(layer: str, oid: int, code: str, name: str) -> UnitValue:
        value = float(rng.uniform(40, 100)) if rng.random() > 0.05 else None
        grade = "no_data" if value is None else "met" if value > 75 else "not_met"
        known = value is not None
        return UnitValue(layer, oid, code, name, "", value, 10 * value if value else None, 1000.0 if known else None,
                         0.9 if known else 0.0, "ok" if known else "no_data", "" if known else "not_surveyed",
                         grade)  # fmt: skip

    def problems(number: int) -> tuple[Problem, ...]:
        count = BUILDINGS // (1 + number % 9) if number <= 9 else POINTS if number == 12 else 0
        layer = "buildings" if number <= 9 else "amenities"
        return tuple(
            Problem(ObjectKey(layer, k + 1), "below_benchmark", 1.0, f"B{k}", f"{k}号", "", 1 + k % 12, 1.0, 1 / count)
            for k in range(count)
        )

    from models.project.selection import ObjectKey

    found = []
    for code, definition in book_of(HealthState()).indicators.items():
        city = replace(unit("districts", CITY_OID, "", "全市"), value=70.0, numerator=700.0, denominator=1000.0,
                       grade="not_met", status="ok", reason="")  # fmt: skip
        found.append(
            IndicatorResult(
                code, "2025", tuple(unit("districts", k + 1, f"D{k}", f"第{k + 1}街道") for k in range(12)), city,
                problems(definition.number),
                estates=tuple(unit("communities", k + 1, f"C{k}", f"第{k + 1}小区") for k in range(ESTATES)),
            )
        )  # fmt: skip
    return tuple(found)


def steps(window: MainWindow) -> list[tuple[str, float, float]]:
    """Walk; return each step with its processor seconds until it is answered, and until all is drawn."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    panel = window.features["health"].panel  # type: ignore[attr-defined]
    board = window.features["health_dashboard"].page.board  # type: ignore[attr-defined]
    page, listed = panel.page, panel.page.problems

    def click_tile(code: str) -> None:
        QTest.mouseClick(board.tiles.viewport(), left, none, board.tiles.place_of(code).center())

    def click_head() -> None:
        head = listed.view.horizontalHeader()
        QTest.mouseClick(head.viewport(), left, none, QPoint(head.sectionViewportPosition(1) + 8, 10))

    def click_row() -> None:
        spot = listed.view.visualRect(listed.model.index(0, 1)).center()
        QTest.mouseClick(listed.view.viewport(), left, none, spot)

    def estates() -> None:
        page.units.level.setCurrentIndex(1)
        page.units.level.activated.emit(1)

    run = window.context.commands.run
    found = []
    for name, act in (
        ("dashboard opens", lambda: run("health.dashboard")),
        ("filter: not met", lambda: QTest.mouseClick(board.presses["not_met"], left)),
        ("tile → 10,000 failing buildings", lambda: click_tile("HC25-09")),
        ("sort the list", click_head),
        ("mend the first 5,000", lambda: page.mending.slider.setValue(5_000)),
        ("row → fly", click_row),
        ("row → object with its survey", lambda: QTest.keyClick(listed.view, Qt.Key.Key_Return)),
        ("back to the list", lambda: run("health.back")),
        ("by sub-district", lambda: QTest.mouseClick(page.tabs.button(1), left)),
        ("by 1,075 estates", estates),
        ("back to the dashboard", lambda: run("health.back")),
        ("tile → 1,800 points", lambda: click_tile("HC25-12")),
    ):  # fmt: skip
        began = time.process_time()
        act()
        spin(lambda: not any(job.title == "job.rank" for job in window.session.jobs.active))
        answered = time.process_time() - began
        settle(window)
        found.append((name, answered, time.process_time() - began))
    return found


def drive() -> None:
    """Open the city in a window, walk, and tell."""
    sys.path.insert(0, str(ROOT))
    from app import gui
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from models.crs.frame import Frame
    from models.project.project import ProjectState

    application = gui.make_application()
    home = Path(os.environ["CHENGJING_HOME"])
    session = Session(Settings(None), Jobs(), lang="zh", cache_root=home / "cache")
    post = gui.Post(application)
    session.jobs.post = post.called.emit
    window = gui.make_window(session)
    window.context.canvas.view.animate = False
    window.show()
    layers, data = zip(*town(), strict=True)
    state = ProjectState(frame=Frame(CRS, None, (E0, N0, 0)), layers=layers, results=results())
    session.project.replace_all(state, {layer.id: item for layer, item in zip(layers, data, strict=True)}, None)
    settle(window)
    print("| step | answered, s of processor | drawn |\n|---|---|---|")
    for name, answered, drawn in steps(window):
        print(f"| {name} | {answered:.2f} | {drawn:.2f} |", flush=True)
    session.project.mark_saved()
    window.close()
    session.close()


def main() -> None:
    """Run the walk in a process of its own, with settings of nobody."""
    if "--drive" in sys.argv:
        drive()
        return
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"CHENGJING_HOME": home}
        display = () if os.environ.get("DISPLAY") else ("xvfb-run", "-a", "-s", "-screen 0 1600x1000x24")
        subprocess.run([*display, sys.executable, __file__, "--drive"], env=environment, check=True)


if __name__ == "__main__":
    main()
