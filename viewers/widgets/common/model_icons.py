"""Which picture stands for what in a model tree; names in the icon family (Phosphor)."""

from __future__ import annotations

#: Headings, by kind of node.
KINDS = {
    "model": "cube", "storey": "stack", "class": "squares-four", "type": "copy-simple",
    "system": "share-network", "material": "paint-bucket", "classification": "tag-simple",
    "unplaced": "map-pin", "none": "question", "range": "rows",
}  # fmt: skip
#: Elements, by the beginning of their class; the longest beginning that fits is taken.
CLASSES = {
    "Ifc": "cube", "IfcWall": "wall", "IfcDoor": "door", "IfcWindow": "frame-corners", "IfcSlab": "rectangle",
    "IfcRoof": "house-simple", "IfcColumn": "columns", "IfcBeam": "line-segment", "IfcMember": "line-segment",
    "IfcStair": "rows", "IfcRamp": "triangle", "IfcRailing": "dots-six", "IfcCurtainWall": "grid-four",
    "IfcPlate": "square-half", "IfcCovering": "square-half", "IfcFurni": "armchair", "IfcSystemFurniture": "armchair",
    "IfcFlow": "flow-arrow", "IfcPipe": "flow-arrow", "IfcDuct": "wind", "IfcValve": "faders", "IfcCable": "lightning",
    "IfcElectric": "lightning", "IfcLight": "lightbulb", "IfcLamp": "lightbulb", "IfcOutlet": "lightning",
    "IfcSwitch": "toggle-left", "IfcSanitary": "drop", "IfcWaste": "drop", "IfcFireSuppression": "fire",
    "IfcAirTerminal": "wind", "IfcFan": "wind", "IfcPump": "gear-six", "IfcBoiler": "fire-simple",
    "IfcSensor": "broadcast", "IfcAlarm": "bell", "IfcController": "cpu", "IfcDistribution": "share-network",
    "IfcTransport": "arrows-down-up", "IfcFooting": "anchor-simple", "IfcPile": "anchor-simple",
    "IfcReinforc": "hash-straight", "IfcTendon": "hash-straight", "IfcElementAssembly": "puzzle-piece",
    "IfcBuildingElementPart": "puzzle-piece", "IfcBuildingElementProxy": "cube", "IfcGeographic": "tree",
    "IfcCivil": "path", "IfcRoad": "path", "IfcPavement": "path", "IfcKerb": "path", "IfcCourse": "path",
    "IfcEarthworks": "polygon", "IfcRail": "train-simple", "IfcTrack": "train-simple", "IfcBridge": "intersect",
    "IfcBearing": "intersect", "IfcAlignment": "line-segments", "IfcReferent": "map-pin", "IfcSign": "traffic-sign",
    "IfcSignal": "traffic-sign", "IfcGrid": "hash", "IfcAnnotation": "note-pencil", "IfcOpening": "selection",
    "IfcVirtual": "selection", "IfcProject": "folder-simple", "IfcSite": "map-trifold", "IfcBuilding": "buildings",
    "IfcBuildingStorey": "stack", "IfcSpace": "bounding-box", "IfcZone": "selection", "IfcSpatialZone": "selection",
    "IfcShading": "sun-dim", "IfcChimney": "house-line", "IfcTank": "database", "IfcMedical": "first-aid-kit",
}  # fmt: skip
_LONGEST_FIRST = sorted(CLASSES, key=len, reverse=True)
_known: dict[str, str] = {}


def icon_of(kind: str, ifc_class: str = "") -> str:
    """Return the icon of a tree row: by its kind, or by the class of the element (or heading) that it is."""
    if kind in KINDS and not (kind == "class" and ifc_class):
        return KINDS[kind]
    if ifc_class not in _known:
        _known[ifc_class] = next((CLASSES[start] for start in _LONGEST_FIRST if ifc_class.startswith(start)), "cube")
    return _known[ifc_class]
