"""What is cut in a model is found in its text, which can be had with none of it cut."""

from pathlib import Path

import numpy as np
import pytest

from models.io.ifc import preview, reader
from models.io.ifc.cuts import find_cuts
from models.io.ifc.reader import Source
from models.io.request import Opened, ReadRequest
from models.layers.layer import ModelData, uncut_in
from tests.support.cut_model import VOLUMES, cut_text, write_cut_model


def volumes(opened: Opened) -> dict[str, float]:
    """Return the volume of each element that shows something, by name."""
    data = opened.data
    assert isinstance(data, ModelData)
    store, found = data.meshes, dict.fromkeys(data.elements["name"], 0.0)
    for mesh, oid in zip(store.placement_mesh.tolist(), store.placement_element.tolist(), strict=True):
        points = store.vertices[store.mesh_vertices[mesh] :].astype(np.float64)
        a, b, c = points[store.faces[store.mesh_faces[mesh] : store.mesh_faces[mesh + 1]]].transpose(1, 0, 2)
        found[data.elements["name"][oid]] += float((a * np.cross(b, c)).sum() / 6)
    return {name: found[name] for name in VOLUMES}


def never_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_GRACE", 0.0)
    monkeypatch.setattr(reader, "_GRACE_S", 0.0)
    monkeypatch.setattr(reader, "wait", lambda *_: type("Nobody", (), {"done": set()}))


def test_openings_chains_of_half_spaces_and_mapped_results_are_found_and_nothing_else() -> None:
    cuts = find_cuts(cut_text())
    assert cuts is not None
    assert cuts.elements == {20, 30, 40}


def test_a_text_without_cuts_is_left_alone() -> None:
    plain = cut_text().replace(b"IFCBOOLEAN", b"IFCOTHER").replace(b"IFCRELVOIDS", b"IFCRELFILLS")
    assert find_cuts(plain) is None


def test_the_uncut_text_keeps_every_id_and_shows_each_element_whole() -> None:
    cuts = find_cuts(cut_text())
    assert cuts is not None
    ids = [line.partition(b"=")[0] for line in cut_text().splitlines()]
    assert [line.partition(b"=")[0] for line in cuts.uncut.splitlines()] == ids
    whole, real = preview.tessellate(cuts.uncut), preview.tessellate(cut_text())
    assert whole.keys() == real.keys()
    assert (whole[70]["vertices"], whole[70]["faces"]) == (real[70]["vertices"], real[70]["faces"])


def test_a_chain_that_bites_its_tail_ends() -> None:
    text = cut_text().replace(b"(.DIFFERENCE.,#10,#36)", b"(.DIFFERENCE.,#33,#36)")
    cuts = find_cuts(text)
    assert cuts is not None
    assert b"#33=IFCBOOLEANCLIPPINGRESULT" in cuts.uncut


def test_what_is_cut_comes_whole_first_where_cutting_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_in_time(monkeypatch)
    first, second = Source.open(write_cut_model(tmp_path / "m.ifc"), ReadRequest()).previews()
    assert volumes(first) == pytest.approx({name: whole for name, (_, whole) in VOLUMES.items()}, rel=1e-3)
    assert volumes(second) == pytest.approx({name: cut for name, (cut, _) in VOLUMES.items()}, rel=1e-3)
    assert isinstance(first.data, ModelData)
    assert isinstance(second.data, ModelData)
    assert first.data.elements.iloc[uncut_in(first.data)]["name"].tolist() == ["opening", "chain", "mapped"]
    assert uncut_in(second.data) == []
    assert first.data.elements.equals(second.data.elements)


def test_there_is_one_picture_where_the_cuts_are_there_in_time_or_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_cut_model(tmp_path / "m.ifc")
    monkeypatch.setattr(reader, "_GRACE_S", 60.0)
    (quick,) = Source.open(path, ReadRequest()).previews()
    never_in_time(monkeypatch)
    (patient,) = Source.open(path, ReadRequest()).previews(hasty=False)
    cut = {name: cut for name, (cut, _) in VOLUMES.items()}
    assert volumes(quick) == pytest.approx(cut, rel=1e-3)
    assert volumes(patient) == pytest.approx(cut, rel=1e-3)
