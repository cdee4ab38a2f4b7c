"""CityGML 1.0 to 3.0: surfaces once, in their place, with what they are; hostile files refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pyproj import Transformer

from models.bim import city_objects as city3d
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.city.citygml import read
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from tests.support.city_files import FACES, box, building_2, building_3, citygml, member, polygon

EAST, NORTH = 466_000.0, 5_426_000.0


def opened(path: Path, text: str | bytes, **options: str) -> ModelData:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert find_format(path).id == "citygml"
    data = read(path, ReadRequest(options=options), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def bounds(data: ModelData) -> np.ndarray:
    found = data.meshes.bounds()
    assert found is not None
    return found + data.placement[:3, 3]


def volume(data: ModelData, oid: int) -> float:
    corners, _ = city3d.faces_of(data, oid)
    corners = corners - corners[0, 0]
    return float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6)


def test_a_solid_that_points_to_roof_and_walls_is_drawn_once(tmp_path: Path) -> None:
    data = opened(tmp_path / "a.gml", citygml("2.0", building_2(box(EAST, NORTH, 100))))
    assert data.elements["ifc_class"].tolist() == ["Building", "BuildingPart"]
    assert data.elements["parent"].tolist() == [-1, 0]
    assert data.info["schema"] == "CityGML 2.0"
    assert volume(data, 0) == pytest.approx(240.0, rel=1e-6)
    areas = city3d.areas_of(data, 0)
    assert areas == pytest.approx({"GroundSurface": 80.0, "RoofSurface": 80.0, "WallSurface": 108.0}, rel=1e-6)
    assert data.crs == "EPSG:25832"
    assert np.allclose(bounds(data), [[EAST, NORTH, 100], [EAST + 10, NORTH + 8, 108]], atol=1e-3)


def test_attributes_become_columns_of_the_record_of_buildings(tmp_path: Path) -> None:
    data = opened(tmp_path / "a.gml", citygml("2.0", building_2(box(EAST, NORTH, 100))))
    row = data.elements.iloc[0]
    assert (row["name"], row["height_m"], row["storeys"], row["year"], row["roof"]) == (
        "市政厅",
        3.0,
        1.0,
        1987.0,
        "gable",
    )
    assert data.psets[0]["CityGML"]["owner"] == "City"
    assert np.isnan(data.elements.iloc[1]["height_m"])  # silent is not zero


def test_a_lower_level_of_detail_is_another_shape_of_the_same_objects(tmp_path: Path) -> None:
    text = citygml("2.0", building_2(box(EAST, NORTH, 100)))
    high, low = opened(tmp_path / "a.gml", text), opened(tmp_path / "b.gml", text, lod="1")
    assert high.elements["guid"].tolist() == low.elements["guid"].tolist()
    assert city3d.lods_of(high) == {"1": 1, "2": 2}
    assert volume(low, 0) == pytest.approx(160.0, rel=1e-6)
    assert low.elements["lod"].tolist() == ["1", "2"]  # the part has nothing lower


def test_citygml_3_keeps_its_boundaries_and_generic_attributes(tmp_path: Path) -> None:
    data = opened(tmp_path / "a.gml", citygml("3.0", building_3(box(EAST, NORTH, 100))))
    assert data.info["schema"] == "CityGML 3.0"
    assert city3d.areas_of(data, 0)["RoofSurface"] == pytest.approx(80.0)
    assert data.psets[0]["CityGML"] == {"owner": "City", "storeysAboveGround": 4}
    assert data.elements["storeys"].tolist() == [4.0]


def test_latitude_comes_first_where_the_authority_says_so_and_lands_to_the_millimetre(tmp_path: Path) -> None:
    corners = np.array([[35.5385, 139.7776, 3.0], [35.5385, 139.7778, 3.0], [35.5387, 139.7778, 3.0]])
    srs = "http://www.opengis.net/def/crs/EPSG/0/6697"
    body = member("tran:Road", "tran:lod1MultiSurface", polygon(corners))
    data = opened(tmp_path / "a.gml", citygml("2.0", body, srs))
    assert data.crs == "EPSG:6691+6695"
    there = Transformer.from_crs(6668, 6691, always_xy=True).transform(corners[:, 1], corners[:, 0])
    found, _ = city3d.faces_of(data, 0)
    wanted = np.column_stack([*there, corners[:, 2]])
    assert np.abs(np.sort(found[0], axis=0) - np.sort(wanted, axis=0)).max() < 1e-3


def test_axes_that_contradict_their_name_are_swapped_and_said(tmp_path: Path) -> None:
    corners = np.array([[139.7776, 35.5385, 3.0], [139.7778, 35.5385, 3.0], [139.7778, 35.5387, 3.0]])
    body = member("bldg:Building", "bldg:lod1MultiSurface", polygon(corners))
    data = opened(tmp_path / "a.gml", citygml("2.0", body, "urn:ogc:def:crs:EPSG::6697"))
    assert [c.code for c in data.cautions] == ["city3d.axes_swapped"]
    assert bounds(data)[0, 0] == pytest.approx(389_228, abs=300)


def test_windows_and_holes_are_kept_apart(tmp_path: Path) -> None:
    wall = [[0, 0, 0], [10, 0, 0], [10, 0, 6], [0, 0, 6]]
    pane = [[4, 0, 2], [4, 0, 4], [6, 0, 4], [6, 0, 2]]
    body = (
        '<core:cityObjectMember><bldg:Building gml:id="b"><bldg:boundedBy><bldg:WallSurface><bldg:lod3MultiSurface>'
        f"<gml:MultiSurface><gml:surfaceMember>{polygon(wall, 'w', [pane])}</gml:surfaceMember></gml:MultiSurface>"
        "</bldg:lod3MultiSurface><bldg:opening><bldg:Window><bldg:lod3MultiSurface><gml:MultiSurface><gml:surfaceMember>"
        f"{polygon(pane[::-1])}</gml:surfaceMember></gml:MultiSurface></bldg:lod3MultiSurface></bldg:Window></bldg:opening>"
        "</bldg:WallSurface></bldg:boundedBy></bldg:Building></core:cityObjectMember>"
    )
    data = opened(tmp_path / "a.gml", citygml("2.0", body, "EPSG:25832"))
    assert city3d.areas_of(data, 0) == pytest.approx({"WallSurface": 56.0, "Window": 4.0})
    place = np.array([5.0, 0.0, 3.0])
    found = city3d.surface_at(data, 0, place)
    assert found is not None
    assert found.type == "Window"
    found = city3d.surface_at(data, 0, np.array([1.0, 0.0, 1.0]))
    assert found is not None
    assert found.type == "WallSurface"
    assert city3d.surface_at(data, 0, np.array([50.0, 50.0, 50.0])) is None


def test_a_picture_beside_the_file_is_worn_and_one_outside_is_not(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "pictures").mkdir(parents=True)
    Image.new("RGB", (8, 4), (200, 10, 10)).save(home / "pictures" / "wall.png")
    Image.new("RGB", (8, 4), (1, 2, 3)).save(tmp_path / "secret.png")
    face = box(EAST, NORTH)[FACES[2]]

    def text(uri: str) -> str:
        look = (
            "<app:appearanceMember><app:Appearance><app:surfaceDataMember><app:ParameterizedTexture>"
            f'<app:imageURI>{uri}</app:imageURI><app:target uri="#p"><app:TexCoordList><app:textureCoordinates ring="#p_r">'  # noqa: E501
            "0 0 1 0 1 1 0 1 0 0</app:textureCoordinates></app:TexCoordList></app:target></app:ParameterizedTexture>"
            "</app:surfaceDataMember></app:Appearance></app:appearanceMember>"
        )
        body = (
            '<core:cityObjectMember><bldg:Building gml:id="b"><bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember>'  # noqa: E501
            f"{polygon(face, 'p')}</gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:Building>"
            "</core:cityObjectMember>"
        )
        return citygml("2.0", body + look)

    data = opened(home / "a.gml", text("pictures/wall.png"))
    assert data.meshes.image_shape is not None
    assert data.meshes.uv is not None
    assert data.meshes.image(0)[0, 0].tolist() == [200, 10, 10]
    assert np.allclose(np.sort(data.meshes.uv, axis=0), [[0, 0], [0, 0], [1, 1], [1, 1]])
    for uri in ("../secret.png", "/etc/passwd", "http://example.org/a.png", str(tmp_path / "secret.png")):
        data = opened(home / "b.gml", text(uri))
        assert data.meshes.image_shape is None
        assert [c.code for c in data.cautions] == ["city3d.textures_missing"]


def test_a_shape_placed_many_times_is_one_mesh(tmp_path: Path) -> None:
    shape = "".join(
        f"<gml:surfaceMember>{polygon(box(0, 0, 0, (1, 1, 1))[face])}</gml:surfaceMember>" for face in FACES
    )
    whole = f'<gml:MultiSurface gml:id="tree">{shape}</gml:MultiSurface>'

    def tree(number: int, geometry: str) -> str:
        return (
            f'<core:cityObjectMember><veg:SolitaryVegetationObject gml:id="t{number}"><veg:lod2ImplicitRepresentation>'
            "<core:ImplicitGeometry><core:transformationMatrix>2 0 0 0 0 2 0 0 0 0 2 0 0 0 0 1</core:transformationMatrix>"  # noqa: E501
            f"{geometry}<core:referencePoint><gml:Point><gml:pos>{EAST + 10 * number} {NORTH} 100</gml:pos></gml:Point>"
            "</core:referencePoint></core:ImplicitGeometry></veg:lod2ImplicitRepresentation>"
            "</veg:SolitaryVegetationObject></core:cityObjectMember>"
        )

    members = tree(0, f"<core:relativeGMLGeometry>{whole}</core:relativeGMLGeometry>")
    members += "".join(tree(i, '<core:relativeGMLGeometry xlink:href="#tree"/>') for i in (1, 2))
    data = opened(tmp_path / "a.gml", citygml("2.0", members))
    assert (len(data.meshes.mesh_faces) - 1, len(data.meshes.placement_mesh)) == (1, 3)
    assert np.allclose(bounds(data), [[EAST, NORTH, 100], [EAST + 22, NORTH + 2, 102]], atol=1e-3)


def test_a_terrain_of_triangles_opens(tmp_path: Path) -> None:
    patch = "".join(
        f"<gml:Triangle><gml:exterior><gml:LinearRing><gml:posList>{EAST + i} {NORTH} 1 {EAST + i + 1} {NORTH} 2 "
        f"{EAST + i} {NORTH + 1} 3 {EAST + i} {NORTH} 1</gml:posList></gml:LinearRing></gml:exterior></gml:Triangle>"
        for i in range(5)
    )
    body = (
        '<core:cityObjectMember><dem:ReliefFeature gml:id="r"><dem:lod>1</dem:lod><dem:reliefComponent><dem:TINRelief '
        'gml:id="t"><dem:lod>1</dem:lod><dem:tin><gml:TriangulatedSurface><gml:trianglePatches>'
        f"{patch}</gml:trianglePatches></gml:TriangulatedSurface></dem:tin></dem:TINRelief></dem:reliefComponent>"
        "</dem:ReliefFeature></core:cityObjectMember>"
    )
    data = opened(tmp_path / "a.gml", citygml("2.0", body))
    assert data.elements["ifc_class"].tolist() == ["ReliefFeature", "TINRelief"]
    assert data.meshes.triangle_count == 5


def test_a_link_into_another_object_is_followed(tmp_path: Path) -> None:
    face = box(EAST, NORTH)[FACES[2]]
    link = '<gml:surfaceMember xlink:href="#shared"/>'

    def house(name: str, member: str) -> str:
        return (
            f'<core:cityObjectMember><bldg:Building gml:id="{name}"><bldg:lod2MultiSurface><gml:MultiSurface>{member}'
            "</gml:MultiSurface></bldg:lod2MultiSurface></bldg:Building></core:cityObjectMember>"
        )

    own = f"<gml:surfaceMember>{polygon(face, 'shared')}</gml:surfaceMember>"
    data = opened(tmp_path / "a.gml", citygml("2.0", house("b", link) + house("a", own)))
    assert data.elements["has_geometry"].tolist() == [True, True]
    lost = opened(tmp_path / "b.gml", citygml("2.0", house("b", link) + house("a", own.replace("shared", "other"))))
    assert [c.code for c in lost.cautions] == ["city3d.links_broken"]


LAUGHS = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>
<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0">&c;</core:CityModel>"""


