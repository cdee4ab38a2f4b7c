"""Many pictures of one scene: none depends on those before it, and each can say what is really seen in it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from app.session import Session
from app.usecases.views.framing import framed
from app.usecases.views.pictures import Pictures
from app.usecases.views.snapshots import make_spec, top_camera
from models.project.selection import ObjectKey
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.snapshot_spec import SnapshotSpec
from models.views.visibility import ElementAppearance
from tests.support.paths import ROOT
from tests.support.small_city import X, Y, open_tower_city
from viewers.render.scene.camera import bearing_and_pitch

pytestmark = pytest.mark.render
SIZE = (480, 320)
LOW, EAST, WEST, ALONE = (ObjectKey("buildings", oid) for oid in (1, 2, 3, 4))


def three(session: Session) -> dict[str, SnapshotSpec]:
    """Three pictures as unlike as can be."""
    first = make_spec(session, Camera((X, Y - 260, 150), (X, Y, 10)), size=SIZE, furniture=False)
    return {
        "A": first,
        "B": replace(first, camera=top_camera(session, (200, 300)), width_px=200, height_px=300, hidden=("buildings",)),
        "C": replace(first, selected=(LOW, ObjectKey("districts", 1)), faded=(EAST,), hidden=("green",),
                     theme=Theme("facilities"),
                     looks={"buildings": ElementAppearance(hidden=frozenset({4}))}),
    }  # fmt: skip


def print_of(session: Session, order: str) -> list[str]:
    specs = three(session)
    with Pictures(session) as pictures:
        return [hashlib.sha256(pictures.picture(specs[name]).tobytes()).hexdigest() for name in order]


def test_a_picture_does_not_depend_on_what_was_drawn_before_it(session: Session) -> None:
    open_tower_city(session)
    a, b, again, c, b_again, last = print_of(session, "ABACBA")
    assert a == again == last
    assert b == b_again
    assert len({a, b, c}) == 3
    code = (
        "from pathlib import Path; from app.session import Session; from app.settings import Settings\n"
        "from app.background.jobs import Jobs; from tests.support.small_city import open_tower_city\n"
        "from tests.render.test_many_pictures import print_of\n"
        f"cache = Path({str(session.cache_root)!r}) / 'x'\n"
        "s = Session(Settings(None), Jobs(inline=True), lang='zh', cache_root=cache)\n"
        "open_tower_city(s); print(*print_of(s, 'CA'))"
    )
    fresh = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert fresh.stdout.split() == [c, a]


def test_what_is_seen_is_counted_in_the_picture_itself(session: Session) -> None:
    open_tower_city(session)
    spec = make_spec(session, Camera((X, Y - 260, 30), (X, Y, 10)), size=SIZE, furniture=False)
    with Pictures(session) as pictures:
        seen = pictures.seen(spec)
        assert {EAST, WEST} <= seen.keys()
        assert LOW not in seen, "it stands behind the towers"
        assert ObjectKey("districts", 1) in seen, "what lies under parcels is seen through them"
        behind = replace(spec, faded=(EAST, WEST))
        assert LOW in pictures.ids(behind)
        assert pictures.seen(behind, (LOW,)).keys() == {LOW}
        scene, asked = pictures.scene_for(spec)
        scene.draw(asked)
        for x, y in np.random.default_rng(3).integers((0, 0), SIZE, (40, 2)).tolist():
            pick = scene._scene.pick(x, y)
            assert pick is None or pick.key is None or pick.key in seen, (x, y)


def test_framing_goes_round_what_stands_before_an_object(session: Session) -> None:
    open_tower_city(session)
    spec = make_spec(session, Camera((X, Y - 260, 30), (X, Y, 10)), size=SIZE, furniture=False)
    with Pictures(session) as pictures:
        found = framed(pictures, spec, (LOW,), pitch_deg=15.0)
        assert found.hidden == ()
        assert found.seen[LOW] > 50
        bearing, _ = bearing_and_pitch(found.spec.camera)
        assert abs((bearing + 180) % 360 - 180) > 20 or found.spec.faded, "not through the towers"
        parcel = ObjectKey("parcels", 2)  # 120 m wide, 80 m deep, in a picture of 3 : 2
        whole = framed(pictures, replace(spec, hidden=("parcels",)), (parcel,), plan=True)
        assert whole.spec.hidden == ()
        assert whole.spec.camera.parallel_scale_m == pytest.approx(40 * 1.14)
        assert whole.seen[parcel] == pytest.approx(SIZE[0] * SIZE[1] / 1.14**2, rel=0.03)
        none = framed(pictures, spec, (ObjectKey("buildings", 77),))
        assert none.hidden == (ObjectKey("buildings", 77),), "what is not drawn is named, not passed over"
