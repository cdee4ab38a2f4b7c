"""BCF files, 2.0 (read), 2.1 and 3.0: topics of a review as every BIM tool reads and writes them.

The XML classes are bcf-client's; its readers and writers are not used, because they stop at the first thing a tool did
in its own way, print, and need IfcOpenShell.

Invariants
----------
1. Nothing is unpacked: members are read by name, up to :data:`LIMIT_BYTES` together; XML with a DTD is refused.
2. What this module does not keep (attached documents, snippets, bitmaps) is counted in a caution, never dropped
   silently. One document is understood: that of :mod:`viewers.documents.city_bcf`.
3. A file is written whole or not at all; the same topics give the same bytes.
"""

from __future__ import annotations

import datetime
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree.ElementTree import tostring

import bcf.v2.model as bcf21
import bcf.v3.model as bcf30
import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from xsdata.exceptions import ParserError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDateTime

from models.core.errors import Caution, UserError
from models.core.foreign import foreign
from models.core.progress import Progress
from models.review.topics import (
    KINDS,
    PRIORITIES,
    STATUSES,
    Comment,
    Component,
    ModelFile,
    Topic,
    TopicView,
)
from models.store.atomic import replacing
from models.store.whole_files import of_members
from models.views.camera import Camera, Vector
from models.views.visibility import Plane
from viewers.documents import city_bcf
from viewers.documents.bcf_elder import complete
from viewers.documents.city_bcf import City

VERSIONS = ("2.1", "3.0")
#: A BCF file that unpacks to more than this is refused.
LIMIT_BYTES = 2 * 1024**3
#: BCF 2.1 allows opening angles between these; another is replaced by the nearest and the eye moved to match.
ANGLES_21_DEG = (45.0, 60.0)
#: Where each version keeps its lists, from the root of a topic's markup.
_LISTS_21 = {
    "views": "viewpoints", "comments": "comment", "files": "header.file", "labels": "topic.labels",
    "links": "topic.reference_link", "related": "topic.related_topic", "documents": "topic.document_reference",
}  # fmt: skip
_LISTS_30 = {
    "views": "topic.viewpoints.view_point", "comments": "topic.comments.comment", "files": "header.files.file",
    "labels": "topic.labels.label", "links": "topic.reference_links.reference_link",
    "related": "topic.related_topics.related_topic", "documents": "topic.document_references.document_reference",
}  # fmt: skip
#: What unpacking a member raises: cut off, damaged, encrypted, packed in an odd way.
BROKEN = (EOFError, OSError, zlib.error, NotImplementedError, RuntimeError)
_EYE_M = 10.0  # BCF has a direction where a camera has a point it looks at


@dataclass(slots=True)
class Parcel:
    """What a BCF file held; ``city`` is its City BCF document, whose words are in the topics already."""

    version: str
    project: str = ""
    topics: list[Topic] = field(default_factory=list)
    city: City | None = None
    cautions: list[Caution] = field(default_factory=list)


def read(path: Path, progress: Progress | None = None) -> Parcel:
    """Read a BCF file.

    Raises
    ------
    UserError
        ``bcf.not_bcf``, ``bcf.version``, ``bcf.too_large``, ``bcf.damaged``.
    """
    path, progress = Path(path), progress or Progress()
    if not path.is_file():
        raise UserError("io.missing", file=path.name)
    with foreign(path):
        return _opened(path, progress)


def _opened(path: Path, progress: Progress) -> Parcel:
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, path.name, progress)
    except zipfile.BadZipFile as error:
        raise UserError("bcf.not_bcf", file=path.name) from error
    except BROKEN as error:
        raise UserError("bcf.damaged", file=path.name, member=str(error)[:120]) from error


