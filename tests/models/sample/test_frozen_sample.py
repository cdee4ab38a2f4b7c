"""The frozen sample: what benchmarks of the start measure does not grow with the program."""

from __future__ import annotations

import pandas as pd

from app.session import Session
from models.layers.layer import VectorData
from models.sample.profiles.startup import MODELS, TABLES, frozen_tables


def test_the_frozen_city_has_the_rows_and_columns_that_it_always_had(sample_session: Session) -> None:
    """The sample of the tests is of the same seed; where it once has fewer rows, the profile needs new numbers."""
    data = sample_session.project.data
    frames = {name: one.frame for name, one in data.items() if isinstance(one, VectorData)}
    found = frozen_tables(frames)
    assert {name: len(frame) for name, frame in found.items()} == {name: rows for name, (rows, _) in TABLES.items()}
    for name, (_, columns) in TABLES.items():
        assert [column for column in found[name].columns if column != "geometry"] == columns.split()
    assert set(found["pipe_nodes"]["node_type"]) == {"manhole", "valve", "junction", "source", "outfall"}
    models = {layer.source.path.rsplit("/", 1)[-1] for layer in sample_session.project.state.layers}
    assert models >= set(MODELS)


def test_what_later_versions_add_is_left_out() -> None:
    grown = pd.DataFrame({"name": ["a"] * 9, "name_en": ["b"] * 9, "invented": range(9)})
    assert frozen_tables({"built_up": grown, "invented": grown})["built_up"].shape == (1, 2)
    assert list(frozen_tables({"built_up": grown, "invented": grown})) == ["built_up"]
