"""Setting styles in a project: one step to undo, facts of the table, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.session import Session
from app.usecases.style import styles
from models.core.errors import UserError
from models.layers.layer import Style
from models.style.kinds import METHODS, Class, Symbology
from tests.support.blocks import blocks


@pytest.fixture
def styled(session: Session, tmp_path: Path) -> tuple[Session, str]:
    from app.usecases.project import opening

    data = blocks(6, value=np.arange(6.0), use=list("aabbcc"))
    data.frame.to_file(tmp_path / "blocks.gpkg", layer="blocks")
    opening.open_files(session, [tmp_path / "blocks.gpkg"])
    return session, session.project.state.layers[0].id


def test_a_burst_of_changes_is_one_step_to_undo(styled: tuple[Session, str]) -> None:
    session, layer_id = styled
    before = session.project.state
    for number in range(5):
        style = Style(symbology=Symbology(classes=(Class(f"#0000{number:02x}"),)))
        styles.set_style(session, layer_id, style, "burst")
    styles.set_style(session, layer_id, Style(colour="#ff0000"), "another")
    session.history.undo()
    assert session.project.state.layer(layer_id).style.symbology == Symbology(classes=(Class("#000004"),))
    session.history.undo()
    assert session.project.state == before


def test_a_style_by_a_field_that_is_not_there_or_holds_words_is_refused(styled: tuple[Session, str]) -> None:
    session, layer_id = styled
    for kind, field, code in (("graduated", "gone", "style.no_field"), ("ramp", "use", "style.no_numbers"),
                              ("spots", "value", "style.unknown_kind")):  # fmt: skip
        with pytest.raises(UserError) as raised:
            styles.style_by(session, layer_id, kind, field)
        assert raised.value.code == code
    assert session.history.undo_label != "history.style_layer"


def test_the_facts_of_a_style_count_what_the_table_holds(styled: tuple[Session, str]) -> None:
    session, layer_id = styled
    styles.style_by(session, layer_id, "categorised", "use")
    facts = styles.facts_of(session.project.state.layer(layer_id), styles.data_of(session, layer_id), "zh")
    assert facts.counts == (2, 2, 2)
    assert (facts.other, facts.blank, facts.total) == (0, 0, 6)
    styles.style_by(session, layer_id, "graduated", "value", method="equal", count=2)
    facts = styles.facts_of(session.project.state.layer(layer_id), styles.data_of(session, layer_id), "zh")
    assert sum(facts.heights) == 6
    assert facts.counts == (3, 3)


def test_pasting_a_style_leaves_the_fields_that_give_heights(styled: tuple[Session, str]) -> None:
    copied = Style(symbology=Symbology(kind="ramp", field="value"), height_field="x", opacity=0.4)
    onto = styles.pasted(Style(height_field="h"), copied)
    assert (onto.height_field, onto.opacity, onto.symbology) == ("h", 0.4, copied.symbology)


def test_the_verbs_choices_are_those_of_the_models() -> None:
    from app.command_line import style as style_verb
    from models.style.kinds import KINDS

    assert style_verb.KINDS == KINDS
    assert (*style_verb.METHODS, "manual") == METHODS


def test_fewer_classes_than_asked_for_are_told_in_the_legend_and_on_the_command_line(
    session: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.command_line.main import run
    from app.usecases.project import opening

    data = blocks(10, value=np.array([1.0] * 8 + [2.0, 3.0]), year=np.array([1990, 1995, 2000, 2005, 2010] * 2))
    data.frame.to_file(tmp_path / "blocks.gpkg", layer="blocks")
    opening.open_files(session, [tmp_path / "blocks.gpkg"])
    layer_id = session.project.state.layers[0].id
    made = styles.style_by(session, layer_id, "graduated", "value", method="quantiles", count=5)
    assert len(made.classes) < 5
    texts = [row.text for row in styles.legend_rows(session, session.project.state.layer(layer_id))]
    assert any("要 5 级" in text for text in texts)
    for field, told in (("value", True), ("year", False)):
        asked = ["style", str(tmp_path / "blocks.gpkg"), "--by", field, "--kind", "graduated", "--classes", "5",
                 "--lang", "en"]  # fmt: skip
        assert run(asked) == 0
        out = capsys.readouterr().out
        assert ("of the 5 asked for" in out) == told
        assert "1,995" not in out, "a year has no thousands"
