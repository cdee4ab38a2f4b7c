"""Make the pictures of the documentation: drive the real window over the sample city, and print real sheets.

Run: ``make pictures``, which is ``xvfb-run .venv/bin/python tools/make_pictures.py``. Names after it make only those.
Needs a display (Xvfb serves) and ``sample.gpkg``, which is made where it is not there. Every window picture is what a
person gets who does the same steps: actions of the menu, clicks in the city, keys.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
HOME = tempfile.TemporaryDirectory()  # settings of nobody: default layout, no recent files
os.environ["CHENGJING_HOME"] = HOME.name

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402
from PySide6.QtCore import QBuffer, QEvent, QIODevice, QPoint, Qt  # noqa: E402
from PySide6.QtGui import QPixmap  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app import gui  # noqa: E402
from app.background.jobs import Jobs  # noqa: E402
from app.session import Session  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.usecases.layers import layers  # noqa: E402
from app.usecases.network.questions import Place  # noqa: E402
from app.usecases.project import opening, trust  # noqa: E402
from app.usecases.project.sample import make_sample  # noqa: E402
from app.usecases.review import topics  # noqa: E402
from app.usecases.style import styles  # noqa: E402
from app.usecases.views import snapshots as pictures  # noqa: E402
from app.usecases.views import viewpoints  # noqa: E402
from app.window.features.bim.section import Section  # noqa: E402
from app.window.features.health.feature import Health  # noqa: E402
from app.window.features.views.comparison import Comparison  # noqa: E402
from models.core.progress import Progress  # noqa: E402
from models.layers.layer import Layer, ModelData, RasterData, Source  # noqa: E402
from models.project.selection import ObjectKey  # noqa: E402
from models.views.camera import Camera  # noqa: E402
from models.views.scene_state import Theme  # noqa: E402
from viewers.render.scene.scene import Scene  # noqa: E402

OUT = ROOT / "docs" / "pictures"
SAMPLE = ROOT / "sample.gpkg"
WINDOW_PX = (1440, 900)
SHEET_PX = (1600, 900)
PATIENCE_S = 300.0
#: Panels that come with their task and are put away before the next picture.
TASK_PANELS = (
    "network", "simulation", "scenes", "quality_gate", "component", "profile", "scenario", "health_inputs",
    "health_lists", "judging", "health_units", "health_survey", "health_years", "patterns", "alarms", "cases",
    "readings", "trends", "sensor_chart",
)  # fmt: skip
#: Eye and target of a view steep enough to see areas: metres east and north of the middle of the city, height.
OVER_THE_CITY = ((1150.0, -1750.0, 1000.0), (40.0, 20.0, 30.0))

Step = Callable[["Studio"], None]
STEPS: dict[str, Step] = {}


def picture(name: str) -> Callable[[Step], Step]:
    """Register the function that brings the window to the state of a picture."""

    def keep(step: Step) -> Step:
        STEPS[name] = step
        return step

    return keep


class Studio:
    """One window, driven as a person drives it."""

    def __init__(self) -> None:
        self.application = gui.make_application()
        self.session = Session(Settings(Path(HOME.name) / "settings.toml"), Jobs(), lang="zh")
        self.session.settings.set("theme", "light")
        post = gui.Post(self.application)
        self.session.jobs.post = post.called.emit
        self.window = gui.make_window(self.session)
        self.window.context.canvas.view.animate = False
        self.window.resize(*WINDOW_PX)
        self.window.show()

    def spin(self, done: Callable[[], bool] = lambda: False, seconds: float = 0.3) -> bool:
        """Let events run until ``done``; return whether it was in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            if done():
                return True
            time.sleep(0.005)
        return False

    def _is_at_rest(self) -> bool:
        return not self.session.jobs.active and not self.window.context.scene_sync.busy

    def settle(self) -> None:
        """Wait until nothing is being read, made ready or coloured, and the resting frame is drawn."""
        for _ in range(2):
            if not self.spin(self._is_at_rest, PATIENCE_S):
                raise SystemExit("the window did not come to rest")
            self.spin(seconds=0.5)
        scene = self.window.context.scene_sync.scene
        if scene is not None:
            scene.quality("still")
            self.window.context.canvas.view.mark_dirty()
            self.spin(seconds=1.0)

    @property
    def scene(self) -> Scene:
        """Return the scene of the open city."""
        scene = self.window.context.scene_sync.scene
        if scene is None:
            raise SystemExit("the sample city did not open")
        return scene

    def open_sample(self) -> None:
        """Open the sample city, with nothing left from the picture before."""
        if self.session.project.path is None:
            self.window.context.requests.open_paths([SAMPLE])
            self.settle()
        self.window.features["display"].set_theme("light")
        self.window.features["display"].set_lang("zh")
        self.window.features["facilities"].show_plain()
        self.session.selection.set(())
        self.window.context.palette.hide()
        for part in self.window.features.values():
            if isinstance(part, Section):
                part.put_away()
                part.clear()
                part.clear_measures()
            if isinstance(part, Health):
                part.close()
        compare = self.window.features["comparison"]
        if isinstance(compare, Comparison):
            compare.stop()
        self.window.context.docks["statistics"].hide()
        self.window.features["pipe_view"].put_away()
        self.window.features["network"].clear()
        self.window.features["scenes"].leave()
        self.window.features["scenario"].drop()
        self.session.clock.go_live()
        for name in TASK_PANELS:
            self.window.context.docks[name].hide()
        self.window.context.requests.close_dashboard()
        self.session.visibility.clear()
        trust.release(self.session)
        while self.session.history.undo_label:
            self.session.history.undo()
        self.look_from("overview")
        self.window.context.docks["layers"].raise_()
        self.window.context.docks["properties"].raise_()

    def near(self, layer: str, side: tuple[float, float] = (-0.9, -1.1), height: float = 0.75) -> None:
        """Stand before a model: ``side`` east and north and ``height``, in diagonals of its box, from its middle."""
        box = self.scene.bounds_of_layer(layer)
        if box is None:
            raise SystemExit(f"{layer} is not drawn")
        middle, size = box.mean(axis=0), float(np.linalg.norm(box[1] - box[0]))
        eye = middle + np.array([side[0], side[1], height]) * size
        self.look(Camera(tuple(map(float, eye)), tuple(map(float, middle))))

    def run(self, *actions: str) -> None:
        """Run actions as the menus do, each to its end."""
        for action in actions:
            self.window.context.commands.run(action)
            self.settle()

    def look_from(self, view: str) -> None:
        """Look from a saved view."""
        self.look(viewpoints.find_viewpoint(self.session.project.state, view).camera)

    def look(self, camera: Camera) -> None:
        """Look from a camera."""
        self.scene.set_camera(camera)
        self.settle()

    def wear(self, lang: str = "zh", look: str = "light") -> None:
        """Change language and theme as the menus do."""
        self.window.context.commands.run(f"view.lang.{lang}")
        self.window.context.commands.run(f"view.theme.{look}")
        self.settle()

    def click(self, keys: list[ObjectKey]) -> None:
        """Click the object that is seen nearest to the middle of the picture."""
        view, scene = self.window.context.canvas.view, self.scene
        boxes = [(key, box) for key in keys if (box := scene.bounds_of([key])) is not None]
        places = [(key, self._on_screen(box.mean(axis=0))) for key, box in boxes]
        middle = view.rect().center()
        for key, at in sorted(places, key=lambda place: (place[1] - middle).manhattanLength())[:60]:
            if not view.rect().contains(at):
                break
            pick = view.pick_at(at.toPointF())
            if pick is not None and pick.key == key:
                QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
                self.settle()
                return
        raise SystemExit("none of the objects is seen")

    def _on_screen(self, world: np.ndarray) -> QPoint:
        view = self.window.context.canvas.view
        renderer = view.renderer
        renderer.SetWorldPoint(*self.scene.frame.to_local(world), 1.0)
        renderer.WorldToDisplay()
        x, y, _ = renderer.GetDisplayPoint()
        return QPoint(int(x), int(view.height() - 1 - y))

    def grab(self, name: str) -> None:
        """Write the window as it stands."""
        self.settle()
        write(OUT / f"{name}.png", pillow(self.window.grab()))

    def close(self) -> None:
        """End in order."""
        self.session.project.mark_saved()
        self.window.close()
        self.session.close()


