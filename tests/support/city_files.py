"""Small city models of every kind for the tests, written byte by byte on the spot."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

#: A box: bottom, top and four walls, all looking outwards.
FACES = [[0, 3, 2, 1], [4, 5, 6, 7], [0, 1, 5, 4], [1, 2, 6, 5], [2, 3, 7, 6], [3, 0, 4, 7]]


def box(x: float = 0.0, y: float = 0.0, z: float = 0.0, size: tuple[float, float, float] = (10, 8, 3)) -> np.ndarray:
    """Return the eight corners of a box."""
    a, b, c = size
    plan = [(0, 0), (a, 0), (a, b), (0, b)]
    return np.array([[x + u, y + v, z + w] for w in (0, c) for u, v in plan], dtype=np.float64)


def triangles() -> np.ndarray:
    """Return the twelve triangles of a box."""
    return np.array([[f[0], f[k], f[k + 1]] for f in FACES for k in (1, 2)], dtype=np.int64)


# --- glTF -------------------------------------------------------------------------------------------------------------


class Writer:
    """Gathers buffer views and accessors."""

    def __init__(self) -> None:
        self.blob = b""
        self.said: dict[str, Any] = {"asset": {"version": "2.0"}, "bufferViews": [], "accessors": [], "meshes": [],
                                     "nodes": [], "materials": [], "scenes": [{"nodes": []}], "scene": 0}  # fmt: skip

    def view(self, data: bytes) -> int:
        self.blob += b"\0" * (-len(self.blob) % 8)
        self.said["bufferViews"].append({"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data)})
        self.blob += data
        return len(self.said["bufferViews"]) - 1

    def accessor(self, values: np.ndarray, **more: Any) -> int:
        kinds = {"float32": 5126, "uint16": 5123, "uint32": 5125, "uint8": 5121, "int16": 5122, "int8": 5120}
        shape = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}[1 if values.ndim == 1 else values.shape[1]]
        row = {"bufferView": self.view(np.ascontiguousarray(values).tobytes()), "count": len(values), "type": shape,
               "componentType": kinds[values.dtype.name], **more}  # fmt: skip
        self.said["accessors"].append(row)
        return len(self.said["accessors"]) - 1

    def mesh(self, points: np.ndarray, faces: np.ndarray, *, extensions: Any = None, material: int = -1,
             **attributes: np.ndarray) -> int:  # fmt: skip
        """Add a mesh of one primitive; ``points`` z up, written y up."""
        turned = np.column_stack([points[:, 0], points[:, 2], -points[:, 1]]).astype(np.float32)
        said = {name: self.accessor(values) for name, values in attributes.items()}
        one: dict[str, Any] = {"attributes": {"POSITION": self.accessor(turned), **said},
                               "indices": self.accessor(faces.ravel().astype(np.uint32))}  # fmt: skip
        if extensions:
            one["extensions"] = extensions
        if material >= 0:
            one["material"] = material
        self.said["meshes"].append({"primitives": [one]})
        return len(self.said["meshes"]) - 1

    def node(self, mesh: int, **more: Any) -> int:
        self.said["nodes"].append({"mesh": mesh, **more})
        self.said["scenes"][0]["nodes"].append(len(self.said["nodes"]) - 1)
        return len(self.said["nodes"]) - 1

    def glb(self) -> bytes:
        said = {key: value for key, value in self.said.items() if value != []}
        if self.blob:
            said["buffers"] = [{"byteLength": len(self.blob)}]
        text = json.dumps(said).encode()
        text += b" " * (-len(text) % 4)
        blob = self.blob + b"\0" * (-len(self.blob) % 4)
        body = struct.pack("<I4s", len(text), b"JSON") + text
        if blob:
            body += struct.pack("<I4s", len(blob), b"BIN\0") + blob
        return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


def box_glb(points: np.ndarray | None = None, **more: Any) -> bytes:
    """Return a GLB of one box, with an attribute for each vertex where given."""
    writer = Writer()
    writer.node(writer.mesh(box() if points is None else points, triangles(), **more), name="箱")
    return writer.glb()


def two_boxes_glb() -> bytes:
    """Return a GLB of two boxes told apart by their batch id."""
    writer = Writer()
    points = np.concatenate([box(), box(x=20.0)])
    faces = np.concatenate([triangles(), triangles() + 8])
    writer.node(writer.mesh(points, faces, _BATCHID=np.repeat([0.0, 1.0], 8).astype(np.float32)))
    return writer.glb()


# --- 3D Tiles ---------------------------------------------------------------------------------------------------------


def tile(magic: bytes, feature: dict[str, Any], feature_bin: bytes, batch: dict[str, Any], batch_bin: bytes, body: bytes,  # noqa: E501
         *, extra: bytes = b"") -> bytes:  # fmt: skip
    """Return a b3dm, i3dm or pnts."""

    def text(value: dict[str, Any]) -> bytes:
        said = json.dumps(value).encode() if value else b""
        return said + b" " * (-len(said) % 8)

    parts = [text(feature), feature_bin + b"\0" * (-len(feature_bin) % 8), text(batch), batch_bin]
    sizes = b"".join(struct.pack("<I", len(part)) for part in parts)
    whole = 12 + len(sizes) + len(extra) + sum(map(len, parts)) + len(body)
    return magic + struct.pack("<II", 1, whole) + sizes + extra + b"".join(parts) + body


def b3dm(glb: bytes, batch: dict[str, Any] | None = None, *, count: int = 0, rtc: Any = None) -> bytes:
    feature: dict[str, Any] = {"BATCH_LENGTH": count}
    if rtc is not None:
        feature["RTC_CENTER"] = list(rtc)
    return tile(b"b3dm", feature, b"", batch or {}, b"", glb)


def i3dm(glb: bytes, positions: np.ndarray, batch: dict[str, Any] | None = None, **more: Any) -> bytes:
    feature = {"INSTANCES_LENGTH": len(positions), "POSITION": {"byteOffset": 0}, **more}
    return tile(b"i3dm", feature, positions.astype("<f4").tobytes(), batch or {}, b"", glb, extra=struct.pack("<I", 1))


def pnts(positions: np.ndarray, colours: np.ndarray | None = None, rtc: Any = None) -> bytes:
    feature: dict[str, Any] = {"POINTS_LENGTH": len(positions), "POSITION": {"byteOffset": 0}}
    data = positions.astype("<f4").tobytes()
    if colours is not None:
        feature["RGB"] = {"byteOffset": len(data)}
        data += colours.astype("u1").tobytes()
    if rtc is not None:
        feature["RTC_CENTER"] = list(rtc)
    return tile(b"pnts", feature, data, {}, b"", b"")


def cmpt(*tiles: bytes) -> bytes:
    return b"cmpt" + struct.pack("<III", 1, 16 + sum(map(len, tiles)), len(tiles)) + b"".join(tiles)


def earth_matrix(longitude_deg: float, latitude_deg: float, height_m: float) -> np.ndarray:
    """Return the matrix (4, 4) from east, north, up at a place to earth-centred coordinates (textbook formula)."""
    from pyproj import Transformer

    lon, lat = np.radians([longitude_deg, latitude_deg])
    result = np.eye(4)
    result[:3, 0] = [-np.sin(lon), np.cos(lon), 0]
    result[:3, 1] = [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
    result[:3, 2] = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    change = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    result[:3, 3] = change.transform(longitude_deg, latitude_deg, height_m)
    return result


def tileset(
    folder: Path, root: dict[str, Any], *, version: str = "1.0", name: str = "tileset.json", **files: bytes
) -> Path:
    """Write a tileset and its files (``a_b3dm=…`` becomes ``a.b3dm``)."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, data in files.items():
        stem, _, ending = key.rpartition("_")
        (folder / f"{stem}.{ending}").write_bytes(data)
    path = folder / name
    path.write_text(json.dumps({"asset": {"version": version}, "geometricError": 100, "root": root}), encoding="utf-8")
    return path


