"""A reader of BCF 2.1 and 3.0 of its own: lxml and a zip, written after the standard's documentation.

It is strict where the standard is: order of elements, ids, one camera a viewpoint, files that are named and there. It
passes over what it does not know, as the standard asks of readers.
"""

import re
import zipfile
from dataclasses import dataclass, field

from lxml import etree

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
IFC_GUID = re.compile(r"[0-9A-Za-z_$]{22}")
#: Order of the elements of a topic, BCF 2.1 markup.xsd and BCF 3.0 markup.xsd.
ORDER = {
    "2.1": ("ReferenceLink", "Title", "Priority", "Index", "Labels", "CreationDate", "CreationAuthor", "ModifiedDate",
            "ModifiedAuthor", "DueDate", "AssignedTo", "Stage", "Description", "BimSnippet", "DocumentReference",
            "RelatedTopic"),
    "3.0": ("ReferenceLinks", "Title", "Priority", "Index", "Labels", "CreationDate", "CreationAuthor", "ModifiedDate",
            "ModifiedAuthor", "DueDate", "AssignedTo", "Stage", "Description", "BimSnippet", "DocumentReferences",
            "RelatedTopics", "Comments", "Viewpoints"),
}  # fmt: skip


@dataclass
class Seen:
    """A viewpoint as another program sees it."""

    eye: tuple[float, float, float] | None
    ahead: tuple[float, float, float] | None
    guids: list[str]
    others: list[tuple[str, str]]
    planes: list[tuple[float, ...]]
    snapshot: bytes


@dataclass
class Found:
    """A topic as another program sees it."""

    title: str
    labels: list[str]
    status: str
    comments: list[str]
    views: list[Seen]
    view_files: list[str]
    documents: list[bytes] = field(default_factory=list)


def read(path):
    """Return the version and the topics by guid."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert len(names) == len(archive.namelist())
        version = etree.fromstring(archive.read("bcf.version")).get("VersionId")
        documents = {}
        if version == "3.0":
            assert {"extensions.xml"} <= names
            if "documents.xml" in names:
                for one in etree.fromstring(archive.read("documents.xml")).iterfind("Documents/Document"):
                    documents[one.get("Guid")] = archive.read(f"Documents/{one.get('Guid')}")
        folders = sorted({name.split("/")[0] for name in names if name.endswith("/markup.bcf")})
        return version, {folder: _topic(archive, folder, version, documents) for folder in folders}


def _topic(archive, folder, version, documents):
    root = etree.fromstring(archive.read(f"{folder}/markup.bcf"))
    topic, is_3 = root.find("Topic"), version == "3.0"
    assert topic.get("Guid") == folder
    assert GUID.fullmatch(folder)
    places = [ORDER[version].index(one.tag) for one in topic]
    assert places == sorted(places)
    top = ["Header", "Topic"] if is_3 else ["Header", "Topic", "Comment", "Viewpoints"]
    assert [top.index(one.tag) for one in root] == sorted(top.index(one.tag) for one in root)
    listed = topic.findall("Viewpoints/ViewPoint") if is_3 else root.findall("Viewpoints")
    comments = topic.findall("Comments/Comment") if is_3 else root.findall("Comment")
    if is_3:
        attached = [documents[one.findtext("DocumentGuid")] for one in topic.iterfind("DocumentReferences/*")]
    else:
        named = [one.findtext("ReferencedDocument") for one in topic.iterfind("DocumentReference")]
        attached = [archive.read(one.removeprefix("../")) for one in named]
    return Found(
        topic.findtext("Title"),
        [one.text for one in topic.iterfind("Labels/Label" if is_3 else "Labels")],
        topic.get("TopicStatus"),
        [one.findtext("Comment") for one in comments],
        [_view(archive, folder, one) for one in listed],
        [one.findtext("Viewpoint") for one in listed],
        attached,
    )


def _view(archive, folder, listed):
    root = etree.fromstring(archive.read(f"{folder}/{listed.findtext('Viewpoint')}"))
    assert root.get("Guid") == listed.get("Guid")
    assert GUID.fullmatch(root.get("Guid"))
    cameras = [*root.iterfind("PerspectiveCamera"), *root.iterfind("OrthogonalCamera")]
    assert len(cameras) <= 1
    eye = _xyz(cameras[0].find("CameraViewPoint")) if cameras else None
    ahead = _xyz(cameras[0].find("CameraDirection")) if cameras else None
    guids, others = [], []
    for one in root.iterfind("Components/Selection/Component"):
        guid = one.get("IfcGuid")
        if guid is not None:
            assert IFC_GUID.fullmatch(guid)
            guids.append(guid)
        else:
            others.append((one.findtext("OriginatingSystem"), one.findtext("AuthoringToolId")))
    planes = [_xyz(one.find("Location")) for one in root.iterfind("ClippingPlanes/ClippingPlane")]
    picture = listed.findtext("Snapshot")
    return Seen(eye, ahead, guids, others, planes, archive.read(f"{folder}/{picture}") if picture else b"")


def _xyz(point):
    return tuple(float(point.findtext(name)) for name in "XYZ")
