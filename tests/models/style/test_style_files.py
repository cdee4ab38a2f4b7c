"""Styles in files: JSON, the project file, QGIS and SLD, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.session import Session
from app.usecases.style import styles
from models.core.errors import UserError
from models.layers.layer import Style, VectorData, style_from
from models.style.classify import (
    codes_of,
    proposed,
)
from models.style.kinds import Class, Density, Extrusion, Labels, ScaleRange, Sizes, Symbology
from tests.support.blocks import blocks, layer_with


def some_styles(data: VectorData) -> Iterator[Symbology]:
    yield Symbology(classes=(Class("#336699", opacity=0.5),))
    yield proposed("categorised", "use", data.frame)
    yield proposed("graduated", "value", data.frame)
    rules = (Class("#aa0000", expression="value > 5", label="高"), Class("#00aa00"))
    yield Symbology(kind="rules", classes=rules)


def test_a_style_comes_back_from_its_json_form() -> None:
    import json

    data = blocks(6, value=np.arange(6.0), use=list("aabbcc"))
    for symbology in some_styles(data):
        full = replace(symbology, extrusion=Extrusion("v", 2.0), sizes=Sizes("v"), density=Density(50.0))
        style = Style(symbology=full, labels=Labels("name", size_px=18), scales=ScaleRange(500, 50_000))
        assert style_from(json.loads(json.dumps(asdict(style)))) == style
    assert style_from({"colour": "#112233", "later": 1}) == Style(colour="#112233")


def test_a_style_comes_back_from_the_project_file(session: Session, tmp_path: Path) -> None:
    from app.usecases.project import opening

    data = blocks(6, value=np.arange(6.0), use=list("aabbcc"))
    data.frame.to_file(tmp_path / "blocks.gpkg", layer="blocks")
    opening.open_files(session, [tmp_path / "blocks.gpkg"])
    layer_id = session.project.state.layers[0].id
    made = styles.style_by(session, layer_id, "graduated", "value", method="equal", count=3)
    opening.save_project(session, tmp_path / "city.gpkg")
    opening.open_project(session, tmp_path / "city.gpkg")
    assert session.project.state.layers[0].style.symbology == made


def test_qgis_gets_the_look_that_is_drawn_and_gives_it_back(session: Session, tmp_path: Path) -> None:
    from models.store.qgis_style import qml
    from models.store.style_files import read_style

    data = blocks(8, value=[0.5, 1, 2, 3, 4, 5, 6, np.nan], use=list("aabbccdd"))
    for number, symbology in enumerate(some_styles(data)):
        layer = layer_with(symbology, opacity=0.8, labels=Labels("use"), scales=ScaleRange(1000, 25_000))
        path = tmp_path / f"{number}.qml"
        path.write_text(qml(layer, data.frame), encoding="utf-8")
        read = read_style(path)
        assert not read.cautions
        assert read.symbology.kind == symbology.kind
        assert read.opacity == pytest.approx(0.8)
        assert read.scales == ScaleRange(1000, 25_000)
        assert read.labels is not None
        assert read.labels.field == "use"
        ours, theirs = codes_of(symbology, data.frame), codes_of(read.symbology, data.frame)
        assert [symbology.classes[k].colour for k in ours if k >= 0] == [
            read.symbology.classes[k].colour for k in theirs if k >= 0
        ]


SLD = """<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor version="1.1.0" xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc"
 xmlns:se="http://www.opengis.net/se"><NamedLayer><se:Name>x</se:Name><UserStyle><se:FeatureTypeStyle>{rules}
