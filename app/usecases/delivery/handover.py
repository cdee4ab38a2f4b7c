"""Hand the city over as files that other programs open: what is shown, in its styles, with its ids.

Everything is written into a folder of its own beside the target and moved there when the last file is whole, so that a
cancel or a kill leaves the folder as it was. What somebody put there besides (CesiumJS) stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.jobs import Job
from app.notices import notice_of_caution
from app.usecases.health import health
from app.usecases.views.snapshots import with_theme_layers
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import crs_label
from models.geometry.styled import StyledCity
from models.health.results import IndicatorResult
from models.io.format import WriteRequest
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from models.views.visibility import ElementAppearance
from resources.words import LANGUAGES, word

if TYPE_CHECKING:
    from app.session import Session
    from models.terrain.ground import Ground
    from viewers.render.symbology.theme_picture import ThemePicture

#: In the order in which they are written and listed.
FORMATS = ("3dtiles", "gltf", "cityjson", "gpkg", "kmz", "csv", "xlsx")
SUMS = "SHA256SUMS"


@dataclass(slots=True)
class _Handing:
    """What is being handed over: the state as it is shown, and what was written of it so far."""

    name: str
    lang: str
    state: ProjectState
    data: Mapping[str, Any]
    ground: Ground
    picture: ThemePicture
    result: IndicatorResult | None
    results: Mapping[str, IndicatorResult]
    old: frozenset[str]
    looks: Mapping[str, ElementAppearance]
    moment: str
    geoid_m: float | None
    files: list[tuple[str, str]] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)

    @property
    def shown(self) -> list[Layer]:
        """Return the layers that are seen and have data."""
        return [layer for layer in self.state.layers if layer.visible and layer.id in self.data]


def hand_over(
    session: Session, folder: Path, formats: Sequence[str] = FORMATS, *, geoid_m: float | None = None, licence: str = ""
) -> Job:
    """Write what is shown into a folder.

    Parameters
    ----------
    session : Session
    folder : Path
        Made where it is not there.
    formats : sequence of str
        Of :data:`FORMATS`.
    geoid_m : float or None
        Metres by which the zero of the vertical datum lies above the ellipsoid; None where nobody knows.
    licence : str
        Terms of use, as the read-me states them.

    Returns
    -------
    Job
        Its result is what could not be handed over, as cautions.

    Raises
    ------
    UserError
        ``handover.unknown_format``, ``handover.nothing``; while it runs those of writing files.
    """
    folder = Path(folder).resolve()
    for name in formats:
        if name not in FORMATS:
            raise UserError("handover.unknown_format", name=name, known=", ".join(FORMATS))
    if session.project.state.frame is None or not session.project.data:
        raise UserError("handover.nothing")
    make = _captured(session, geoid_m)
    wanted = [name for name in FORMATS if name in formats]

    def work(progress: Progress) -> list[Caution]:
        from models.store.atomic import replacing_together

        progress.step(0.0, "progress.theming")
        handing = make()
        if not handing.shown:
            raise UserError("handover.nothing")
        folder.mkdir(parents=True, exist_ok=True)
        with replacing_together(folder / "README.md") as made:
            for at, name in enumerate(wanted):
                _write_one(name, handing, made, progress.part(0.97 * at / len(wanted), 0.97 * (at + 1) / len(wanted)))
            (made / "README.md").write_text(_read_me(handing, licence), encoding="utf-8")
            _sums(made)
            progress.step(0.99, "progress.writing")
        return handing.cautions

    def done(cautions: list[Caution]) -> None:
        for caution in cautions:
            session.notices.add(notice_of_caution(caution))
        session.notices.info("notice.written", file=folder.name)

    return session.run("job.hand_over", work, done, file=folder.name)


def _captured(session: Session, geoid_m: float | None) -> Callable[[], _Handing]:
    """Return what makes the project as it is shown now, with the layers that the theme colours, on any thread."""
    state, lang, data = session.project.state, session.lang, dict(session.project.data)
    results, old = health.all_kept(session), health.old_codes(session)
    looks, moment = dict(session.visibility.elements), _moment(session)
    name = (state.name_en if lang == "en" and state.name_en else state.name) or session.word("app.name")

    def make() -> _Handing:
        from viewers.render.scene.offscreen import ground_of
        from viewers.render.symbology.theming import pictured

        picture = pictured(state, data, state.theme, results, lang, old)
        if picture.called:  # what the theme speaks of is seen, and then its colours count for it too
            shown = with_theme_layers(state, picture.called)
            picture = pictured(shown, data, shown.theme, results, lang, old)
        else:
            shown = state
        result = results.get(state.theme.indicator) if state.theme.kind == "indicator" else None
        return _Handing(
            name, lang, shown, data, ground_of(state, data), picture, result, results, old, looks, moment, geoid_m
        )  # fmt: skip

    return make


def _moment(session: Session) -> str:
    """Return when the project was saved, which is the date of what is handed over; a fixed one where it never was."""
    from models.store.project_file import saved_at_of

    path = session.project.path
    return (saved_at_of(path) if path is not None else "") or "1980-01-01T00:00:00.000Z"


def _write_one(name: str, handing: _Handing, folder: Path, progress: Progress) -> None:
    """Write one format; that there is nothing for it is said and ends nothing."""
    before = len(handing.files)
    try:
        _WRITERS[name](handing, folder, progress)
    except UserError as error:
        if error.code != "export.nothing":
            raise
        handing.files = handing.files[:before]
        handing.cautions.append(
            Caution("handover.left_out", what=word(f"handover.format.{name}", handing.lang))
        )  # fmt: skip


# --- the styled city --------------------------------------------------------------------------------------------------


def _city(handing: _Handing) -> tuple[StyledCity, Any]:
    from viewers.handover.drawn_city import lots_of
    from viewers.handover.object_tables import table_of_objects

    state, data, lang = handing.state, handing.data, handing.lang
    assert state.frame is not None  # noqa: S101 - _handing looked
    lots = lots_of(state, data, handing.ground, handing.picture.colours, handing.looks)
    tables = {
        layer.id: table for layer in handing.shown
        if (table := table_of_objects(layer, data[layer.id], lang, handing.result)) is not None
    }  # fmt: skip
    about = {} if handing.result is None else {"theme": handing.result.definition.title(lang)}
    vertical = crs_label(state.frame.vertical) if state.frame.vertical else ""
    return (
        StyledCity(
            handing.name, crs_label(state.frame.horizontal), vertical, state.frame.origin, lots, tables,
            state.synthetic, about,
        ),
        handing.picture.legend,
    )  # fmt: skip


def _tiles(handing: _Handing, folder: Path, progress: Progress) -> None:
    from models.io.tiles3d.write_city import write_city_tiles
    from viewers.handover.page import page_text

    progress.step(0.0, "progress.rendering")
    city, legend = _city(handing)
    write_city_tiles(folder / "3dtiles", city, progress.part(0.2, 1.0), handing.geoid_m)
    text = page_text(city, legend, handing.geoid_m, handing.lang)
    (folder / "index.html").write_text(text, encoding="utf-8")
    handing.files += [("index.html", "page"), ("3dtiles/tileset.json", "3dtiles")]


def _gltf(handing: _Handing, folder: Path, progress: Progress) -> None:
    from models.io.tiles3d.write_city import write_city_glb

    progress.step(0.0, "progress.rendering")
    city, _ = _city(handing)
    write_city_glb(folder / "city.glb", city, progress.part(0.2, 1.0))
    handing.files.append(("city.glb", "gltf"))


# --- semantic models and tables ---------------------------------------------------------------------------------------


def _cityjson(handing: _Handing, folder: Path, progress: Progress) -> None:
    from models.io.city.write_cityjson import write_cityjson
    from viewers.handover.bodies import bodies_of

    made = 0
    (folder / "cityjson").mkdir(exist_ok=True)
    layers = [layer for layer in handing.shown if layer.role in ("buildings", "terrain") or layer.kind == "model"]
    for at, layer in enumerate(layers):
        part = progress.part(at / len(layers), (at + 1) / len(layers))
        part.step(0.0, "progress.writing")
        bodies = bodies_of(layer, handing.data[layer.id], handing.state, handing.ground)
        if bodies is None or not len(bodies.faces):
            continue
        name = f"{_safe(layer.id)}.city.json"
        request = WriteRequest(layer.id, layer.title(handing.lang), layer.synthetic or handing.state.synthetic)
        handing.cautions += write_cityjson(folder / "cityjson" / name, bodies, request, part)
        handing.files.append((f"cityjson/{name}", "cityjson"))
        made += 1
    if not made:
        (folder / "cityjson").rmdir()
        raise UserError("export.nothing", file="cityjson")


def _tables(handing: _Handing) -> list[tuple[Layer, Any]]:
    """Return the layers of features that are shown with their tables, in the project's CRS, filters applied."""
    from models.query.filtering import filtered
    from viewers.handover.theme_styles import themed_table

    frame = handing.state.frame
    found: list[tuple[Layer, Any]] = []
    for layer in handing.shown:
        data = filtered(layer, handing.data[layer.id])
        if not isinstance(data, VectorData) or not data.count:
            continue
        table: Any = data.frame
        if frame is not None and getattr(table, "crs", None) is not None:
            table = table.to_crs(frame.horizontal)
        found.append(
            (layer, table)
            if handing.result is None
            else themed_table(layer, table, handing.result, handing.picture.colours.get(layer.id), handing.lang)
        )
    return found


