"""Write a model's place into a copy of its IFC file: the one thing that is ever written into somebody's model.

IFC4 and later get ``IfcProjectedCRS`` and ``IfcMapConversion``, IFC2X3 the property sets ``ePSet_ProjectedCRS`` and
``ePSet_MapConversion`` on the project and the site, as the buildingSMART guide to georeferencing says. Whatever
stated another place before is removed, so that the copy states one place and no two.

Invariants
----------
1. The original is opened for reading and never written; a target that is the same file is refused.
2. The target appears whole or not at all.
3. What the file holds as text (names in any encoding) is copied as it stands.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ifcopenshell.guid
import ifcopenshell.util.element
import ifcopenshell.util.unit

from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import crs_label, parse_crs
from models.io.ifc.attributes import by_type
from models.io.ifc.open_file import opened
from models.io.ifc.place.statements import contexts
from models.store import atomic
from models.store.whole_files import of_instances

_SETS = ("ePSet_MapConversion", "ePSet_ProjectedCRS")


def write_georef(
    source: Path,
    target: Path,
    crs: str,
    easting_m: float,
    northing_m: float,
    height_m: float,
    bearing_deg: float = 0.0,
    scale: float = 1.0,
    *,
    vertical: str = "",
    encoding: str = "",
    progress: Progress | None = None,
) -> None:
    """Write a copy of an IFC file whose model origin stands at a place.

    Parameters
    ----------
    source, target : Path
    crs : str
        Projected CRS, metres.
    easting_m, northing_m, height_m : float
        Where the model's own origin stands.
    bearing_deg : float
        Where its y axis points, clockwise from grid north.
    scale : float
        Map metres in a model metre.
    vertical : str
        Height datum, ``"EPSG:5737"``, or empty.
    encoding : str
        Of a source whose text is not as STEP wants it.

    Raises
    ------
    UserError
        ``place.onto_itself``, ``place.not_finite``, ``place.no_context``, ``crs.not_projected``, ``place.would_lose``
        when the source holds what no library can write again; what reading the source and writing the target say.
    """
    source, target, progress = Path(source), Path(target), progress or Progress()
    if source.resolve() == target.resolve() or (target.exists() and target.samefile(source)):
        raise UserError("place.onto_itself", file=target.name)
    if not all(math.isfinite(value) for value in (easting_m, northing_m, height_m, bearing_deg, scale)) or scale <= 0:
        raise UserError("place.not_finite")
    if not parse_crs(crs).is_projected:
        raise UserError("crs.not_projected", crs=crs)
    progress.step(0.0, "progress.io.reading")
    with opened(source, encoding) as (model, _, cautions):
        if any(caution.code == "io.classes_lost" for caution in cautions):
            raise UserError("place.would_lose", file=source.name)
        progress.step(0.6, "progress.place.writing")
        angle = math.radians(-bearing_deg)
        values = {
            "Eastings": easting_m, "Northings": northing_m, "OrthogonalHeight": height_m,
            "XAxisAbscissa": math.cos(angle), "XAxisOrdinate": math.sin(angle),
        }  # fmt: skip
        crs_texts = {"Name": crs_label(crs), "Description": str(parse_crs(crs).name), "VerticalDatum": vertical}
        _take_out(model)
        length_m = float(ifcopenshell.util.unit.calculate_unit_scale(model)) or 1.0
        if str(model.schema).upper().startswith("IFC2X"):
            _write_sets(model, values, crs_texts, scale, length_m, source.name)
        else:
            _write_conversion(model, values | {"Scale": scale * length_m}, crs_texts, source.name)
        _settle_system(model)
        with atomic.replacing(target, of_instances(sum(1 for _ in model))) as fresh:
            try:
                model.write(str(fresh))
            except RuntimeError as error:  # it does not say why
                raise atomic.unwritten(target, str(error)) from error
    progress.step(1.0, "progress.place.writing")


def run_json(arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Do :func:`write_georef` in a child process."""
    known = ("crs", "easting_m", "northing_m", "height_m", "bearing_deg", "scale", "vertical", "encoding")
    settings = {name: arguments[name] for name in known if name in arguments}
    write_georef(Path(arguments["source"]), Path(arguments["target"]), progress=progress, **settings)
    return {"path": str(arguments["target"])}


