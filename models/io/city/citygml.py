"""CityGML 1.0 to 3.0, with PLATEAU's i-UR and other extensions: city objects as a model of meshes.

A file is read member by member, so that a gigabyte costs no gigabyte of elements. Roof, wall and ground stay what they
are; a solid that only points to them (``xlink:href``) is not drawn a second time. Of several levels of detail the
highest is drawn, or the one asked for with ``options["lod"]``.

Invariants
----------
1. No entity, no DTD, no network: a file with a DOCTYPE is refused before anything is parsed.
2. Latitude comes first where the CRS's authority says so (EPSG:6697); see :mod:`models.io.city.crs`.

Source: OGC 12-019 (2.0), OGC 20-010 and 21-006r2 (3.0), OGC 08-007r1 (1.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs
from models.io.city.citygml_appearance import Appearances
from models.io.city.citygml_members import Members
from models.io.city.crs import crs_named, to_map
from models.io.city.model import build
from models.io.city.objects import Instances
from models.io.common.coordinates import stem_of
from models.io.common.xml_guard import refuse_doctype
from models.io.request import Opened, ReadRequest
from models.io.vector.gml import children, local
from models.layers.layer import Layer, ModelData, Source, new_layer_id

MAX_BYTES = 8_000_000_000
#: Properties of the city model of which each holds one object, or an appearance.
_MEMBERS = ("{*}cityObjectMember", "{*}featureMember", "{*}appearanceMember", "{*}featureMembers")
_HEAD = 65536


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a CityGML file as one model layer.

    Raises
    ------
    UserError
        ``io.damaged`` when it is no XML or its numbers are none, ``city3d.doctype``, ``io.no_features``.
    """
    path = Path(path)
    if path.stat().st_size > MAX_BYTES:
        raise UserError("io.too_large", file=path.name, limit_mb=MAX_BYTES // 1_000_000)
    progress.step(0.0, "progress.io.reading")
    try:
        data = _read(path, request, progress)
    except etree.XMLSyntaxError as error:
        raise UserError("io.damaged", file=path.name, reason=f"XML: {error.msg}"[:200]) from error
    except (ValueError, KeyError, IndexError, TypeError, RecursionError, OverflowError, etree.LxmlError) as error:
        raise UserError("io.damaged", file=path.name, reason=f"{type(error).__name__}: {error}"[:200]) from error
    name = stem_of(path)
    source = Source(path=str(path), reader="citygml", crs=data.crs, options=dict(request.options))
    return [Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=source), data)]


class _Counted:
    """A file that says how far it was read."""

    def __init__(self, file: BinaryIO, size: int, progress: Progress) -> None:
        self._file, self._size, self._progress, self._at = file, max(size, 1), progress, 0

    def read(self, count: int = -1) -> bytes:
        """Read some bytes and say so."""
        block = self._file.read(count)
        self._at += len(block)
        if self._at % (1 << 22) < len(block):
            self._progress.step(min(self._at / self._size, 1.0), "progress.io.reading")
        return block


def parsed(path: Path, progress: Progress, tags: tuple[str, ...]) -> Iterator[Any]:
    """Yield the elements of some names as they end, each cleared when the next one is asked for."""
    refuse_doctype(path)
    with path.open("rb") as file:
        events = etree.iterparse(
            _Counted(file, path.stat().st_size, progress), events=("end",), tag=tags, resolve_entities=False,
            no_network=True, load_dtd=False, dtd_validation=False, huge_tree=True, remove_comments=True,
            remove_pis=True, recover=True,
        )  # fmt: skip
        for _, element in events:
            above = element.getparent()
            if above is not None and local(above.tag) not in _ROOTS:
                continue  # a member of a group inside a member
            yield element
            element.clear()
            while element.getprevious() is not None and local(element.getprevious().tag) != "boundedBy":
                del above[0]
        # A prefix that nobody declared is common in extended files and does no harm; everything else is a wrong file.
        for error in events.error_log:
            if error.domain_name != "NAMESPACE":
                raise ValueError(f"XML: {error.message}, line {error.line}")


_ROOTS = frozenset({"CityModel", "FeatureCollection", "Dictionary"})


def version_of(head: str) -> str:
    """Return ``"2.0"`` from the namespaces of a city model.

    Examples
    --------
    >>> version_of('xmlns:core="http://www.opengis.net/citygml/2.0"')
    '2.0'
    """
    found = re.findall(r"(?:opengis\.net/citygml|citygml\.org/citygml)/(?:[\w/]+?/)?(\d)[./](\d)", head)
    return max((f"{a}.{b}" for a, b in found), default="")


def declared_crs(path: Path) -> tuple[str, int]:
    """Return the first CRS that a file names (its envelope's, as a rule) and its dimension."""
    with path.open("rb") as file:
        head = file.read(4 * _HEAD).decode("utf-8", "ignore")
    found = re.search(r"srsName\s*=\s*[\"']([^\"']+)[\"']", head)
    dimension = re.search(r"srsDimension\s*=\s*[\"']([23])[\"']", head)
    return (found.group(1).strip() if found else ""), int(dimension.group(1)) if dimension else 3


def _read(path: Path, request: ReadRequest, progress: Progress) -> ModelData:
    declared, dimension = declared_crs(path)
    with path.open("rb") as file:
        version = version_of(file.read(_HEAD).decode("utf-8", "ignore"))
    looks = Appearances(path.parent)
    members = Members(path, looks, wanted=str(request.options.get("lod", "")), dimension=dimension)
    _through(path, progress.part(0.0, 0.7), members, looks)
    if members.unresolved:
        _fetch(path, progress.part(0.7, 0.8), members)
    if not members.objects.guid:
        raise UserError("io.no_features", file=path.name)
    progress.step(0.8, "progress.io.geometry")
    known = crs_named(declared)
    crs = known or request.crs
    cautions = list(members.cautions())
    if crs:
        parse_crs(crs)
    else:
        cautions.append(Caution("io.no_georeference", file=path.name))
    surfaces = members.surfaces()
    anchors = members.anchors()
    points, crs, more = to_map(np.concatenate([surfaces.points, anchors]), declared if known else "", crs)
    surfaces.points = points[: len(surfaces.points)]
    instances = _instances(members, points[len(surfaces.points) :])
    return build(
        members.objects, surfaces, members.appearance, group="CityGML", schema=f"CityGML {version}".strip(), crs=crs,
        georef="crs" if known else "none", instances=instances, cautions=[*cautions, *more, *looks.cautions()],
        info={"lods": members.lods, "lod": members.wanted},
    )  # fmt: skip


def _through(path: Path, progress: Progress, members: Members, looks: Appearances) -> None:
    for element in parsed(path, progress, _MEMBERS):
        for child in children(element):
            if local(child.tag) == "Appearance":
                looks.take(child)
            else:
                members.take(child)


def _fetch(path: Path, progress: Progress, members: Members) -> None:
    """Look a second time for what objects point to in other objects."""
    wanted = set(members.unresolved)
    for element in parsed(path, progress, _MEMBERS):
        members.fetch(element, wanted)
    members.resolve()


def _instances(members: Members, anchors: NDArray[np.float64]) -> Instances | None:
    if not members.placed:
        return None
    moved = []
    for (oid, shape, matrix), anchor in zip(members.placed, anchors, strict=True):
        at = matrix.copy()
        at[:3, 3] += anchor
        moved.append((oid, shape, at))
    return Instances(members.shapes.surfaces(None), moved)
