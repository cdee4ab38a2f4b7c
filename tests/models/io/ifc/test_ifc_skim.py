"""A file without its shapes and properties tells the same of elements, structure and place as the whole file."""

from pathlib import Path

import ifcopenshell
import numpy as np
import pytest

from models.core.errors import UserError
from models.io.ifc.elements import collect
from models.io.ifc.geometry import products
from models.io.ifc.open_file import prepared_bytes
from models.io.ifc.place.georeference import find
from models.io.ifc.skim import skimmed
from models.io.ifc.units import Units
from tests.support.io_models import write_model
from tests.support.paths import IFC_FILES

#: Written over several lines, or placed by a property set: read whole.
WHOLE = {
    "Duplex_A_20110907_georeferenced.ifc", "ISSUE_171_IfcSurfaceCurveSweptAreaSolid.ifc", "ac16_sjis.ifc",
    "ac16_unicode.ifc", "domestic-hot-water.ifc", "errorfile.ifc", "geographic-referencing-gk.ifc",
    "geographic-referencing-rigid-operation.ifc", "geographic-referencing-utm.ifc", "vectorworks_sjis.ifc",
}  # fmt: skip


def told(raw: bytes) -> dict[str, object]:
    """Ask a model for all that the first picture shows beside shapes."""
    model = ifcopenshell.file.from_string(raw.decode("latin-1"))
    bodies = products(model)
    length_m = Units(model).length_m
    elements = collect(model, set(bodies), length_m, brief=True)
    place = find(model, length_m, np.array([3.0, 4.0, 5.0]), "", "a")
    return {
        "bodies": list(bodies),
        "oids": elements.oid_of,
        "table": elements.frame.fillna(-1.0).to_dict("list"),
        "length": length_m,
        "crs": place.crs,
        "placement": place.placement.tolist(),
        "detail": place.detail,
        "cautions": [caution.as_dict() for caution in place.cautions],
    }


def test_a_skimmed_model_tells_the_same(tmp_path: Path) -> None:
    raw = prepared_bytes(write_model(tmp_path / "a.ifc"))[0]
    small = skimmed(raw)
    assert small is not None
    assert len(small) < len(raw) * 0.8
    assert told(small) == told(raw)


def test_a_name_that_looks_like_a_reference_stays(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc")
    raw = path.read_bytes().replace(b"'Project", b"'#99998 (#99999) IFCFACE; Project", 1)
    small = skimmed(raw)
    assert small is not None
    assert (small.count(b"#99998 (#99999)"), small.count(b"IFCFACE;")) == (raw.count(b"#99998 (#99999)"),) * 2


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b");\n", b")\n;\n", 3),
        lambda raw: raw.replace(b"DATA;", b"DATA; "),
        lambda raw: raw.replace(b"ENDSEC;\nEND", b""),
        lambda raw: raw.replace(b"Pset_", b"ePSet_Map"),
        lambda raw: raw[: len(raw) // 2],
        lambda raw: b"",
    ],
)
def test_a_file_written_otherwise_is_left_to_the_parser(tmp_path: Path, change: object) -> None:
    raw = write_model(tmp_path / "a.ifc").read_bytes()
    broken = change(raw)  # type: ignore[operator]
    small = skimmed(broken)
    assert small is None or told(small) == told(broken)


@pytest.mark.data
@pytest.mark.skipif(not IFC_FILES.exists(), reason="needs the shared data")
def test_every_real_model_tells_the_same_skimmed() -> None:
    whole = set()
    for path in sorted(p for p in IFC_FILES.iterdir() if p.suffix.lower() in (".ifc", ".ifczip")):
        try:
            raw = prepared_bytes(path)[0]
        except UserError:
            continue
        small = skimmed(raw)
        if small is None:
            whole.add(path.name)
        elif len(raw) < 10_000_000:
            assert told(small) == told(raw), path.name
    assert whole <= WHOLE