def _take_out(model: Any) -> None:
    """Remove what says a place so far, and CRSs that nothing else uses."""
    targets = []
    for name in ("IfcMapConversion", "IfcRigidOperation"):
        for operation in by_type(model, name):
            targets.append(operation.TargetCRS)
            model.remove(operation)
    for target in targets:
        if target is not None and not model.get_inverse(target):
            model.remove(target)
    lowered = tuple(name.lower() for name in _SETS)
    for pset in by_type(model, "IfcPropertySet"):
        if str(pset.Name or "").lower() in lowered:
            for relation in list(model.get_inverse(pset)):
                if relation.is_a("IfcRelDefinesByProperties"):
                    model.remove(relation)
            properties = list(pset.HasProperties or ())
            model.remove(pset)
            for one in properties:
                if not model.get_inverse(one):
                    model.remove(one)


def _write_conversion(model: Any, values: dict[str, float], crs_texts: dict[str, str], file: str) -> None:
    source = next(iter(contexts(model)), None)
    if source is None:
        raise UserError("place.no_context", file=file)
    metre = model.create_entity("IfcSIUnit", UnitType="LENGTHUNIT", Name="METRE")
    target = model.create_entity(
        "IfcProjectedCRS", MapUnit=metre, **{name: text for name, text in crs_texts.items() if text}
    )  # fmt: skip
    model.create_entity("IfcMapConversion", SourceCRS=source, TargetCRS=target, **values)


def _write_sets(
    model: Any, values: dict[str, float], crs_texts: dict[str, str], scale: float, length_m: float, file: str
) -> None:
    """Write the two property sets; map lengths are in the project's unit, and Scale is between equal units."""
    things = [*by_type(model, "IfcSite")[:1], *by_type(model, "IfcProject")[:1]]
    if not things:
        raise UserError("place.no_context", file=file)
    lengths = ("Eastings", "Northings", "OrthogonalHeight")
    numbers = {name: value / length_m if name in lengths else value for name, value in values.items()}
    for name, rows in (
        (_SETS[0], [(key, "IfcLengthMeasure" if key in lengths else "IfcReal", value) for key, value in numbers.items()]
                   + [("Scale", "IfcReal", scale)]),
        (_SETS[1], [(key, "IfcLabel", text) for key, text in crs_texts.items() if text]),
    ):  # fmt: skip
        for thing in things:
            properties = [
                model.create_entity(
                    "IfcPropertySingleValue", Name=key, NominalValue=model.create_entity(measure, value)
                )
                for key, measure, value in rows
            ]
            history = thing.OwnerHistory
            pset = model.create_entity(
                "IfcPropertySet", GlobalId=ifcopenshell.guid.new(), OwnerHistory=history, Name=name,
                HasProperties=properties,
            )  # fmt: skip
            model.create_entity(
                "IfcRelDefinesByProperties", GlobalId=ifcopenshell.guid.new(), OwnerHistory=history,
                RelatedObjects=[thing], RelatingPropertyDefinition=pset,
            )  # fmt: skip


def _settle_system(model: Any) -> None:
    """Set every context's WorldCoordinateSystem to the origin: the conversion starts from model coordinates."""
    for context in contexts(model):
        system = context.WorldCoordinateSystem
        location = getattr(system, "Location", None)
        plain = location is None or not any(abs(float(value)) > 0 for value in location.Coordinates)
        turned = any(getattr(system, name, None) is not None for name in ("Axis", "RefDirection"))
        if plain and not turned:
            continue
        if location is not None and len(location.Coordinates) == 3:
            point = model.create_entity("IfcCartesianPoint", Coordinates=(0.0, 0.0, 0.0))
            context.WorldCoordinateSystem = model.create_entity("IfcAxis2Placement3D", Location=point)
