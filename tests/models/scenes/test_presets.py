"""Scene presets as data: what a file may say, which layers are meant, and what the cards tell."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.core.errors import UserError
from models.layers.layer import VectorData
from models.project.scene import with_scene
from models.roles import ROLES
from models.scenes.cards import card_values
from models.scenes.library import ORDER, built_in, library
from models.scenes.matching import readiness, scene_of
from models.scenes.preset import ScenePreset
from models.scenes.reading import MOST_BYTES, preset_of, read_preset
from models.store.rows.views import scene_of as scene_from
from models.store.rows.views import scene_text
from models.style.classify import codes_of
from models.style.matching import table_for
from tests.support.cities.scene_city import street

PRESETS = {one.id: one for one in built_in()}
SMALL = {
    "id": "mine", "name": "我的", "layer": [{"key": "p", "role": "poles", "name": "杆", "needs": ["code"]}],
    "card": [{"kind": "count", "layer": "p", "name": "杆数"}],
}  # fmt: skip


def values_of(preset: ScenePreset, *names: str) -> dict[str, object]:
    state, data = street(*names)
    return {one.card.name.zh: one for one in card_values(readiness(preset, state, data), state, data)}


def test_the_presets_that_come_with_the_program_are_offered_in_their_order() -> None:
    assert tuple(PRESETS) == ORDER


@pytest.mark.parametrize("preset", PRESETS.values(), ids=str)
def test_a_preset_speaks_both_languages_and_says_how_missing_data_is_brought_in(preset: ScenePreset) -> None:
    texts = [preset.name, preset.purpose, *(one.text for one in preset.remarks)]
    for layer in preset.layers:
        texts += [layer.name, layer.how_to, *(one.text for one in layer.remarks)]
        assert layer.role in ROLES
    for card in preset.cards:
        texts += [card.name, *(column.head for column in card.columns)]
    assert all(one.zh and one.en for one in texts)
    assert len(preset.purpose.en) <= 110
    assert any(layer.is_required for layer in preset.layers)
    for layer in preset.layers:
        for one in () if layer.symbology is None else layer.symbology.classes:
            assert bool(one.label) == bool(one.label_en)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": ""}, "name"),
        ({"id": "../x"}, "id"),
        ({"layer": []}, "layer"),
        ({"base": ["nowhere"]}, "base"),
        ({"layer": [{"key": "p", "role": "poles", "name": "杆", "where": "code = "}]}, "layer[1].where"),
        ({"layer": [{"key": "p", "role": "poles", "name": "杆", "where": "{lost}"}]}, "layer[1].where"),
        ({"layer": [{"key": "p", "role": "poles", "name": "杆", "sise": 2}]}, "layer[1].sise"),
        ({"card": [{"kind": "count", "layer": "q", "name": "?"}]}, "card[1].layer"),
        ({"card": [{"kind": "share", "layer": "p", "name": "?"}]}, "card[1].kind"),
        ({"view": {"pitch_deg": 20}}, "view.pitch_deg"),
        ({"view": {"ground": True}}, "view.ground"),
        ({"view": {"sun": "yesterday"}}, "view.sun"),
        ({"sheet": {"paper": "B5"}}, "sheet.paper"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_by_its_place(change: dict[str, object], place: str) -> None:
    with pytest.raises(UserError) as caught:
        preset_of(SMALL | change, "mine.toml")
    assert caught.value.code == "preset.bad"
    assert (caught.value.facts["file"], caught.value.facts["place"]) == ("mine.toml", place)


def test_a_file_that_is_no_toml_or_far_too_large_is_refused_by_name(tmp_path: Path) -> None:
    for content in (b"id = ", b"\xff\xfe", b"#" * (MOST_BYTES + 1), b"a = " + b"[" * 5000):
        path = tmp_path / "a.toml"
        path.write_bytes(content)
        with pytest.raises(UserError) as caught:
            read_preset(path)
        assert (caught.value.code, caught.value.facts["file"]) == ("preset.unreadable", "a.toml")


def test_own_files_stand_beside_the_others_and_a_bad_one_is_named(tmp_path: Path) -> None:
    good = 'id = "mine"\nname = "我的"\n[[layer]]\nkey = "p"\nrole = "poles"\nname = "杆"\n'
    (tmp_path / "good.toml").write_text(good, encoding="utf-8")
    (tmp_path / "again.toml").write_text(good.replace("mine", "pipes"), encoding="utf-8")
    (tmp_path / "bad.toml").write_text("id = 7", encoding="utf-8")
    found = library([tmp_path, tmp_path / "nowhere"])
    assert found.find("mine").file == "good.toml"
    assert found.find("pipes").file == "again.toml"
    assert [error.facts["file"] for error in found.errors] == ["bad.toml"]
    with pytest.raises(UserError, match=r"preset\.unknown"):
        found.find("nothing")


def test_names_of_a_preset_stand_for_expressions_a_few_deep() -> None:
    preset = preset_of(
        SMALL | {"let": {"a": "slots_free > 1", "b": "{a} and open_5g = 'open'"},
                 "card": [{"kind": "share", "layer": "p", "name": "开放", "where": "{b}"}]}
    )  # fmt: skip
    assert preset.cards[0].where == "((slots_free > 1) and open_5g = 'open')"


def test_a_layer_is_meant_by_role_fields_and_objects_and_what_lacks_is_said() -> None:
    state, data = street()
    found = {name: readiness(one, state, data).state for name, one in PRESETS.items()}
    assert {found.pop(name) for name, one in PRESETS.items() if one.is_in_time} == {"missing"}, "no sensor stands here"
    assert found == {
        "pipes": "partly", "drainage": "partly", "greening": "missing", "smart_poles": "ready",
        "smart_roads": "partly", "utility_tunnel": "partly", "structures": "ready",
    }  # fmt: skip
    table = data["poles"]
    assert isinstance(table, VectorData)
    data["poles"] = VectorData(table.frame.drop(columns="open_5g"))
    match = readiness(PRESETS["smart_poles"], state, data)
    assert (match.of("poles").lacks, match.of("poles").fields) == ("fields", ("open_5g",))
    del data["poles"]
    assert readiness(PRESETS["smart_poles"], state, data).of("poles").lacks == "unread"
    assert readiness(PRESETS["smart_roads"], state, data).of("crossings").lacks == "fields"


def test_a_scene_without_its_data_is_refused_and_never_empty() -> None:
    state, data = street("poles")
    with pytest.raises(UserError) as caught:
        scene_of(readiness(PRESETS["structures"], state, data), state, "en")
    assert caught.value.code == "preset.no_data"
    assert "records of bridges" in str(caught.value.facts["lacking"])


def test_a_scene_switches_and_colours_and_keeps_in_a_viewpoint() -> None:
    state, data = street()
    scene = scene_of(readiness(PRESETS["smart_poles"], state, data), state)
    assert set(scene.shown) == {"poles", "devices"}
    shown = with_scene(state, scene)
    style = shown.layer("devices").style
    assert style.symbology is not None
    assert style.symbology.reach is not None
    assert not style.symbology.other.visible, "devices at the roadside belong to another scene"
    frame = data["devices"].frame  # type: ignore[union-attr]
    classes = [style.symbology.classes[k].label if k < len(style.symbology.classes) else ""
               for k in codes_of(style.symbology, frame)]  # fmt: skip
    assert classes == ["故障或离线", "5G 基站", "视频", "", ""]
    assert scene_from(scene_text(scene)) == scene


def test_full_flow_is_mannings_and_adverse_pipes_have_none() -> None:
    state, data = street("pipes")
    match = readiness(PRESETS["drainage"], state, data)
    symbology = scene_of(match, state).styles[0][1].symbology
    assert symbology is not None
    pipes = data["pipes"]
    assert isinstance(pipes, VectorData)
    codes = codes_of(symbology, table_for(symbology, pipes))
    area, radius, slope = math.pi / 4, 0.25, 0.01
    flow = area * radius ** (2 / 3) * math.sqrt(slope) / 0.013
    assert flow == pytest.approx(2.40, abs=0.01)
    assert [symbology.classes[k].label_en if k < len(symbology.classes) else "" for k in codes] == [
        "≥ 2 m³/s", "Adverse or level: no figure", "",
    ]  # fmt: skip
    bars = values_of(PRESETS["drainage"], "pipes")["雨水管满流能力（按长度）"]
    assert bars.counts == pytest.approx((0.1, 0.0, 0.0, 0.0, 0.1))  # type: ignore[attr-defined]


def test_a_share_is_of_those_that_say_it_and_its_coverage_is_told() -> None:
    values = values_of(PRESETS["structures"])
    share = values["D、E 级"]
    assert (share.value, share.known, share.of) == (pytest.approx(2 / 3), 3, 4)  # type: ignore[attr-defined]
    assert values["桥梁与隧道"].value == 4  # type: ignore[attr-defined]
    assert values["技术状况等级"].counts == (1, 1, 0, 1, 0)  # type: ignore[attr-defined]
    assert values["总长"].value == pytest.approx(0.31)  # type: ignore[attr-defined]


def test_a_list_is_in_its_order_and_leads_back_to_the_objects() -> None:
    listed = values_of(PRESETS["structures"])["由差到好"]
    ranking = listed.ranking  # type: ignore[attr-defined]
    assert ranking.columns["c0"].tolist() == ["甲桥", "丁隧道", "乙桥", "丙桥"]
    assert [ranking.key(row).oid for row in range(4)] == [1, 4, 2, 3]
    assert np.isnan(ranking.columns["c2"][1])


def test_a_missing_field_gives_no_figure_and_never_zero() -> None:
    state, data = street("structures")
    frame = data["structures"].frame.drop(columns=["bci"])  # type: ignore[union-attr]
    data["structures"] = VectorData(frame)
    values = {one.card.name.zh: one for one in card_values(readiness(PRESETS["structures"], state, data), state, data)}
    assert (values["由差到好"].lacks, values["由差到好"].why, values["由差到好"].value) == ("field", "bci", None)
    assert values["桥梁与隧道"].value == 4
    gone = card_values(readiness(PRESETS["smart_poles"], state, data), state, data)
    assert {one.lacks for one in gone} == {"layer"}


def test_a_filter_of_the_layer_holds_in_the_figures_too() -> None:
    state, data = street("structures")
    layers = tuple(replace(one, filter="kind = 'bridge'") for one in state.layers)
    state = replace(state, layers=layers)
    match = readiness(PRESETS["structures"], state, data)
    assert match.of("structures").count == 2
    assert card_values(match, state, data)[0].value == 2