def tile_json(uri: str = "", error: float = 0.0, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"boundingVolume": {"box": [0, 0, 0, 50, 0, 0, 0, 50, 0, 0, 0, 50]}, "geometricError": error}
    if uri:
        said["content"] = {"uri": uri}
    return {**said, **more}


def subtree(levels: int, present: set[tuple[int, int]], contents: set[tuple[int, int]], children: set[int]) -> bytes:
    """Return a binary quadtree subtree: cells are (level, Morton index)."""

    def bits(cells: set[int], size: int) -> bytes:
        flags = np.zeros(size, dtype=np.uint8)
        flags[list(cells)] = 1
        data = np.packbits(flags, bitorder="little").tobytes()
        return data + b"\0" * (-len(data) % 8)

    def place(cell: tuple[int, int]) -> int:
        return (4 ** cell[0] - 1) // 3 + cell[1]

    size = (4**levels - 1) // 3
    streams = [
        bits({place(c) for c in present}, size),
        bits({place(c) for c in contents}, size),
        bits(children, 4**levels),
    ]
    starts = np.cumsum([0, *(len(one) for one in streams)])
    said = {
        "buffers": [{"byteLength": int(starts[-1])}],
        "bufferViews": [{"buffer": 0, "byteOffset": int(a), "byteLength": len(one)} for a, one in zip(starts, streams, strict=False)],  # noqa: E501
        "tileAvailability": {"bitstream": 0}, "contentAvailability": [{"bitstream": 1}],
        "childSubtreeAvailability": {"bitstream": 2},
    }  # fmt: skip
    text = json.dumps(said).encode()
    text += b" " * (-len(text) % 8)
    binary = b"".join(streams)
    return b"subt" + struct.pack("<IQQ", 1, len(text), len(binary)) + text + binary