def hostile() -> list[tuple[str, str | bytes]]:
    good = citygml("2.0", building_2(box(EAST, NORTH, 100)))
    deep = (
        '<bldg:consistsOfBuildingPart><bldg:BuildingPart gml:id="x">' * 120
        + "</bldg:BuildingPart></bldg:consistsOfBuildingPart>" * 120
    )
    whole = f"<core:cityObjectMember><bldg:Building>{deep}</bldg:Building></core:cityObjectMember>"
    return [
        ("city3d.doctype", LAUGHS), ("io.damaged", good[: len(good) // 2]), ("io.damaged", good.replace("466000", "46x00")),  # noqa: E501
        ("io.no_features", citygml("2.0", "")), ("io.damaged", citygml("2.0", whole)),
    ]  # fmt: skip


@pytest.mark.parametrize(("code", "text"), hostile(), ids=["laughs", "cut", "letters", "empty", "deep"])
def test_a_hostile_file_is_refused_by_name(tmp_path: Path, code: str, text: Any) -> None:
    path = tmp_path / "a.gml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read(path, ReadRequest(), Progress())
    assert (caught.value.code, caught.value.facts["file"]) == (code, "a.gml")


def test_points_that_are_no_numbers_cost_their_surface_only(tmp_path: Path) -> None:
    text = citygml("2.0", building_2(box(EAST, NORTH, 100))).replace(f"{EAST:.9f}", "nan", 1)
    data = opened(tmp_path / "a.gml", text)
    assert np.isfinite(data.meshes.vertices).all()
    assert np.isfinite(data.meshes.placement_matrix).all()
