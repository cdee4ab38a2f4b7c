"""What a table shows can be asked for, in both languages, wherever expressions go; finding nothing is explained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from app.command_line.main import run
from app.session import Session
from app.usecases.project import opening
from app.usecases.query import query
from app.usecases.style import styles
from models.query.columns import of_frame
from models.query.expression import compile_expression
from models.query.sql import condition
from models.style.kinds import Class, Symbology
from viewers.texts.values import shown_words

USES = ["residential", "office", None, "residential", "居住", "factory"]


@pytest.fixture
def opened(session: Session, tmp_path: Path) -> Session:
    path = tmp_path / "houses.gpkg"
    gpd.GeoDataFrame(
        {"use": USES, "lift": pd.array([True, False, None, True, False, True], "boolean"), "storeys": range(1, 7)},
        geometry=[shapely.Point(500000 + k, 4000000).buffer(0.4) for k in range(6)],
        crs="EPSG:4548",
    ).to_file(path, layer="houses")
    opening.open_files(session, [path])
    return session


def found(session: Session, text: str) -> list[int]:
    return query.matched(session, session.project.state.layers[0].id, text).oids.tolist()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("用途 = '居住'", [1, 4, 5]),
        ("use = 'Residential'", [1, 4, 5]),
        ("use = 'residential'", [1, 4, 5]),
        ("Use = '居住'", [1, 4, 5]),
        ("用途 = '办公'", [2]),
        ("'office' = use", [2]),
        ("用途 != '居住'", [2, 6]),
        ("not 用途 = '居住'", [2, 6]),
        ("用途 in ('居住', 'office')", [1, 2, 4, 5]),
        ("用途 in ('Office', 'nothing')", [2]),
        ("用途 contains '住'", [1, 4, 5]),
        ("use like 'res%'", [1, 4]),
        ("use like '居_'", [1, 4, 5]),
        ("use ilike 'OFF%'", [2]),
        ("use startswith '居'", [1, 4, 5]),
        ("use = 'factory'", [6]),
        ("lift = '是'", [1, 4, 6]),
        ("lift = 'Yes' and use = '居住'", [1, 4]),
        ("lift != '否'", [1, 4, 6]),
        ("lift in ('否')", [2, 5]),
        ("case when use = '居住' then true else false end", [1, 4, 5]),
    ],
)
def test_words_of_both_languages_and_codes_find_the_same_rows(opened: Session, text: str, wanted: list[int]) -> None:
    assert found(opened, text) == wanted


def test_a_filter_a_rule_and_a_label_hold_what_the_table_holds(opened: Session) -> None:
    layer = opened.project.state.layers[0]
    assert query.set_filter(opened, layer.id, "用途 = '居住'") == 3
    kept = opened.project.state.layer(layer.id)
    assert compile_expression(kept.filter).fields == ("use",), "it needs no words any more"
    query.set_filter(opened, layer.id, "")
    rules = Symbology("rules", classes=(Class("#ff0000", expression="用途 = '办公'"), Class("#00ff00")))
    styles.set_style(opened, layer.id, replace(layer.style, symbology=rules))
    symbology = opened.project.state.layer(layer.id).style.symbology
    assert symbology is not None
    assert symbology.classes[0].expression == "use = 'office'"
    assert 1 in [row.count for row in styles.legend_rows(opened, opened.project.state.layer(layer.id))]
    typed = replace(rules, classes=(Class("#ff0000", expression="storeys>3"), Class("#00ff00", expression="用途 =")))
    styles.set_style(opened, layer.id, replace(layer.style, symbology=typed))
    kept_rules = opened.project.state.layer(layer.id).style.symbology
    assert kept_rules is not None
    assert [one.expression for one in kept_rules.classes] == ["storeys>3", "用途 ="], "left as somebody typed it"


def test_a_database_is_asked_for_codes_and_words_of_its_own_columns() -> None:
    text = query.expression_for_database({"use": "text", "lift": "bool"}, "用途 = '居住' and lift = '是'")
    asked, values = condition(compile_expression(text).tree, lambda name: f'"{name}"')
    assert asked == '(("use" IN (%s, %s)) AND ("lift" = %s))'
    assert sorted(map(str, values)) == ["True", "residential", "居住"]
    assert query.expression_for_database({"用途": "text"}, "用途 = '居住'") == "用途 = '居住'", (
        "its own column comes first"
    )


def test_what_is_typed_above_the_table_finds_shown_words() -> None:
    columns = of_frame(pd.DataFrame({"use": USES, "n": range(6)}))
    assert np.flatnonzero(columns.holding("居住", codes=shown_words().holding)).tolist() == [0, 3, 4]
    assert np.flatnonzero(columns.holding("resid", codes=shown_words().holding)).tolist() == [0, 3]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("use = '居注'", ["居住", "× 2", "use = '居注'"]),
        ("use = 'Offise'", ["office"]),
        ("storeys > 99", ["1", "6"]),
        ("storeys > 3 and use = 'office'", ["合在一起"]),
        ("use = 'xyz' and storeys > 2", ["xyz"]),
    ],
)
def test_nothing_found_says_which_values_there_are(opened: Session, text: str, wanted: list[str]) -> None:
    why = query.why_nothing(opened, opened.project.state.layers[0].id, text)
    assert all(part in why for part in wanted), why
    query.set_filter(opened, opened.project.state.layers[0].id, text)
    assert query.why_nothing(opened, opened.project.state.layers[0].id, text) == why, "also once it is the filter"


def test_the_command_line_says_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "houses.csv"
    path.write_text("use,x,y\nresidential,500000,4000000\noffice,500001,4000001\n", encoding="utf-8")
    asked = ["query", str(path), "--crs", "EPSG:4548", "--lang", "zh", "--where"]
    assert run([*asked, "用途 = '居住'"]) == 0
    assert "找到 1 个" in capsys.readouterr().out
    assert run([*asked, "用途 = '居注'"]) == 0
    out = capsys.readouterr().out
    assert "找到 0 个" in out
    assert "居住 (residential)" in out