# --- CityGML ----------------------------------------------------------------------------------------------------------

_NAMESPACES = {
    "2.0": 'xmlns:core="http://www.opengis.net/citygml/2.0" xmlns:bldg="http://www.opengis.net/citygml/building/2.0" '
           'xmlns:gen="http://www.opengis.net/citygml/generics/2.0" xmlns:app="http://www.opengis.net/citygml/appearance/2.0" '  # noqa: E501
           'xmlns:tran="http://www.opengis.net/citygml/transportation/2.0" xmlns:veg="http://www.opengis.net/citygml/vegetation/2.0" '  # noqa: E501
           'xmlns:dem="http://www.opengis.net/citygml/relief/2.0" xmlns:gml="http://www.opengis.net/gml" '
           'xmlns:xlink="http://www.w3.org/1999/xlink"',
    "3.0": 'xmlns:core="http://www.opengis.net/citygml/3.0" xmlns:bldg="http://www.opengis.net/citygml/building/3.0" '
           'xmlns:con="http://www.opengis.net/citygml/construction/3.0" xmlns:gen="http://www.opengis.net/citygml/generics/3.0" '  # noqa: E501
           'xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:xlink="http://www.w3.org/1999/xlink"',
}  # fmt: skip


def polygon(points: Any, name: str = "", holes: Any = ()) -> str:
    """Return a ``gml:Polygon``; rings are closed here."""

    def ring(rows: Any, id_: str = "") -> str:
        text = " ".join(f"{v:.9f}" for row in [*rows, rows[0]] for v in row)
        said = f' gml:id="{id_}"' if id_ else ""
        return f'<gml:LinearRing{said}><gml:posList srsDimension="3">{text}</gml:posList></gml:LinearRing>'

    said = f' gml:id="{name}"' if name else ""
    inner = "".join(f"<gml:interior>{ring(hole)}</gml:interior>" for hole in holes)
    return f"<gml:Polygon{said}><gml:exterior>{ring(points, name and name + '_r')}</gml:exterior>{inner}</gml:Polygon>"


def citygml(version: str, members: str, srs: str = "urn:ogc:def:crs:EPSG::25832", low: Any = (0, 0, 0)) -> str:
    corner = " ".join(str(v) for v in low)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<core:CityModel {_NAMESPACES[version]}><gml:boundedBy><gml:Envelope '
        f'srsName="{srs}" srsDimension="3"><gml:lowerCorner>{corner}</gml:lowerCorner><gml:upperCorner>{corner}'
        f"</gml:upperCorner></gml:Envelope></gml:boundedBy>{members}</core:CityModel>"
    )