def _geopackage(handing: _Handing, folder: Path, progress: Progress) -> None:
    from models.store.qgis_style import qml
    from models.store.styled_geopackage import write_styled

    tables = [(_safe(layer.id), table, layer) for layer, table in _tables(handing) if hasattr(table, "geometry")]
    write_styled(folder / "city.gpkg", tables, handing.moment, progress, synthetic=handing.state.synthetic)
    (folder / "qml").mkdir(exist_ok=True)
    for name, table, layer in tables:
        (folder / "qml" / f"{name}.qml").write_text(qml(layer, table), encoding="utf-8")
    handing.files += [("city.gpkg", "gpkg"), ("qml/", "qml")]


def _csv(handing: _Handing, folder: Path, progress: Progress) -> None:
    from models.io.vector.write_features import write_features

    tables = _tables(handing)
    if not tables:
        raise UserError("export.nothing", file="csv")
    (folder / "csv").mkdir(exist_ok=True)
    for at, (layer, table) in enumerate(tables):
        request = WriteRequest(layer.id, layer.title(handing.lang), layer.synthetic or handing.state.synthetic)
        part = progress.part(at / len(tables), (at + 1) / len(tables))
        write_features(folder / "csv" / f"{_safe(layer.id)}.csv", table, request, part)
    handing.files.append(("csv/", "csv"))


