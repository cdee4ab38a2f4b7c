"""Changed tables are written back into a model without touching anything else of it."""

from __future__ import annotations

import pandas as pd
import pytest

from models.core.errors import UserError
from models.network.hydraulics.document import document_of
from models.network.hydraulics.edits import with_tables
from models.network.hydraulics.tables import tables_of
from tests.support.network.hydraulic_models import EPANET, SWMM


def changed(text: str, element: str, code: str, **values: object) -> tuple[bytes, bytes, int]:
    document = document_of(text.encode(), "m.inp")
    table: pd.DataFrame = getattr(tables_of(document), element).copy()
    for column, value in values.items():
        table.loc[table["code"] == code, column] = value
    written = with_tables(document, {element: table})
    return document.as_bytes(), written.document.as_bytes(), written.changed


def differing(before: bytes, after: bytes) -> list[str]:
    pairs = zip(before.split(b"\n"), after.split(b"\n"), strict=True)
    return [now.decode() for was, now in pairs if was != now]


def test_tables_that_nobody_changed_write_the_same_bytes() -> None:
    for text in (SWMM, SWMM.replace("CMS", "CFS"), EPANET, EPANET.replace("LPS", "GPM")):
        document = document_of(text.encode())
        tables = tables_of(document)
        written = with_tables(
            document, {"nodes": tables.nodes, "links": tables.links, "subcatchments": tables.subcatchments}
        )
        assert (written.document.as_bytes(), written.changed) == (document.as_bytes(), 0)


def test_a_larger_pipe_changes_one_token() -> None:
    before, after, count = changed(SWMM, "links", "C1", diameter_mm=600)
    (line,) = differing(before, after)
    assert line.split()[:3] == ["C1", "CIRCULAR", "0.6"]
    assert count == 1


def test_lengths_are_written_in_the_model_s_own_unit() -> None:
    before, after, _ = changed(SWMM.replace("CMS", "CFS"), "links", "C2", length_m=60.96)
    assert differing(before, after)[0].split()[3] == "200"
    before, after, _ = changed(EPANET.replace("LPS", "GPM"), "links", "P1", diameter_mm=254)
    assert differing(before, after)[0].split()[4] == "10"


def test_a_lower_invert_deepens_the_manhole_and_lifts_the_ends_of_its_pipes() -> None:
    before, after, _ = changed(SWMM, "nodes", "J2", invert_m=9.3)
    lines = [line.split() for line in differing(before, after)]
    assert lines[0][:3] == ["J2", "9.3", "2.2"]  # the ground stays where it was
    assert [line[0] for line in lines[1:]] == ["C1", "C2"]
    assert (float(lines[1][6]), float(lines[2][5])) == (pytest.approx(0.3), pytest.approx(0.2))
    after_tables = tables_of(document_of(after)).links.set_index("code")
    assert after_tables.loc["C1", "end_invert_m"] == pytest.approx(9.6)


def test_a_pipe_below_the_bottom_of_its_manhole_and_a_negative_diameter_are_refused_by_name() -> None:
    with pytest.raises(UserError, match=r"network\.negative_offset.*C1"):
        changed(SWMM, "links", "C1", end_invert_m=9.0)
    with pytest.raises(UserError, match=r"network\.bad_value.*C1"):
        changed(SWMM, "links", "C1", diameter_mm=-5)


def test_rows_that_the_model_lacks_are_told_and_not_written() -> None:
    document = document_of(SWMM.encode(), "m.inp")
    nodes = tables_of(document).nodes
    more = pd.concat([nodes.iloc[1:], nodes.iloc[:1].assign(code="NEW")])
    written = with_tables(document, {"nodes": more})
    assert written.document.as_bytes() == document.as_bytes()
    assert [caution.code for caution in written.cautions] == ["network.rows_differ"]