def pillow(pixmap: QPixmap) -> Image.Image:
    """Return a Qt picture as a Pillow picture."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    pixmap.save(buffer, "PNG")
    return Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGB")


def write(path: Path, image: Image.Image) -> None:
    """Write a small PNG of 256 colours, the flat colours of panels and legends among them exactly as they are."""
    flat: list[tuple[int, ...]] = []
    for count, colour in sorted(image.getcolors(image.width * image.height) or [], reverse=True):
        if count < 60 or len(flat) == 112:
            break
        if all(max(abs(a - b) for a, b in zip(colour, known, strict=True)) > 7 for known in flat):
            flat.append(colour)
    rest = image.quantize(256 - len(flat), method=Image.Quantize.MEDIANCUT, kmeans=1).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(part for colour in flat for part in colour), *rest][:768])
    image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    sys.stdout.write(f"{path.name} {path.stat().st_size / 1024:.0f} KB\n")
    sys.stdout.flush()


def objects(studio: Studio, layer: str, wanted: Callable[[Any], bool]) -> list[ObjectKey]:
    """Return the objects of a layer that are wanted."""
    data = studio.session.project.data[layer]
    if isinstance(data, RasterData):
        return []
    frame = data.elements if isinstance(data, ModelData) else data.frame
    return [ObjectKey(layer, int(str(oid))) for oid, row in frame.iterrows() if wanted(row)]


def camera_at(eye: tuple[float, float, float], target: tuple[float, float, float]) -> Camera:
    """Return a camera by metres east and north of the middle of the sample city, and heights."""
    from models.sample.city import CENTRE

    east, north = CENTRE
    return Camera((east + eye[0], north + eye[1], eye[2]), (east + target[0], north + target[1], target[2]))


@picture("welcome_zh_light")
def welcome(studio: Studio) -> None:
    """Nothing is open yet."""


@picture("window_zh_light")
def window(studio: Studio) -> None:
    """The city, its layers, and what is known of a building."""
    studio.open_sample()
    studio.click(objects(studio, "buildings", lambda row: row["storeys"] >= 20))


@picture("window_en_dark")
def window_dark(studio: Studio) -> None:
    """The same in the dark, from the river."""
    studio.open_sample()
    studio.wear("en", "dark")
    studio.look_from("river")


@picture("trust_zh_light")
def trust_bar(studio: Studio) -> None:
    """A project that would reach a server: nothing is fetched before a person agrees."""
    studio.open_sample()
    session, path = studio.session, studio.session.project.path
    options = {"id": "stranger", "kind": "xyz", "url": "https://tiles.example.org/{z}/{x}/{y}.png", "grid": "mercator"}
    source = Source(reader="basemap", crs="EPSG:3857", options=options)
    layer = Layer("stranger", "区域影像底图", "image", "image", source, name_en="Regional imagery")
    session.history.do("history.add_basemap", lambda state: state.with_layer(layer))
    if path is not None:
        trust.admit(session, session.project.state, path, path)
    session.withheld_changed.emit()


@picture("trust_en_light")
def trust_bar_en(studio: Studio) -> None:
    """The same in English."""
    trust_bar(studio)
    studio.wear("en", "light")


@picture("facilities_zh_light")
def facilities(studio: Studio) -> None:
    """The state of the municipal components, and the list of the faulty ones."""
    studio.open_sample()
    studio.window.context.commands.run("theme.facilities")
    studio.window.context.commands.run("facilities.faulty")
    studio.look_from("old_quarter")


@picture("health_zh_light")
def health(studio: Studio) -> None:
    """Coverage by parks."""
    studio.open_sample()
    studio.run("health.compute")
    studio.window.context.requests.close_dashboard()
    studio.run("health.show.HC25-25")
    studio.look(camera_at(*OVER_THE_CITY))


@picture("health_en_light")
def health_en(studio: Studio) -> None:
    """The same in English."""
    health(studio)
    studio.wear("en", "light")


@picture("fails_zh_light")
def fails(studio: Studio) -> None:
    """What fails the coverage by parks: listed, coloured, numbered; the worst is flown to."""
    health(studio)
    panel = studio.window.features["health"]
    if isinstance(panel, Health):
        panel.open("HC25-25")
        studio.settle()
        panel.panel.page.problems.go_to_place(0)


@picture("fails_en_dark")
def fails_en(studio: Studio) -> None:
    """The same in English, in the dark look."""
    studio.open_sample()
    studio.wear("en", "dark")
    panel = studio.window.features["health"]
    studio.window.context.docks.bring_forward("health")
    if isinstance(panel, Health):
        panel.open("HC25-25")
    studio.settle()


def checked(studio: Studio, lang: str, look: str) -> None:
    """Have all indicators computed, with the city before one."""
    studio.open_sample()
    studio.run("health.compute")
    studio.window.context.requests.close_dashboard()
    studio.wear(lang, look)


@picture("dashboard_zh_light")
def dashboard(studio: Studio) -> None:
    """All indicators of the health check."""
    checked(studio, "zh", "light")
    studio.window.context.requests.open_dashboard()


@picture("dashboard_en_dark")
def dashboard_en(studio: Studio) -> None:
    """The same in English, in the dark look."""
    checked(studio, "en", "dark")
    studio.window.context.requests.open_dashboard()


@picture("indicator_page_zh_light")
def indicator_page(studio: Studio) -> None:
    """The communities without an adequate kindergarten, and what mending some would give."""
    checked(studio, "zh", "light")
    studio.window.context.requests.open_indicator("HC25-12")


@picture("scenario_zh_light")
def what_if(studio: Studio) -> None:
    """A middle school that is moved, a park that is planned, another target."""
    checked(studio, "zh", "light")
    studio.window.context.requests.open_indicator("HC25-22")
    studio.settle()
    feature = studio.window.features["scenario"]
    feature.open_for("HC25-22")
    layer = next(layer for layer in studio.session.project.state.layers if layer.role == "amenities")
    table = studio.session.project.data[layer.id].frame
    school = table.geometry[table["kind"] == "middle_school"].iloc[0].centroid
    feature.try_deed("move", [(school.x, school.y), (school.x + 900.0, school.y + 600.0)])
    studio.settle()
    feature.try_deed("add", [(school.x - 500.0, school.y - 200.0)])
    studio.settle()
    studio.look(camera_at(*OVER_THE_CITY))


@picture("lists_zh_light")
def lists(studio: Studio) -> None:
    """The problem list, made of results and check records."""
    checked(studio, "zh", "light")
    studio.run("health.lists", "health.make_lists")


@picture("judging_en_light")
def judging(studio: Studio) -> None:
    """Grades that are proposed, for a person to decide."""
    checked(studio, "en", "light")
    studio.run("health.judging")


@picture("units_zh_light")
def check_units(studio: Studio) -> None:
    """Which communities may not be judged alone."""
    checked(studio, "zh", "light")
    studio.window.features["health_units"].open_units()


@picture("survey_en_light")
def survey(studio: Studio) -> None:
    """The quotas of the questionnaire."""
    checked(studio, "en", "light")
    studio.window.features["health_survey"].open_survey()


@picture("inputs_zh_light")
def inputs(studio: Studio) -> None:
    """How every indicator is answered."""
    checked(studio, "zh", "light")
    studio.window.features["health_inputs"].open_panel()


@picture("years_zh_light")
def years(studio: Studio) -> None:
    """What became better and worse since last year."""
    checked(studio, "zh", "light")
    studio.run("health.years")


@picture("patterns_en_light")
def patterns(studio: Studio) -> None:
    """Where problems lie close together."""
    checked(studio, "en", "light")
    studio.run("health.patterns")


@picture("identify_ifc_zh_light")
def identify_ifc(studio: Studio) -> None:
    """An element of an IFC model with its property sets."""
    studio.open_sample()
    studio.look(camera_at((-85, -795, 78), (-134, -712, 43)))
    studio.click(objects(studio, "school", lambda row: row["ifc_class"] in ("IfcWindow", "IfcDoor", "IfcWall")))


@picture("palette_en_light")
def palette(studio: Studio) -> None:
    """The command palette finds what can be done."""
    studio.open_sample()
    studio.wear("en", "light")
    studio.window.context.commands.run("edit.palette")
    QTest.keyClicks(studio.window.context.palette.field, "co")


@picture("pipes_zh_light")
def pipes(studio: Studio) -> None:
    """What lies under the streets, once the ground lets the eye through."""
    studio.open_sample()
    for layer in ("image", "land", "green", "footways", "trees", "amenities", "components"):
        layers.set_visible(studio.session, layer, False)
    for layer, opacity in (("terrain", 0.25), ("roads", 0.25), ("buildings", 0.35)):
        style = studio.session.project.state.layer(layer).style
        layers.set_style(studio.session, layer, replace(style, opacity=opacity))
    for layer in ("pipes", "pipe_nodes"):
        layers.set_visible(studio.session, layer, True)
    studio.settle()
    studio.look(camera_at((-330, -190, 130), (-190, 60, 30)))


@picture("model_browser_zh_light")
def model_browser(studio: Studio) -> None:
    """One storey of the school, the rest faded."""
    studio.open_sample()
    studio.near("school")
    studio.run("model.browse")
    storeys = objects(studio, "school", lambda row: row["ifc_class"] == "IfcBuildingStorey")
    studio.session.selection.set(storeys[1:2])
    studio.run("model.ghost")


@picture("model_colours_zh_light")
def model_colours(studio: Studio) -> None:
    """The school by material."""
    studio.open_sample()
    studio.near("school")
    studio.run("model.browse")
    studio.window.features["model"].colour_by_field("material")


@picture("model_section_zh_light")
def model_section(studio: Studio) -> None:
    """A section through the clinic."""
    studio.open_sample()
    studio.near("clinic", (-0.7, -0.9), 0.45)
    studio.session.selection.set(objects(studio, "clinic", lambda row: row["ifc_class"] == "IfcSlab")[:1])
    studio.run("cut.y")
    studio.session.selection.set(())


@picture("model_measure_en_dark")
def model_measure(studio: Studio) -> None:
    """Measures in a storey plan of the school."""
    studio.open_sample()
    studio.wear("en", "dark")
    studio.near("school")
    studio.session.selection.set(objects(studio, "school", lambda row: row["ifc_class"] == "IfcBuildingStorey")[:1])
    studio.run("cut.storeys", "measure.distance")
    view = studio.window.context.canvas.view
    middle = view.rect().center()
    for step in (QPoint(-160, -40), QPoint(150, -40)):
        QTest.mouseMove(view, middle + step)
        studio.spin(seconds=0.4)
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle + step)
        studio.spin(seconds=0.4)


@picture("model_checks_zh_light")
def model_checks(studio: Studio) -> None:
    """What the school and its IFC2x3 twin have in common, as two versions."""
    studio.open_sample()
    layers.set_visible(studio.session, "school_ifc2x3", True)
    studio.settle()
    studio.near("school")
    studio.run("checks.diff")
    panel = studio.window.features["checks"].panel
    for box, layer in ((panel.diff.old, "school_ifc2x3"), (panel.diff.new, "school")):
        box.setCurrentIndex(box.findData(layer))
    studio.window.features["checks"].run("diff")
    studio.settle()


@picture("model_topics_en_light")
def model_topics(studio: Studio) -> None:
    """Topics of a review."""
    studio.open_sample()
    studio.wear("en", "light")
    part = studio.window.features["topics"]
    studio.session.settings.set("author", "Li Wei")
    studio.near("school")
    topics.new_topic(studio.session, "Handrail missing on the east stair", part.view_of_now(), kind="Issue")
    studio.near("clinic")
    made = topics.new_topic(
        studio.session, "Clear width of the entrance door", part.view_of_now(), kind="Requirement", priority="High",
        description="The door of the clinic is narrower than the accessible route asks for.", assigned_to="Structure",
    )  # fmt: skip
    topics.add_comment(studio.session, made.guid, "The wall can move 200 mm to the north.")
    studio.window.context.docks.bring_forward("topics")
    studio.settle()
    part.panel.choose(made.guid)


def buildings_id(studio: Studio) -> str:
    """Return the id of the layer of buildings, chosen in the list."""
    layer = studio.session.project.state.with_role("buildings")[0]
    studio.window.features["layers"].panel.choose(layer.id)
    return layer.id


@picture("style_zh_light")
def style(studio: Studio) -> None:
    """The buildings by classes of height, the style panel and the legend that wrote itself."""
    studio.open_sample()
    styles.style_by(studio.session, buildings_id(studio), "graduated", "height_m", ramp_name="sunset")
    studio.run("layer.style")


@picture("statistics_en_dark")
def statistics(studio: Studio) -> None:
    """What the storeys of all buildings say together."""
    studio.open_sample()
    studio.wear("en", "dark")
    styles.style_by(studio.session, buildings_id(studio), "graduated", "storeys", ramp_name="dusk")
    studio.run("query.statistics")


@picture("curtain_zh_light")
def curtain(studio: Studio) -> None:
    """Two ways to look at one city, under a curtain."""
    studio.open_sample()
    studio.run("compare.curtain")


@picture("underground_en_light")
def underground(studio: Studio) -> None:
    """Pipes under ground that can be seen through."""
    studio.open_sample()
    studio.wear("en", "light")
    for role in ("pipes", "pipe_nodes"):
        for layer in studio.session.project.state.with_role(role):
            layers.set_visible(studio.session, layer.id, True)
    studio.run("below.toggle")


def planted(studio: Studio, fault: str) -> dict[str, Any]:
    """Return what the sample says of one of its planted faults."""
    rows = json.loads((SAMPLE.parent / "sample_files" / "truth.json").read_text(encoding="utf-8"))["planted"]
    return next(row for row in rows if row["id"] == fault)


def near_object(studio: Studio, key: ObjectKey, reach_m: float) -> None:
    """Look at an object from the south-west, from so far."""
    box = studio.scene.bounds_of([key])
    if box is None:
        raise SystemExit(f"{key} is not drawn")
    middle = box.mean(axis=0)
    eye = middle + np.array([-0.45, -0.8, 0.75]) * reach_m
    studio.look(Camera(tuple(map(float, eye)), tuple(map(float, middle))))


def pipe_of(studio: Studio, code: str) -> ObjectKey:
    """Return a pipe of the sample by its code."""
    return objects(studio, "pipes", lambda row: row["code"] == code)[0]


@picture("register_form_zh_light")
def register_form(studio: Studio) -> None:
    """What the register holds of a component, in its form."""
    studio.open_sample()
    key = objects(studio, "components", lambda row: row["ObjState"] == "破损")[3]
    studio.window.context.requests.go_to(key)
    studio.settle()
    studio.run("component.form")


@picture("quality_gate_zh_light")
def quality_gate(studio: Studio) -> None:
    """What the rules of the quality gate find, listed and coloured."""
    studio.open_sample()
    gate = studio.window.features["quality_gate"]
    gate.open_panel()
    gate.run()
    studio.settle()
    gate.list_failures("component.lamp_on_road")
    studio.settle()
    gate.panel.list.go_to_place(0)


@picture("isolate_zh_light")
def isolate(studio: Studio) -> None:
    """A burst water main: the valves to close, one of which is stuck, and who is cut off."""
    studio.open_sample()
    key = pipe_of(studio, planted(studio, "water_main_burst")["codes"][0])
    studio.run("network.isolate")
    tracing = studio.window.features["network"]
    tracing.choose_kind("JS")
    studio.settle()
    tracing.take(Place(False, key.oid))
    studio.settle()
    near_object(studio, key, 420.0)


@picture("trace_en_dark")
def trace(studio: Studio) -> None:
    """Where the water of a storm drain comes from."""
    studio.open_sample()
    studio.wear("en", "dark")
    studio.run("network.up")
    tracing = studio.window.features["network"]
    tracing.choose_kind("YS")
    studio.settle()
    table = tracing.made.pipe_table
    oid = int(table[table["kind"] == "YS"]["diameter_mm"].idxmax())
    tracing.take(Place(False, oid))
    studio.settle()
    near_object(studio, ObjectKey("pipes", oid), 900.0)


@picture("profile_zh_light")
def profile(studio: Studio) -> None:
    """The longitudinal profile of a storm drain to its outfall."""
    studio.open_sample()
    key = next(iter(objects(studio, "pipes", lambda row: row["kind"] == "YS" and row["diameter_mm"] == 600)))
    studio.session.selection.set([key])
    studio.run("network.profile_outlet")
    near_object(studio, key, 300.0)


@picture("pipes_by_material_zh_light")
def pipes_by_material(studio: Studio) -> None:
    """Pipes by material, with shafts, words and arrows, under ground that is looked through."""
    studio.open_sample()
    studio.run("pipes.view", "pipes.by.material")
    key = next(iter(objects(studio, "pipes", lambda row: row["kind"] == "YS" and row["diameter_mm"] >= 800)))
    near_object(studio, key, 110.0)


def scene_step(studio: Studio, name: str, lang: str, look: str) -> None:
    """Show a scene preset as a click in the gallery does."""
    studio.open_sample()
    studio.wear(lang, look)
    studio.run("scenes.gallery")
    studio.window.features["scenes"].choose(name)
    studio.settle()


@picture("scene_gallery_en_light")
def scene_gallery(studio: Studio) -> None:
    """The gallery of scenes."""
    studio.open_sample()
    studio.wear("en", "light")
    studio.run("scenes.gallery")


@picture("scene_drainage_zh_light")
def scene_drainage(studio: Studio) -> None:
    """The scene of drainage."""
    scene_step(studio, "drainage", "zh", "light")


@picture("scene_poles_en_dark")
def scene_poles(studio: Studio) -> None:
    """The scene of smart poles."""
    scene_step(studio, "smart_poles", "en", "dark")


def moment(studio: Studio, text: str) -> None:
    """Show a moment of July 2025, Beijing time, as the time line does."""
    from datetime import datetime

    studio.session.clock.go(round(datetime.fromisoformat(f"{text}+08:00").timestamp() * 1e6))
    studio.settle()


@picture("live_drainage_zh_light")
def live_drainage(studio: Studio) -> None:
    """The storm on the time line: water on streets, pumps, wells."""
    scene_step(studio, "drainage_live", "zh", "light")
    moment(studio, "2025-07-18T18:50")


@picture("live_water_en_light")
def live_water(studio: Studio) -> None:
    """Black and odorous water at a moment."""
    scene_step(studio, "black_water", "en", "light")
    moment(studio, "2025-07-22T10:00")


@picture("live_alarms_zh_light")
def live_alarms(studio: Studio) -> None:
    """What needs somebody at a moment, by severity and age."""
    studio.open_sample()
    studio.wear("zh", "light")
    studio.run("alarms.open")
    moment(studio, "2025-07-18T18:50")


@picture("live_cases_en_light")
def live_cases(studio: Studio) -> None:
    """The list of cases with their lights."""
    studio.open_sample()
    studio.wear("en", "light")
    studio.run("cases.open")
    studio.settle()


def sheets(wanted: set[str]) -> None:
    """Print the sheets as ``main.py snapshot`` does."""
    for name, lang, theme, dark in (
        ("indicator_zh_light", "zh", Theme("indicator", "HC25-25"), False),
        ("sheet_en_dark", "en", Theme(), True),
    ):
        if name not in wanted:
            continue
        session = Session(Settings(None), Jobs(inline=True), lang=lang)
        opening.open_project(session, SAMPLE)
        camera = camera_at(*OVER_THE_CITY) if theme.kind == "indicator" else None
        spec = pictures.make_spec(session, camera, size=SHEET_PX, theme=theme, dark=dark)
        out = Path(HOME.name) / f"{name}.png"
        pictures.take_snapshot(session, spec, out)
        with Image.open(out) as image:
            write(OUT / out.name, image.convert("RGB"))
        session.close()


SHEETS = ("indicator_zh_light", "sheet_en_dark")


def main(names: list[str]) -> None:
    """Make the pictures of these names, or all."""
    wanted = set(names) or {*STEPS, *SHEETS}
    if unknown := wanted - {*STEPS, *SHEETS}:
        raise SystemExit(f"no such picture: {', '.join(sorted(unknown))}")
    OUT.mkdir(parents=True, exist_ok=True)
    if not SAMPLE.exists():
        make_sample(SAMPLE, 1, "small", Progress())
    if wanted & set(STEPS):
        studio = Studio()
        for name, step in STEPS.items():
            if name in wanted:
                step(studio)
                studio.grab(name)
        studio.close()
    sheets(wanted)


if __name__ == "__main__":
    main(sys.argv[1:])