</se:FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>"""

RULE = """<se:Rule><se:Name>{name}</se:Name>{filter}<se:PolygonSymbolizer><se:Fill>
<se:SvgParameter name="fill">{colour}</se:SvgParameter></se:Fill></se:PolygonSymbolizer></se:Rule>"""


def sld_test(operator: str, value: object) -> str:
    return (f"<ogc:{operator}><ogc:PropertyName>value</ogc:PropertyName><ogc:Literal>{value}</ogc:Literal>"
            f"</ogc:{operator}>")  # fmt: skip


def test_an_sld_of_categories_and_one_of_ranges_are_taken_over(tmp_path: Path) -> None:
    from models.store.style_files import read_style

    path = tmp_path / "a.sld"
    rules = "".join(
        RULE.format(name=f"n{n}", colour=f"#0000{n:02x}",
                    filter=f"<ogc:Filter>{sld_test('PropertyIsEqualTo', n)}</ogc:Filter>")
        for n in (1, 2, 3)
    )  # fmt: skip
    path.write_text(SLD.format(rules=rules), encoding="utf-8")
    read = read_style(path).symbology
    assert (read.kind, read.field) == ("categorised", "value")
    assert [(one.value, one.colour, one.label) for one in read.classes] == [
        ("1", "#000001", "n1"), ("2", "#000002", "n2"), ("3", "#000003", "n3"),
    ]  # fmt: skip
    ranges = "".join(
        RULE.format(
            name=f"{low}", colour=f"#00{low:02x}00",
            filter=f"<ogc:Filter><ogc:And>{sld_test('PropertyIsGreaterThanOrEqualTo', low)}"
            f"{sld_test('PropertyIsLessThan', low + 10)}</ogc:And></ogc:Filter>",
        )
        for low in (0, 10, 20)
    )  # fmt: skip
    path.write_text(SLD.format(rules=ranges), encoding="utf-8")
    read = read_style(path).symbology
    assert read.kind == "graduated"
    assert codes_of(read, pd.DataFrame({"value": [5.0, 10.0, 25.0]})).tolist() == [0, 1, 2]


def test_broken_and_foreign_style_files_are_refused_clearly(tmp_path: Path) -> None:
    from models.store.style_files import read_style

    def refused(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError) as raised:
            read_style(path)
        return raised.value.code

    assert refused("a.qml", "<qgis><renderer-v2") == "style.broken_file"
    assert refused("b.qml", "") == "style.broken_file"
    assert refused("c.qml", "<qgis/>") == "style.broken_file"
    assert refused("d.qml", '<qgis><renderer-v2 type="heatmapRenderer"/></qgis>') == "style.not_simple"
    assert refused("e.sld", "<kml/>") == "style.broken_file"
    assert refused("f.txt", "x") == "style.unknown_file"
    bomb = '<!DOCTYPE q [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><qgis>&b;</qgis>'
    assert refused("g.qml", bomb) == "style.broken_file"


def test_a_rule_that_is_not_understood_is_left_out_and_said(tmp_path: Path) -> None:
    from models.store.style_files import read_style

    path = tmp_path / "r.qml"
    path.write_text(
        '<qgis><renderer-v2 type="RuleRenderer"><rules key="r"><rule filter="aggregate(\'x\',{{) &gt; 1" symbol="0"/>'
        '<rule filter="&quot;value&quot; &gt; 3" symbol="0" label="much"/></rules><symbols>'
        '<symbol name="0" type="fill">'
        '<layer class="SimpleFill"><prop k="color" v="10,20,30,255"/></layer></symbol></symbols></renderer-v2></qgis>',
        encoding="utf-8",
    )
    read = read_style(path)
    assert [one.label for one in read.symbology.classes] == ["much"]
    assert read.symbology.classes[0].colour == "#0a141e"
    assert [one.code for one in read.cautions] == ["style.left_out"]


def test_qgis_gets_the_names_of_classes_that_the_legend_has(session: Session, tmp_path: Path) -> None:
    import contextlib
    import sqlite3
    from xml.etree import ElementTree as ET

    from app.usecases.project import opening
    from viewers.render.symbology.style_legend import class_labels

    data = blocks(6, value=np.arange(6.0) * 1000, use=list("aabbcc"))
    data.frame.to_file(tmp_path / "blocks.gpkg", layer="blocks")
    opening.open_files(session, [tmp_path / "blocks.gpkg"])
    layer_id = session.project.state.layers[0].id
    made = styles.style_by(session, layer_id, "graduated", "value", method="equal", count=3)
    named = replace(made, classes=(replace(made.classes[0], label="低"), *made.classes[1:]))
    styles.set_style(session, layer_id, replace(session.project.state.layers[0].style, symbology=named))
    opening.save_project(session, tmp_path / "city.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "city.gpkg")) as connection:
        ((text,),) = connection.execute("SELECT styleQML FROM layer_styles").fetchall()
    root = ET.fromstring(text.split("\n", 1)[1])  # noqa: S314 - our own
    labels = [one.get("label") for one in root.iter("range")]
    assert labels[0] == "低"
    assert all(labels)
    for lang in ("zh", "en"):
        assert labels == class_labels(named, lang)


@pytest.mark.parametrize("kind", ["heat", "hex"])
def test_it_is_said_once_what_qgis_shows_of_heat_and_hexagons(session: Session, tmp_path: Path, kind: str) -> None:
    from app.usecases.project import opening

    data = blocks(6, value=np.arange(6.0))
    data.frame.to_file(tmp_path / "blocks.gpkg", layer="blocks")
    opening.open_files(session, [tmp_path / "blocks.gpkg"])
    layer = session.project.state.layers[0]
    styles.set_style(session, layer.id, replace(layer.style, symbology=Symbology(kind=kind, density=Density(50.0))))
    for _ in range(2):
        opening.save_project(session, tmp_path / "city.gpkg")
    styles.save_style(session, layer.id, tmp_path / "a.qml")
    said = [one for one in session.notices.all if one.key == f"caution.style.plain_in_qgis.{kind}"]
    assert len(said) == 1
    assert layer.name in said[0].text("zh")
    assert "QGIS" in said[0].cure("en") or "there" in said[0].cure("en")