def write(
    topics: Sequence[Topic], path: Path, version: str = "3.0", project: str = "", progress: Progress | None = None,
    city: bytes = b"",
) -> None:  # fmt: skip
    """Write topics as one BCF file.

    Parameters
    ----------
    topics : sequence of Topic
        Views in the coordinates of the model they speak of.
    path : Path
    version : str
        ``"2.1"`` or ``"3.0"``.
    project : str
        Name of the project.
    progress : Progress, optional
    city : bytes
        The City BCF document of these topics, attached to each; empty for none.
    """
    mdl: ModuleType = bcf30 if version == "3.0" else bcf21
    progress = progress or Progress()
    written: list[str] = []
    with (
        replacing(Path(path), of_members(written)) as fresh,
        zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        writer = _Writer(archive, mdl, city_bcf.guid_of(city.decode()) if city else "")
        project_id = city_bcf.guid_of("project", project)
        if version == "3.0":
            writer.put("bcf.version", mdl.Version(version_id="3.0"))
            writer.put("extensions.xml", _extensions(topics))
            info: Any = mdl.ProjectInfo(project=mdl.Project(name=project or None, project_id=project_id))
        else:
            writer.put("bcf.version", mdl.Version(detailed_version="2.1", version_id="2.1"))
            # The schema that the project file must name is optional to ship; an empty name is what others write.
            own = mdl.Project(name=project or None, project_id=project_id)
            info = mdl.ProjectExtension(project=own, extension_schema="")
        writer.put("project.bcfp", info)
        if city:
            _put_city(writer, city, version)
        for number, topic in enumerate(topics):
            progress.step(number / max(len(topics), 1), "progress.bcf.writing")
            _write_topic(writer, topic, version)
        written += archive.namelist()


# --- reading ----------------------------------------------------------------------------------------------------------


class _Reader:
    """Reads members of one archive into the XML classes, tolerant of what a tool added."""

    def __init__(self, archive: zipfile.ZipFile, file: str) -> None:
        self.archive, self.file = archive, file
        self.names = {info.filename: info for info in archive.infolist()}
        self._left = LIMIT_BYTES
        self.version = ""
        config = ParserConfig(
            fail_on_unknown_properties=False, fail_on_unknown_attributes=False, fail_on_converter_warnings=False
        )
        self._parser = XmlParser(config=config, context=XmlContext())

    def raw(self, name: str) -> bytes:
        """Return a member, empty where there is none."""
        info = self.names.get(name)
        if info is None:
            return b""
        if info.file_size > self._left:
            raise UserError("bcf.too_large", file=self.file)
        try:
            with self.archive.open(info) as member:
                data = member.read(self._left + 1)  # the size in the directory may lie
        except (*BROKEN, zipfile.BadZipFile) as error:
            raise UserError("bcf.damaged", file=self.file, member=name) from error
        self._left -= len(data)
        if self._left < 0:
            raise UserError("bcf.too_large", file=self.file)
        return data

    def xml(self, name: str, kind: type) -> Any:
        """Return a member as one of the XML classes, None where there is none."""
        data = self.raw(name)
        if not data:
            return None
        try:
            root = fromstring(data, forbid_dtd=True)
            complete(root, self.version)
            return self._parser.from_bytes(tostring(root), kind)
        except (DefusedXmlException, ParseError, ParserError, ValueError, TypeError, LookupError) as error:
            raise UserError("bcf.damaged", file=self.file, member=name) from error


def _read(archive: zipfile.ZipFile, file: str, progress: Progress) -> Parcel:
    reader = _Reader(archive, file)
    if "bcf.version" not in reader.names:
        raise UserError("bcf.not_bcf", file=file)
    version = str(getattr(reader.xml("bcf.version", bcf21.Version), "version_id", "") or "")
    if version[:1] not in ("2", "3"):
        raise UserError("bcf.version", file=file, version=version or "–")
    mdl: ModuleType = bcf30 if version.startswith("3") else bcf21
    reader.version = version
    parcel = Parcel(version)
    info = _or_none(reader, "project.bcfp", mdl.ProjectInfo if mdl is bcf30 else mdl.ProjectExtension, parcel)
    parcel.project = str(getattr(getattr(info, "project", None), "name", "") or "")
    marks = sorted(name for name in reader.names if posixpath.basename(name) == "markup.bcf")
    dropped = 0
    parcel.city = _city(reader, parcel)
    for number, name in enumerate(marks):
        progress.step(number / len(marks), "progress.bcf.reading")
        markup = _or_none(reader, name, mdl.Markup, parcel)
        if markup is None or markup.topic is None:
            continue
        try:
            topic, lost = _topic(reader, posixpath.dirname(name), markup, mdl, parcel)
        except (ValueError, TypeError, AttributeError, LookupError):  # values that the XML classes let through
            parcel.cautions.append(Caution("bcf.member_damaged", file=reader.file, member=name))
            continue
        parcel.topics.append(topic if parcel.city is None else city_bcf.taken_in(topic, parcel.city))
        dropped += lost
    if dropped:
        parcel.cautions.append(Caution("bcf.not_kept", file=file, count=dropped))
    if marks and not parcel.topics:
        raise UserError("bcf.damaged", file=file, member=marks[0])
    return parcel


def _city(reader: _Reader, parcel: Parcel) -> City | None:
    """Return the City BCF document of an archive; one that is not sound costs itself and a caution."""
    name = city_bcf.FILE_NAME
    listed = _or_none(reader, "documents.xml", bcf30.DocumentInfo, parcel) if parcel.version.startswith("3") else None
    for one in _listed(listed, "documents.document"):
        if one.filename == city_bcf.FILE_NAME and one.guid:
            name = f"Documents/{one.guid}"
    if name not in reader.names:
        return None
    small = reader.names[name].file_size <= city_bcf.LIMIT_BYTES
    city = city_bcf.parse(_picture(reader, name, parcel)) if small else None
    if city is None:
        parcel.cautions.append(Caution("bcf.city_unread", file=reader.file))
    return city


def _or_none(reader: _Reader, name: str, kind: type, parcel: Parcel) -> Any:
    """Read a member; one that is broken costs itself and a caution, not the file."""
    try:
        return reader.xml(name, kind)
    except UserError as error:
        if error.code != "bcf.damaged":
            raise
        parcel.cautions.append(Caution("bcf.member_damaged", file=reader.file, member=name))
        return None


def _picture(reader: _Reader, name: str, parcel: Parcel) -> bytes:
    """Read a snapshot; one that cannot be unpacked costs the picture and a caution."""
    try:
        return reader.raw(name)
    except UserError as error:
        if error.code != "bcf.damaged":
            raise
        parcel.cautions.append(Caution("bcf.member_damaged", file=reader.file, member=name))
        return b""


def _topic(reader: _Reader, folder: str, markup: Any, mdl: ModuleType, parcel: Parcel) -> tuple[Topic, int]:
    """Return a topic, and how many attachments of it are not kept."""
    raw, is_3 = markup.topic, mdl is bcf30
    places = _LISTS_30 if is_3 else _LISTS_21
    listed = {name: _listed(markup, place) for name, place in places.items()}
    views = []
    for one in listed["views"]:
        seen = (
            _or_none(reader, posixpath.join(folder, one.viewpoint), mdl.VisualizationInfo, parcel)
            if one.viewpoint
            else None
        )
        snapshot = _picture(reader, posixpath.join(folder, one.snapshot), parcel) if one.snapshot else b""
        views.append(_view(one.guid, seen, snapshot, is_3))
    topic = Topic(
        guid=raw.guid or posixpath.basename(folder),
        title=raw.title or "",
        date=_moment(raw.creation_date),
        author=raw.creation_author or "",
        description=raw.description or "",
        kind=raw.topic_type or "",
        status=raw.topic_status or "",
        priority=raw.priority or "",
        stage=raw.stage or "",
        labels=tuple(listed["labels"]),
        assigned_to=raw.assigned_to or "",
        due_date=_moment(raw.due_date),
        modified_date=_moment(raw.modified_date),
        modified_author=raw.modified_author or "",
        links=tuple(listed["links"]),
        related=tuple(one.guid for one in listed["related"]),
        files=tuple(
            ModelFile(one.filename or one.reference or "", one.ifc_project or "", _moment(one.date))
            for one in listed["files"]
        ),
        comments=tuple(
            Comment(
                one.guid, _moment(one.date), one.author or "", one.comment or "",
                one.viewpoint.guid if one.viewpoint else "", _moment(one.modified_date), one.modified_author or "",
            )
            for one in listed["comments"]
        ),
        views=tuple(views),
    )  # fmt: skip
    attached = [one for one in listed["documents"] if one.description != city_bcf.DESCRIPTION]
    return topic, len(attached) + (raw.bim_snippet is not None)


def _listed(root: Any, place: str) -> list[Any]:
    """Follow a dotted path of attributes to a list; empty where anything on the way is missing."""
    for name in place.split("."):
        root = getattr(root, name, None)
    return list(root or ())


def _view(guid: str, seen: Any, snapshot: bytes, is_3: bool) -> TopicView:
    if seen is None:
        return TopicView(guid, snapshot=snapshot)
    parts = seen.components
    visibility = getattr(parts, "visibility", None)
    colouring = getattr(parts, "coloring", None)
    shown = getattr(visibility, "default_visibility", None)
    camera, aspect = _camera(seen)
    return TopicView(
        guid=guid or seen.guid,
        camera=camera,
        in_model=True,
        aspect=aspect,
        selected=_components(getattr(parts, "selection", None)),
        shown_by_default=True if visibility is None else bool(shown),
        exceptions=_components(getattr(visibility, "exceptions", None)),
        colours=tuple(
            (one.color or "", _components(one.components if is_3 else one)) for one in getattr(colouring, "color", ())
        ),
        planes=tuple(
            Plane(_vector(one.location), _vector(one.direction))
            for one in getattr(seen.clipping_planes, "clipping_plane", ())
        ),
        lines=tuple((_vector(one.start_point), _vector(one.end_point)) for one in getattr(seen.lines, "line", ())),
        snapshot=snapshot,
    )


def _camera(seen: Any) -> tuple[Camera | None, float]:
    raw = seen.perspective_camera or seen.orthogonal_camera
    if raw is None or raw.camera_view_point is None or raw.camera_direction is None:
        return None, 0.0
    eye, ahead = np.array(_vector(raw.camera_view_point)), np.array(_vector(raw.camera_direction))
    length = float(np.linalg.norm(ahead))
    if not np.isfinite(eye).all() or not length > 0:
        return None, 0.0
    target = eye + ahead / length * _EYE_M
    up = _vector(raw.camera_up_vector) if raw.camera_up_vector is not None else (0.0, 0.0, 1.0)
    aspect = float(getattr(raw, "aspect_ratio", 0.0) or 0.0)
    if seen.perspective_camera is not None:
        return Camera(_tuple(eye), _tuple(target), up, float(raw.field_of_view or 60.0)), aspect
    return Camera(_tuple(eye), _tuple(target), up, parallel_scale_m=float(raw.view_to_world_scale) / 2), aspect


def _components(group: Any) -> tuple[Component, ...]:
    return tuple(
        Component(one.ifc_guid or "", one.originating_system or "", one.authoring_tool_id or "")
        for one in getattr(group, "component", None) or ()
    )


def _vector(point: Any) -> Vector:
    return float(point.x), float(point.y), float(point.z)


def _tuple(values: Any) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _moment(value: Any) -> str:
    return "" if value is None else str(value)


# --- writing ----------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes members; ``city`` is the guid of the City BCF document, empty for none."""

    def __init__(self, archive: zipfile.ZipFile, mdl: ModuleType, city: str = "") -> None:
        self.archive, self.mdl, self.city = archive, mdl, city
        self._serializer = XmlSerializer(config=SerializerConfig(indent="  "), context=XmlContext())

    def put(self, name: str, thing: Any) -> None:
        """Write one of the XML classes as a member."""
        self.put_bytes(name, self._serializer.render(thing).encode())

    def put_bytes(self, name: str, data: bytes) -> None:
        """Write a member as of no particular moment."""
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        self.archive.writestr(info, data)


def _put_city(writer: _Writer, city: bytes, version: str) -> None:
    if version == "3.0":
        one = bcf30.Document(filename=city_bcf.FILE_NAME, description=city_bcf.DESCRIPTION, guid=writer.city)
        listed = bcf30.DocumentInfo(documents=bcf30.DocumentInfoDocuments(document=[one]))
        writer.put("documents.xml", listed)
        writer.put_bytes(f"Documents/{writer.city}", city)
    else:
        writer.put_bytes(city_bcf.FILE_NAME, city)


def _extensions(topics: Iterable[Topic]) -> Any:
    """Return the lists of words a 3.0 file must declare: ours and those that the topics use."""

    def words(known: Sequence[str], used: Iterable[str]) -> list[str]:
        return list(dict.fromkeys([*known, *filter(None, used)]))

    topics = list(topics)
    people = (person for topic in topics for person in (topic.author, topic.assigned_to))
    return bcf30.Extensions(
        topic_types=bcf30.ExtensionsTopicTypes(topic_type=words(KINDS, (topic.kind for topic in topics))),
        topic_statuses=bcf30.ExtensionsTopicStatuses(topic_status=words(STATUSES, (topic.status for topic in topics))),
        priorities=bcf30.ExtensionsPriorities(priority=words(PRIORITIES, (topic.priority for topic in topics))),
        topic_labels=bcf30.ExtensionsTopicLabels(
            topic_label=words((), (label for topic in topics for label in topic.labels))
        ),
        users=bcf30.ExtensionsUsers(user=words((), people)),
        stages=bcf30.ExtensionsStages(stage=words((), (topic.stage for topic in topics))),
    )


def _write_topic(writer: _Writer, topic: Topic, version: str) -> None:
    mdl, is_3 = writer.mdl, version == "3.0"
    folder = topic.guid
    listed = []
    for number, view in enumerate(topic.views):
        stem = "viewpoint" if number == 0 else view.guid  # the first has the name that old tools look for
        picture = ""
        if view.snapshot:
            ending = "jpg" if view.snapshot[:2] == b"\xff\xd8" else "png"
            picture = f"snapshot.{ending}" if number == 0 else f"{view.guid}.{ending}"
            writer.put_bytes(f"{folder}/{picture}", view.snapshot)
        writer.put(f"{folder}/{stem}.bcfv", _visualization(view, mdl, is_3))
        listed.append(mdl.ViewPoint(viewpoint=f"{stem}.bcfv", snapshot=picture or None, index=number, guid=view.guid))
    raw_comments = [
        mdl.Comment(
            date=_xml_moment(one.date), author=one.author or "–", comment=one.text,
            viewpoint=mdl.CommentViewpoint(guid=one.view) if one.view else None,
            modified_date=_xml_moment_or_none(one.modified_date), modified_author=one.modified_author or None,
            guid=one.guid,
        )
        for one in topic.comments
    ]  # fmt: skip
    common = {
        "title": topic.title or "–", "priority": topic.priority or None, "creation_date": _xml_moment(topic.date),
        "creation_author": topic.author or "–", "modified_date": _xml_moment_or_none(topic.modified_date),
        "modified_author": topic.modified_author or None, "due_date": _xml_moment_or_none(topic.due_date),
        "assigned_to": topic.assigned_to or None, "stage": topic.stage or None,
        "description": topic.description or None, "guid": topic.guid,
    }  # fmt: skip
    if is_3:
        raw = mdl.Topic(
            **common,
            topic_type=topic.kind or KINDS[0],
            topic_status=topic.status or STATUSES[0],
            labels=mdl.TopicLabels(label=list(topic.labels)) if topic.labels else None,
            reference_links=mdl.TopicReferenceLinks(reference_link=list(topic.links)) if topic.links else None,
            related_topics=mdl.TopicRelatedTopics(
                related_topic=[mdl.TopicRelatedTopicsRelatedTopic(guid=guid) for guid in topic.related]
            )
            if topic.related
            else None,
            comments=mdl.TopicComments(comment=raw_comments) if raw_comments else None,
            viewpoints=mdl.TopicViewpoints(view_point=listed) if listed else None,
            document_references=mdl.TopicDocumentReferences(
                document_reference=[
                    mdl.DocumentReference(
                        document_guid=writer.city, description=city_bcf.DESCRIPTION,
                        guid=city_bcf.guid_of(topic.guid, writer.city),
                    )
                ]
            )
            if writer.city
            else None,
        )  # fmt: skip
        files = [_file(one, mdl.File) for one in topic.files]
        markup = mdl.Markup(header=mdl.Header(files=mdl.HeaderFiles(file=files)) if files else None, topic=raw)
    else:
        raw = mdl.Topic(
            **common,
            topic_type=topic.kind or None,
            topic_status=topic.status or None,
            labels=list(topic.labels),
            reference_link=list(topic.links),
            related_topic=[mdl.TopicRelatedTopic(guid=guid) for guid in topic.related],
            document_reference=[
                mdl.TopicDocumentReference(
                    referenced_document=f"../{city_bcf.FILE_NAME}", description=city_bcf.DESCRIPTION,
                    guid=city_bcf.guid_of(topic.guid, writer.city),
                )
            ]
            if writer.city
            else [],
        )  # fmt: skip
        files = [_file(one, mdl.HeaderFile) for one in topic.files]
        markup = mdl.Markup(
            header=mdl.Header(file=files) if files else None, topic=raw, comment=raw_comments, viewpoints=listed
        )
    writer.put(f"{folder}/markup.bcf", markup)


def _file(one: ModelFile, kind: Any) -> Any:
    return kind(
        filename=one.name or None, ifc_project=one.ifc_project or None, date=_xml_moment_or_none(one.date),
        is_external=True,
    )  # fmt: skip


def _visualization(view: TopicView, mdl: ModuleType, is_3: bool) -> Any:
    exceptions = (
        mdl.ComponentVisibilityExceptions(component=_raw_components(view.exceptions, mdl)) if view.exceptions else None
    )
    colours = [
        mdl.ComponentColoringColor(
            color=colour,
            **(
                {"components": mdl.ComponentColoringColorComponents(component=_raw_components(things, mdl))}
                if is_3
                else {"component": _raw_components(things, mdl)}
            ),
        )
        for colour, things in view.colours
        if things
    ]
    camera: dict[str, Any] = {}
    if view.camera is not None:
        camera = _raw_camera(view.camera, view.aspect or 1.5, mdl, is_3)
    planes = [
        mdl.ClippingPlane(location=_xyz(mdl.Point, one.point), direction=_xyz(mdl.Direction, one.normal))
        for one in view.planes
    ]
    lines = [mdl.Line(start_point=_xyz(mdl.Point, start), end_point=_xyz(mdl.Point, end)) for start, end in view.lines]
    return mdl.VisualizationInfo(
        components=mdl.Components(
            selection=mdl.ComponentSelection(component=_raw_components(view.selected, mdl)) if view.selected else None,
            visibility=mdl.ComponentVisibility(exceptions=exceptions, default_visibility=view.shown_by_default),
            coloring=mdl.ComponentColoring(color=colours) if colours else None,
        ),
        clipping_planes=mdl.VisualizationInfoClippingPlanes(clipping_plane=planes) if planes else None,
        lines=mdl.VisualizationInfoLines(line=lines) if lines else None,
        guid=view.guid,
        **camera,
    )


def _raw_camera(camera: Camera, aspect: float, mdl: ModuleType, is_3: bool) -> dict[str, Any]:
    eye, target = np.array(camera.position), np.array(camera.focal_point)
    ahead = target - eye
    distance = float(np.linalg.norm(ahead)) or 1.0
    ahead = ahead / distance
    right = np.cross(ahead, np.array(camera.up))
    up = np.cross(right, ahead) / (float(np.linalg.norm(right)) or 1.0)
    angle, is_map = camera.angle_deg, camera.parallel_scale_m is not None
    if not is_3 and not is_map and not ANGLES_21_DEG[0] <= angle <= ANGLES_21_DEG[1]:
        wanted = min(max(angle, ANGLES_21_DEG[0]), ANGLES_21_DEG[1])
        eye = target - ahead * distance * np.tan(np.radians(angle / 2)) / np.tan(np.radians(wanted / 2))
        angle = wanted
    stand = {
        "camera_view_point": _xyz(mdl.Point, eye),
        "camera_direction": _xyz(mdl.Direction, ahead),
        "camera_up_vector": _xyz(mdl.Direction, up),
        **({"aspect_ratio": aspect} if is_3 else {}),
    }
    if camera.parallel_scale_m is not None:
        return {"orthogonal_camera": mdl.OrthogonalCamera(view_to_world_scale=camera.parallel_scale_m * 2, **stand)}
    return {"perspective_camera": mdl.PerspectiveCamera(field_of_view=angle, **stand)}


def _xyz(kind: Any, values: Iterable[float]) -> Any:
    x, y, z = (float(value) for value in values)
    return kind(x=x, y=y, z=z)


def _raw_components(things: Iterable[Component], mdl: ModuleType) -> list[Any]:
    return [
        mdl.Component(
            originating_system=one.system or None, authoring_tool_id=one.tool_id or None, ifc_guid=one.ifc_guid or None
        )
        for one in things
    ]


def _xml_moment(text: str) -> XmlDateTime:
    """Return a moment for XML; BCF demands one, so what says none becomes now."""
    return _xml_moment_or_none(text) or XmlDateTime.from_datetime(datetime.datetime.now().astimezone())


def _xml_moment_or_none(text: str) -> XmlDateTime | None:
    if not text:
        return None
    try:
        return XmlDateTime.from_string(text)
    except ValueError:
        return None
