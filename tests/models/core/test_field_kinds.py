"""What the name of a field says about its numbers."""

from __future__ import annotations

import pytest

from models.core.field_kinds import kind_of
from resources.standards import standard

NAMES = {
    "code": "行政区划代码 邮编 ObjID OBJECTID osm_id parent 楼号 DLBM XZQDM id_card postcode",
    "year": "建成年份 year_built year 年代 construction_year",
    "coordinate": "lon lat 经度 X坐标 easting centroid_x",
    "rate": "坡度 渗透系数 slope 人口密度 容积率 平均面积 green_pct population_density far",
    "level": "height_m 层数 storeys storeys_below floor_count building:levels 管径 埋深(m) width_mm num_floors",
    "amount": "gross_floor_area 建筑面积(㎡) 用地面积 人口 households Shape_Area TBMJ 长度 length_m 投资 bed_count",
    "": "name n bid value lod",
}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMES.items() for name in names.split()])
def test_a_name_says_what_kind_of_number_it_has(kind: str, name: str) -> None:
    assert kind_of(name).id == kind


def test_only_amounts_add_up_and_only_quantities_have_thousands_apart() -> None:
    rows = standard("field_kinds")["kind"]
    assert [row["id"] for row in rows if row["figure"] == "sum"] == ["amount"]
    assert {row["id"] for row in rows if row["grouped"]} == {"rate", "level", "amount"}
    assert not kind_of("nobody_knows").grouped
    assert not kind_of("nobody_knows").adds_up
