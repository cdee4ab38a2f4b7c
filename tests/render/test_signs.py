"""Signs over components: each counted once, none over another, icons for every class."""

from __future__ import annotations

import numpy as np
import pytest

from models.crs.frame import Frame
from models.facilities.coding.editions import NO_CLASS, FacilityClass, editions
from models.layers.layer import Layer
from models.views.camera import Camera
from viewers.facility_icons import Icon, icon_of, paint, table
from viewers.render.geometry.parts import Prepared, SignPart
from viewers.render.overlays.sign_tree import SignTree
from viewers.render.overlays.signs import number_text
from viewers.render.scene.render_target import off_screen
from viewers.render.scene.scene import Scene

FRAME = Frame("EPSG:4548", None, (502000, 4059000, 0))


def part(count: int, seed: int = 1, half_m: float = 1500.0) -> SignPart:
    random = np.random.default_rng(seed)
    points = np.column_stack([random.uniform(-half_m, half_m, (count, 2)), np.zeros(count)]).astype(np.float32)
    return SignPart(
        points, np.arange(count, dtype=np.int32), random.integers(0, 2, count).astype(np.int32),
        (Icon(), Icon("water")), random.integers(0, 3, count).astype(np.int32),
        (("#339966", 0), ("#d0602a", 3), ("#888888", 0)),
    )  # fmt: skip


def test_every_class_has_an_icon_of_its_own_that_is_not_empty() -> None:
    kinds = [kind for edition in editions().values() for kind in edition.classes.values()]
    seen = {}
    for kind in {kind.key: kind for kind in kinds}.values():
        icon = icon_of(kind)
        assert icon.sign in table()["signs"], kind.code
        picture = paint(icon, 16)
        white = (picture[..., :3].min(axis=2) > 200) & (picture[..., 3] > 200)
        assert 8 <= white.sum() <= 150, kind.code
        seen.setdefault((icon.sign, icon.colour), []).append(kind.code)
    assert all(len(codes) == 1 for codes in seen.values()), seen


def test_a_class_that_only_its_large_class_is_known_of_still_has_a_sign() -> None:
    assert icon_of(FacilityClass("03077", "x")).sign == table()["groups"]["03"]
    assert icon_of(NO_CLASS).sign == "dot"


@pytest.mark.parametrize("away", [200.0, 3000.0, 60_000.0])
def test_every_place_in_sight_is_counted_exactly_once(away: float) -> None:
    one = part(5000)
    tree = SignTree(one)
    open_ = np.zeros((0, 4))
    chosen = tree.choose(np.array([0.0, -away, away]), 900.0, open_, 100.0)
    assert chosen.counts.sum() == 5000
    members = np.concatenate(
        [tree.rows(int(first), int(count)) for first, count in zip(chosen.first, chosen.counts, strict=True)]
    )
    assert sorted(members.tolist()) == list(range(5000))
    assert (chosen.states.sum(axis=1) == chosen.counts).all()
    worst = np.bincount(one.state, minlength=3)
    assert chosen.states.sum(axis=0).tolist() == worst.tolist()


def test_signs_do_not_touch_and_together_count_all_that_is_in_the_picture() -> None:
    with off_screen((800, 600)) as target:
        scene = Scene(target, FRAME)
        layer = Layer("c", "c", "vector", "facilities")
        scene.put(layer, Prepared(bounds=np.array([[-1500.0, -1500, 0], [1500, 1500, 1]]), signs=part(20_000)))
        camera = Camera((502000, 4059000, 9000), (502000, 4059000, 0), (0, 1, 0), parallel_scale_m=1700.0)
        scene.set_camera(camera)
        scene.render()
        assert scene.signs == []
        scene.show_signs(["c"])
        scene.render()
        signs = scene.signs
        assert 5 < len(signs) < 300
        assert sum(len(one.oids) for one in signs) >= 0.97 * 20_000
        boxes = np.array([one.box for one in signs])
        middle, reach = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2] - boxes[:, 0]) / 2
        gap = np.hypot(*(middle[:, None] - middle[None]).transpose(2, 0, 1)) - reach[:, None] - reach[None]
        np.fill_diagonal(gap, 1.0)
        assert gap.min() > -3.0
        x, y = middle[0].astype(int).tolist()
        nearer = scene.sign_view(x, y)
        assert nearer is not None
        nearer()
        assert scene.camera != camera
        scene.close()


def test_a_sign_of_one_component_is_picked_as_it() -> None:
    with off_screen((400, 300)) as target:
        scene = Scene(target, FRAME)
        one = part(1)
        one.points[:] = 0.0
        scene.put(Layer("c", "c", "vector", "facilities"), Prepared(signs=one))
        scene.set_camera(Camera((502000, 4059000, 900), (502000, 4059000, 0), (0, 1, 0), parallel_scale_m=200.0))
        scene.show_signs(["c"])
        scene.render()
        (sign,) = scene.signs
        found = scene.pick(round((sign.box[0] + sign.box[2]) / 2), round((sign.box[1] + sign.box[3]) / 2))
        assert found is not None
        assert found.key is not None
        assert (found.key.layer, found.key.oid) == ("c", 0)
        scene.close()


@pytest.mark.parametrize(("count", "text"), [(7, "7"), (999, "999"), (3400, "3.4k"), (27_774, "28k")])
def test_a_number_on_a_disc_is_short(count: int, text: str) -> None:
    assert number_text(count) == text
