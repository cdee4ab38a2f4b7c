"""A house of a basement, two storeys and a roof level as a table of elements, for tests of facts."""

from __future__ import annotations

from typing import Any

from models.layers.layer import ModelData
from tests.support.bim_models import table_model


def wall(name: str, low: tuple[float, float, float], size: tuple[float, float, float], **more: Any) -> dict[str, Any]:
    return {"ifc_class": "IfcWall", "name": name, "box": (low, size), "material": "钢筋混凝土", **more}


def house(**building: Any) -> ModelData:
    """Return a house of 10 × 8 m with a basement, two storeys, a roof level and a terrace."""
    bearing = {"Pset_WallCommon": {"LoadBearing": True, "IsExternal": True, "ThermalTransmittance": 0.24}}
    ring = [((0, 0), (10, 0.3)), ((0, 7.7), (10, 0.3)), ((0, 0), (0.3, 8)), ((9.7, 0), (0.3, 8))]
    rows: list[dict[str, Any]] = [
        {"ifc_class": "IfcBuilding", "name": "B", "psets": {"Pset_BuildingCommon": building}},
        {"ifc_class": "IfcBuildingStorey", "name": "B1", "parent": 0, "elevation_m": -3.0},
        {"ifc_class": "IfcBuildingStorey", "name": "1F", "parent": 0, "elevation_m": 0.0},
        {"ifc_class": "IfcBuildingStorey", "name": "2F", "parent": 0, "elevation_m": 3.0},
        {"ifc_class": "IfcBuildingStorey", "name": "屋面", "parent": 0, "elevation_m": 6.0},
    ]
    for storey, base in ((1, -3.0), (2, 0.0), (3, 3.0)):
        rows += [wall("w", (*xy, base), (*size, 3.0), parent=storey, psets=bearing) for xy, size in ring]
        rows.append({"ifc_class": "IfcDoor", "name": "D", "parent": storey, "box": ((1, 0, base), (1, 0.1, 2.1))})
    rows += [
        {"ifc_class": "IfcSlab", "name": "露台", "parent": 2, "box": ((10, 0, -0.2), (4, 8, 0.2))},
        wall("女儿墙", (0, 0, 6.0), (10, 0.3, 1.2), parent=4),
        {
            "ifc_class": "IfcSpace",
            "name": "101",
            "long_name": "厨房",
            "parent": 2,
            "psets": {"Qto_SpaceBaseQuantities": {"NetFloorArea": 9.0}},
        },
        {
            "ifc_class": "IfcSpace",
            "name": "102",
            "long_name": "卧室",
            "parent": 2,
            "psets": {"Qto_SpaceBaseQuantities": {"NetFloorArea": 20.0}},
        },
        {
            "ifc_class": "IfcSpace",
            "name": "001",
            "long_name": "设备机房",
            "parent": 1,
            "psets": {"Qto_SpaceBaseQuantities": {"NetFloorArea": 30.0}},
        },
        {"ifc_class": "IfcTransportElement", "name": "客梯", "predefined_type": "ELEVATOR", "parent": 0},
        {"ifc_class": "IfcTransportElement", "name": "自动扶梯", "predefined_type": "ESCALATOR", "parent": 0},
    ]
    return table_model(rows)