def building_2(corners: np.ndarray, *, linked: bool = True) -> str:
    """Return a building of CityGML 2.0: roof, walls and ground, and a solid that points to them; a LoD 1 block."""
    kinds = ["GroundSurface", "RoofSurface", "WallSurface", "WallSurface", "WallSurface", "WallSurface"]
    parts, links = "", ""
    for number, (kind, face) in enumerate(zip(kinds, FACES, strict=True)):
        body = polygon(corners[face], f"p{number}")
        parts += (
            f"<bldg:boundedBy><bldg:{kind}><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember>{body}"
            f"</gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:{kind}></bldg:boundedBy>"
        )
        links += f'<gml:surfaceMember xlink:href="#p{number}"/>'
    solid = (
        f"<bldg:lod2Solid><gml:Solid><gml:exterior><gml:CompositeSurface>{links}</gml:CompositeSurface></gml:exterior>"
        "</gml:Solid></bldg:lod2Solid>"
    )
    low = corners.copy()
    low[4:, 2] = corners[0, 2] + 2.0
    block = "".join(f"<gml:surfaceMember>{polygon(low[face])}</gml:surfaceMember>" for face in FACES)
    rough = (
        f"<bldg:lod1Solid><gml:Solid><gml:exterior><gml:CompositeSurface>{block}</gml:CompositeSurface></gml:exterior>"
        "</gml:Solid></bldg:lod1Solid>"
    )
    return (
        '<core:cityObjectMember><bldg:Building gml:id="b1"><gml:name>市政厅</gml:name>'
        '<gen:stringAttribute name="owner"><gen:value>City</gen:value></gen:stringAttribute>'
        '<bldg:roofType codeSpace="x.xml">1030</bldg:roofType><bldg:yearOfConstruction>1987</bldg:yearOfConstruction>'
        '<bldg:measuredHeight uom="m">3.0</bldg:measuredHeight><bldg:storeysAboveGround>1</bldg:storeysAboveGround>'
        f"{rough}{solid if linked else ''}{parts}"
        '<bldg:consistsOfBuildingPart><bldg:BuildingPart gml:id="b1p"><bldg:lod2MultiSurface><gml:MultiSurface>'
        f"<gml:surfaceMember>{polygon(corners[FACES[1]] + [0, 0, 5], 'q0')}</gml:surfaceMember></gml:MultiSurface>"
        "</bldg:lod2MultiSurface></bldg:BuildingPart></bldg:consistsOfBuildingPart>"
        "</bldg:Building></core:cityObjectMember>"
    )


def building_3(corners: np.ndarray) -> str:
    """Return a building of CityGML 3.0, where surfaces are boundaries of the construction module."""
    kinds = ["GroundSurface", "RoofSurface", "WallSurface", "WallSurface", "WallSurface", "WallSurface"]
    parts = "".join(
        f'<core:boundary><con:{kind} gml:id="s{number}"><core:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember>'
        f"{polygon(corners[face], f'p{number}')}</gml:surfaceMember></gml:MultiSurface></core:lod2MultiSurface></con:{kind}>"  # noqa: E501
        "</core:boundary>"
        for number, (kind, face) in enumerate(zip(kinds, FACES, strict=True))
    )
    return (
        '<core:cityObjectMember><bldg:Building gml:id="b3"><core:genericAttribute><gen:StringAttribute>'
        "<gen:name>owner</gen:name><gen:value>City</gen:value></gen:StringAttribute></core:genericAttribute>"
        f"{parts}<bldg:storeysAboveGround>4</bldg:storeysAboveGround></bldg:Building></core:cityObjectMember>"
    )


def member(kind: str, prop: str, body: str) -> str:
    """Return an object with one polygon."""
    return (
        f'<core:cityObjectMember><{kind} gml:id="r"><{prop}><gml:MultiSurface><gml:surfaceMember>{body}'
        f"</gml:surfaceMember></gml:MultiSurface></{prop}></{kind}></core:cityObjectMember>"
    )
