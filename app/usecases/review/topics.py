"""Review topics with viewpoints and comments, exchanged with BIM tools as BCF.

A view is kept in the project's CRS. BCF wants it in the coordinates of the IFC file that the topic speaks of; which
file that is follows from the elements named, and where it stands from its layer. A topic that names no element goes
out in project coordinates, with a caution, because a BIM tool will look somewhere else.
"""

from __future__ import annotations

import getpass
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.background.jobs import Job
from app.notices import notice_of_caution
from app.usecases.bim.visibility import drawn, model_layers
from models.bim.parts import parts_finder
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.layers.layer import Layer, ModelData
from models.project.business_keys import business_keys
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey
from models.review.topics import (
    SYSTEM,
    Comment,
    Component,
    ModelFile,
    Topic,
    TopicView,
    business_key_of,
    merged,
    new_guid,
    now,
    object_name,
    object_of,
)
from models.views.camera import Camera, Vector
from models.views.section import planes_of
from models.views.visibility import Cut, ElementAppearance, Plane

if TYPE_CHECKING:
    from app.session import Session
    from viewers.documents.city_bcf import City

Matrix = NDArray[np.float64]
#: How a faded element is coloured for tools that know no ghosts: mostly clear grey, as AARRGGBB.
GHOST = "40C8CDD2"
#: Tools that wrote no alpha mean a full colour; below this alpha an element is a ghost to us.
_GHOST_BELOW = 0x80


def author(session: Session) -> str:
    """Return who speaks: the name in the settings, else the one under which the person is logged in."""
    author = str(session.settings.get("author")).strip()
    if author:
        return author
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a system that knows no users
        return "–"


def view_of_now(
    session: Session, camera: Camera, aspect: float, snapshot: bytes = b"", box: Matrix | None = None
) -> TopicView:
    """Return how the city is looked at now: camera, what is selected, hidden, faded and coloured, what cuts.

    Parameters
    ----------
    session : Session
    camera : Camera
    aspect : float
        Width by height of the picture.
    snapshot : bytes
        PNG or JPEG.
    box : ndarray (2, 3), optional
        All that is drawn, in the project's CRS: a section plane that cuts nothing of it is left out.
    """
    hidden: list[Component] = []
    shown: list[Component] = []
    colours: dict[str, list[Component]] = defaultdict(list)
    for layer, data in model_layers(session):
        look = session.visibility.of(layer.id)
        guids = data.elements["guid"].to_numpy()
        for oid in np.flatnonzero(drawn(data)).tolist():
            one = Component(str(guids[oid]))
            (hidden if oid in look.hidden or not layer.visible else shown).append(one)
            if oid in look.ghost:
                colours[GHOST].append(one)
            elif look.colours is not None and oid in look.colours:
                red, green, blue, alpha = look.colours[oid]
                colours[f"{alpha:02X}{red:02X}{green:02X}{blue:02X}"].append(one)
    by_default = len(hidden) <= len(shown)
    return TopicView(
        guid=new_guid(),
        camera=camera,
        aspect=aspect,
        selected=components_of(session, session.selection.keys),
        shown_by_default=by_default,
        exceptions=tuple(hidden if by_default else shown),
        colours=tuple((colour, tuple(things)) for colour, things in colours.items()),
        planes=_cutting(planes_of(session.visibility.cut), box),
        snapshot=snapshot,
    )