def _xlsx(handing: _Handing, folder: Path, progress: Progress) -> None:
    from models.store.steady_files import steady_zip
    from viewers.documents.tables import write_results

    progress.step(0.1, "progress.writing")
    results = [handing.results[code] for code in sorted(handing.results)]
    if not results:
        raise UserError("export.nothing", file="results.xlsx")
    path = folder / "results.xlsx"
    write_results(path, results, handing.state, handing.lang, made_on=handing.moment[:10], old=handing.old)
    steady_zip(path)
    handing.files.append(("results.xlsx", "xlsx"))


def _kmz(handing: _Handing, folder: Path, progress: Progress) -> None:
    from viewers.handover.map_pins import folders_of, styles_of

    progress.step(0.1, "progress.writing")
    folders, without = folders_of(handing.state, handing.data, handing.results, handing.lang)
    if without:
        handing.cautions.append(Caution("handover.not_placed", count=without))
    from models.delivery.pins import write_kmz

    about = word("handover.synthetic", handing.lang) if handing.state.synthetic else ""
    write_kmz(folder / "findings.kmz", handing.name, about, folders, styles_of())
    handing.files.append(("findings.kmz", "kmz"))


_WRITERS: Mapping[str, Callable[[_Handing, Path, Progress], None]] = {
    "3dtiles": _tiles, "gltf": _gltf, "cityjson": _cityjson, "gpkg": _geopackage, "kmz": _kmz, "csv": _csv,
    "xlsx": _xlsx,
}  # fmt: skip


# --- what the folder says of itself -----------------------------------------------------------------------------------


def _read_me(handing: _Handing, licence: str) -> str:
    from viewers.handover.page import heights_text, read_me

    state = handing.state
    assert state.frame is not None  # noqa: S101 - _handing looked
    vertical = crs_label(state.frame.vertical) if state.frame.vertical else ""
    city = StyledCity(handing.name, "", vertical, state.frame.origin, (), {})
    facts: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for lang in LANGUAGES:
        names[lang] = (state.name_en if lang == "en" and state.name_en else state.name) or handing.name
        theme = handing.result.definition.title(lang) if handing.result is not None else ""
        facts[lang] = {
            "note": word("handover.synthetic", lang) if state.synthetic else "",
            "crs": crs_label(state.frame.horizontal),
            "heights": heights_text(city, handing.geoid_m, lang),
            "date": "" if handing.moment.startswith("1980") else handing.moment,
            "theme": theme,
            "sources": "; ".join(dict.fromkeys(layer.data_source for layer in handing.shown if layer.data_source)),
            "licence": licence.strip() or word("handover.readme.licence.none", lang),
        }
    return read_me(facts, handing.files, names)


def _sums(folder: Path) -> None:
    """Write a list of checksums, as ``sha256sum -c`` reads it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    lines = []
    for file in files:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        lines.append(f"{digest}  {file.relative_to(folder).as_posix()}\n")
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _safe(layer: str) -> str:
    """Return a layer's id as the name of a file or table."""
    return "".join(char if char.isalnum() or char in "_-" else "_" for char in layer) or "layer"