def _cutting(planes: tuple[Plane, ...], box: Matrix | None) -> tuple[Plane, ...]:
    """Return the planes that take something of a box away; all where no box is known."""
    if box is None or not np.isfinite(box).all():
        return planes
    corners = np.array([[box[i, 0], box[j, 1], box[k, 2]] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return tuple(one for one in planes if ((corners - one.point) @ np.array(one.normal) > 0).any())


def components_of(session: Session, keys: Iterable[ObjectKey]) -> tuple[Component, ...]:
    """Name objects as BCF does: elements by GUID, others by row and business key."""
    known: dict[str, tuple[str, dict[int, str]]] = {}
    asked = Keys.of(keys)
    for layer, oids in asked.by_layer().items():
        found = session.project.business_keys(layer)
        few = None if found is None else found.only(oids)
        known[layer] = ("", {}) if few is None else (few.field, dict(zip(few.oids.tolist(), few.values, strict=True)))

    def component(key: ObjectKey) -> Component:
        field, values = known[key.layer]
        value = values.get(key.oid, "")
        if isinstance(session.project.data.get(key.layer), ModelData) and value:
            return Component(value)
        return Component(system=SYSTEM, tool_id=object_name(key, f"{field}={value}" if value else ""))

    return tuple(component(key) for key in asked)


def keys_of(session: Session, components: Iterable[Component]) -> list[ObjectKey]:
    """Return the objects that components name and that are open here."""
    return _finder(session)(components)


def _finder(session: Session) -> Callable[[Iterable[Component]], list[ObjectKey]]:
    """Return :func:`keys_of` with the GUIDs of all models looked up once.

    A component that is a whole without a shape of its own (a stair, a curtain wall, a storey) stands for its parts too.
    """
    by_guid: dict[str, list[ObjectKey]] = defaultdict(list)
    parts_of: dict[str, Callable[[int], list[int]]] = {}
    for layer, data in model_layers(session):
        parts_of[layer.id] = parts_finder(data.elements)
        for oid, guid in enumerate(data.elements["guid"].to_numpy().tolist()):
            by_guid[guid].append(ObjectKey(layer.id, oid))
    known = {layer.id for layer in session.project.state.layers}
    rows = _Rows(session)

    def find(components: Iterable[Component]) -> list[ObjectKey]:
        found: list[ObjectKey] = []
        for one in components:
            if one.ifc_guid:
                for key in by_guid.get(one.ifc_guid, ()):
                    found += [key, *(ObjectKey(key.layer, part) for part in parts_of[key.layer](key.oid))]
            elif any(business_key_of(one)):
                found += rows.named(one)
            else:
                row = object_of(one)
                found += [row] if row is not None and row.layer in known else []
        return found

    return find


class _Rows:
    """Rows by business key, looked up once a layer."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_value: dict[tuple[str, str], dict[str, int]] = {}

    def named(self, component: Component) -> list[ObjectKey]:
        """Return the object that a component states by its business key: in its own layer, else wherever it stands."""
        field, value = business_key_of(component)
        own = object_of(component)
        layers = [layer.id for layer in self._session.project.state.layers]
        if own is not None and own.layer in layers:
            layers = [own.layer, *(layer for layer in layers if layer != own.layer)]
        for layer in layers:
            oid = self._values(layer, field).get(value)
            if oid is not None:
                return [ObjectKey(layer, oid)]
        return []

    def _values(self, layer: str, field: str) -> dict[str, int]:
        if (layer, field) not in self._by_value:
            found = business_keys(self._session.project.data.get(layer), field)
            self._by_value[layer, field] = {} if found is None else found.single()
        return self._by_value[layer, field]


# --- topics in the project --------------------------------------------------------------------------------------------


def new_topic(session: Session, title: str, view: TopicView | None = None, **fields: Any) -> Topic:
    """Begin a topic.

    Parameters
    ----------
    session : Session
    title : str
    view : TopicView, optional
        How to look at it.
    **fields
        Any of the fields of a topic, as ``description``, ``kind``, ``status``, ``priority``, ``labels``; without an
        ``author`` it is whoever works here, an empty one is nobody that is known.

    Raises
    ------
    UserError
        ``topic.no_title``.
    """
    if not title.strip():
        raise UserError("topic.no_title")
    views = () if view is None else (view,)
    said_by = fields.pop("author", None)
    said_by = author(session) if said_by is None else said_by
    topic = Topic(new_guid(), title.strip(), now(), said_by, files=files_of(session, views), views=views, **fields)
    _do(session, "history.new_topic", lambda topics: (*topics, topic))
    return topic


def change_topic(session: Session, guid: str, **fields: Any) -> None:
    """Change fields of a topic, and say who did and when."""
    topic = replace(find_topic(session, guid), **fields, modified_date=now(), modified_author=author(session))
    put_topics(session, "history.change_topic", [topic])


def put_topics(session: Session, label: str, topics: Iterable[Topic]) -> None:
    """Put topics into the place of those with their guids, in one step of the history."""
    fresh = {topic.guid: topic for topic in topics}
    _do(session, label, lambda known: tuple(fresh.get(one.guid, one) for one in known))


def add_comment(session: Session, guid: str, text: str, view: TopicView | None = None) -> None:
    """Say something about a topic, perhaps with a view of its own.

    Raises
    ------
    UserError
        ``topic.no_text``.
    """
    if not text.strip():
        raise UserError("topic.no_text")
    topic = find_topic(session, guid)
    comment = Comment(new_guid(), now(), author(session), text.strip(), view.guid if view else "")
    views = topic.views if view is None else (*topic.views, view)
    put_topics(session, "history.add_comment", [replace(topic, comments=(*topic.comments, comment), views=views)])


def delete_topic(session: Session, guid: str) -> None:
    """Forget a topic; undo brings it back."""
    find_topic(session, guid)
    _do(session, "history.delete_topic", lambda topics: tuple(one for one in topics if one.guid != guid))


def find_topic(session: Session, guid: str) -> Topic:
    """Return a topic.

    Raises
    ------
    UserError
        ``topic.unknown``.
    """
    for topic in session.project.state.topics:
        if topic.guid == guid:
            return topic
    raise UserError("topic.unknown", topic=guid)


def _do(session: Session, label: str, change: Callable[[tuple[Topic, ...]], tuple[Topic, ...]]) -> None:
    def changed(state: ProjectState) -> ProjectState:
        return replace(state, topics=change(state.topics))

    session.history.do(label, changed)


# --- looking ----------------------------------------------------------------------------------------------------------


def look_at(session: Session, topic: Topic, view: TopicView) -> Camera | None:
    """Select, hide, colour and cut as a view says, and return the camera in the project's CRS.

    What a view does not say is left as it was: only a view with components changes what is seen.
    """
    here = _in_project(session, topic, view)
    find = _finder(session)
    exceptions = set(find(view.exceptions))
    colours: dict[ObjectKey, tuple[int, int, int, int]] = {}
    ghosts: set[ObjectKey] = set()
    for text, things in view.colours:
        rgba = _rgba(text)
        if rgba is None:
            continue
        for key in find(things):
            if rgba[3] < _GHOST_BELOW:
                ghosts.add(key)
            else:
                colours[key] = rgba
    for layer, data in model_layers(session):
        if not layer.visible:  # nothing of it is seen anyway
            continue
        seen = np.flatnonzero(drawn(data)).tolist()
        named = {key.oid for key in exceptions if key.layer == layer.id}
        hidden = named if view.shown_by_default else set(seen) - named
        own = {key.oid: rgba for key, rgba in colours.items() if key.layer == layer.id}
        faded = frozenset(key.oid for key in ghosts if key.layer == layer.id) - hidden
        rooms = not view.shown_by_default and bool(data.elements["ifc_class"].iloc[sorted(named)].eq("IfcSpace").any())
        session.visibility.set(layer.id, ElementAppearance(frozenset(hidden), faded, own or None, spaces=rooms))
    of_model = view.in_model or _model_of(session, topic, view) is not None
    session.visibility.set_cut(Cut(planes=here.planes, models_only=of_model))
    session.selection.set(find(view.selected))
    return here.camera


def _rgba(text: str) -> tuple[int, int, int, int] | None:
    """Return ``RRGGBB`` or ``AARRGGBB`` as numbers."""
    digits = text.lstrip("#")
    try:
        number = int(digits, 16)
    except ValueError:
        return None
    if len(digits) == 6:
        return number >> 16 & 255, number >> 8 & 255, number & 255, 255
    if len(digits) == 8:
        return number >> 16 & 255, number >> 8 & 255, number & 255, number >> 24 & 255
    return None


def _in_project(session: Session, topic: Topic, view: TopicView) -> TopicView:
    if not view.in_model:
        return view
    matrix = _matrix_of(session, topic, view)
    return view if matrix is None else _moved(view, matrix, in_model=False)


def _in_model(session: Session, topic: Topic, view: TopicView) -> tuple[TopicView, bool]:
    """Return a view in its model's coordinates, and whether there was a model to refer to."""
    if view.in_model:
        return view, True
    matrix = _matrix_of(session, topic, view)
    if matrix is None:
        return view, False
    return _moved(view, np.asarray(np.linalg.inv(matrix), dtype=np.float64), in_model=True), True


def _matrix_of(session: Session, topic: Topic, view: TopicView) -> Matrix | None:
    """Return the matrix from the topic's model to the project's CRS; None where no model is meant or open."""
    layer = _model_of(session, topic, view)
    return None if layer is None else world_matrix(session, *layer)


def _model_of(session: Session, topic: Topic, view: TopicView) -> tuple[Layer, ModelData] | None:
    """Return the model to which a view refers: of what is selected, of the files named, of what is shown or hidden."""
    models = model_layers(session)

    def with_one_of(components: Iterable[Component]) -> tuple[Layer, ModelData] | None:
        named = {one.ifc_guid for one in components if one.ifc_guid}
        return next((pair for pair in models if not named.isdisjoint(pair[1].elements["guid"])), None)

    files = {Path(one.name).name for one in topic.files if one.name}
    of_file = next((pair for pair in models if Path(pair[0].source.path).name in files), None)
    return with_one_of(view.selected) or of_file or with_one_of(view.exceptions)


def world_matrix(session: Session, layer: Layer, data: ModelData) -> Matrix:
    """Return the matrix (4, 4) from a model's coordinates to the project's CRS, as the model is drawn."""
    from models.bim.model_matrix import world_matrix as matrix_of
    from viewers.render.scene.offscreen import ground_of

    state = session.project.state
    ground = ground_of(state, session.project.data)
    if state.frame is None:
        raise UserError("project.no_frame")
    return matrix_of(layer, data, state.frame, ground)


def _moved(view: TopicView, matrix: Matrix, *, in_model: bool) -> TopicView:
    def point(at: Vector) -> Vector:
        x, y, z = (float(value) for value in (matrix @ [*at, 1.0])[:3])
        return x, y, z

    def direction(along: Vector) -> Vector:
        turned = matrix[:3, :3] @ np.array(along)
        x, y, z = (float(value) for value in turned / (np.linalg.norm(turned) or 1.0))
        return x, y, z

    camera = view.camera
    if camera is not None:
        camera = replace(
            camera, position=point(camera.position), focal_point=point(camera.focal_point), up=direction(camera.up)
        )
    return replace(
        view,
        in_model=in_model,
        camera=camera,
        planes=tuple(Plane(point(one.point), direction(one.normal)) for one in view.planes),
        lines=tuple((point(start), point(end)) for start, end in view.lines),
    )


def files_of(session: Session, views: Sequence[TopicView]) -> tuple[ModelFile, ...]:
    """Return the IFC files that views speak of: those of what is selected, else of what stands out from the rest."""
    selected = [one for view in views for one in view.selected if one.ifc_guid]
    others = [one for view in views for one in view.exceptions if one.ifc_guid]
    shown = {layer.id for layer, _ in model_layers(session) if layer.visible}
    layers = {key.layer for key in keys_of(session, selected or others)}
    layers = layers if selected else layers & shown
    return tuple(
        ModelFile(
            Path(layer.source.path).name or layer.name,
            next(iter(data.elements.loc[data.elements["ifc_class"] == "IfcProject", "guid"]), ""),
        )
        for layer, data in model_layers(session)
        if layer.id in layers
    )


# --- exchange ---------------------------------------------------------------------------------------------------------


def export_bcf(session: Session, path: Path, version: str = "3.0", guids: Sequence[str] = ()) -> Job:
    """Write topics as a BCF file.

    Parameters
    ----------
    session : Session
    path : Path
        ``.bcf`` or ``.bcfzip``.
    version : str
        ``"2.1"`` or ``"3.0"``.
    guids : sequence of str
        Topics to write, all where empty.

    Raises
    ------
    UserError
        ``topic.none``.
    """
    state, path = session.project.state, Path(path)
    chosen = [topic for topic in state.topics if not guids or topic.guid in guids]
    if not chosen:
        raise UserError("topic.none")
    name = state.name or (session.project.path.stem if session.project.path else "")
    ready: list[Topic] = []
    adrift = 0
    for topic in chosen:
        views = [_in_model(session, topic, view) for view in topic.views]
        adrift += sum(not has_model and view.camera is not None for view, has_model in views)
        ready.append(replace(topic, views=tuple(view for view, _ in views)))
    lang = session.lang

    def work(progress: Progress) -> None:
        from viewers.documents import bcf, city_bcf

        city = b"" if state.frame is None else city_bcf.document(chosen, state.frame, name, lang)
        shown = ready if state.frame is None else [city_bcf.for_others(topic, lang) for topic in ready]
        bcf.write(shown, path, version, name, progress, city)

    def done(_: None) -> None:
        session.notices.info("notice.bcf_written", file=path.name, count=len(ready))
        if adrift:
            session.notices.add(notice_of_caution(Caution("bcf.in_project_crs", file=path.name, count=adrift)))

    return session.run("job.export_bcf", work, done, file=path.name)


def import_bcf(session: Session, path: Path) -> Job:
    """Read a BCF file; topics that are here already are brought together with what it says of them."""
    path = Path(path)

    def work(progress: Progress) -> Any:
        from viewers.documents import bcf

        return bcf.read(path, progress)

    def done(parcel: Any) -> None:
        for caution in parcel.cautions:
            session.notices.add(notice_of_caution(caution))
        here = {topic.guid: topic for topic in session.project.state.topics}
        fresh = 0
        for topic in (_in_place(session, one, parcel.city) for one in parcel.topics):
            fresh += topic.guid not in here
            here[topic.guid] = merged(here[topic.guid], topic) if topic.guid in here else topic
        _do(session, "history.import_bcf", lambda _: tuple(here.values()))
        session.notices.info("notice.bcf_read", file=path.name, count=len(parcel.topics), fresh=fresh)

    return session.run("job.import_bcf", work, done, file=path.name)


def _in_place(session: Session, topic: Topic, city: City | None) -> Topic:
    """Return a topic that was read, with what its City BCF document says in real-world coordinates set down here.

    A view of a model that is open here stays in the coordinates of its file: should the model stand elsewhere in this
    project, the view goes with it.
    """
    frame = session.project.state.frame
    if city is None:
        return topic
    from models.crs.doctor.reframed import reframed_topics
    from viewers.documents.city_bcf import in_world

    views = tuple(
        view if _model_of(session, topic, view) is not None else in_world(view, topic, city) for view in topic.views
    )
    placed = replace(topic, views=views)
    return placed if frame is None else reframed_topics([placed], city.crs, frame.horizontal)[0]
