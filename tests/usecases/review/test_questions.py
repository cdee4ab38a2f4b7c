"""What a meeting asks: how an indicator stands, and what is found by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from shapely import box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.health import health
from app.usecases.query.search import finder_of
from app.usecases.review import agenda, questions
from models.core.progress import Progress
from models.views.camera import Camera
from tests.support.health_city import PARK, at, city, districts, layer_of, park

CODE = "HC25-25"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path)
    shapes = [at(box(x, y, x + 150, y + 150)) for x, y in ((120, 420), (1500, 100), (800, 800))]
    parcels = layer_of("parcels", shapes, code=list("ABC"), name=["Near", "Far", "North"], land_use=["R2"] * 3)
    made.project.replace_all(*city(districts(), parcels, park(PARK)), None)
    return made


def test_an_indicator_stands_with_value_target_and_number_of_what_fails_it(session: Session) -> None:
    before = questions.standing_of(session, CODE)
    assert before is not None
    assert (before.failing, before.value) == (None, "Not computed")
    health.compute_indicators(session, (CODE,))
    result, one = health.kept(session, CODE), questions.standing_of(session, CODE)
    assert result is not None
    assert one is not None
    assert one.failing == len(result.problems) == 2
    assert (one.tint, one.verdict) == ("warn", "Not met")
    ranking = questions.failing(session, CODE)(Progress())
    assert ranking is not None
    assert {ranking.key(row) for row in range(len(ranking))} == {problem.key for problem in result.problems}


def test_an_unknown_indicator_stands_nowhere(session: Session) -> None:
    assert questions.standing_of(session, "HC25-99") is None
    assert questions.failing(session, "HC25-99")(Progress()) is None


def test_stops_indicators_and_objects_are_found_by_name_and_number(session: Session) -> None:
    view = agenda.view_of_now(session, Camera((0.0, 0.0, 9.0), (0.0, 0.0, 0.0)), (800, 600))
    stop = agenda.add_stop(session, view, title="Parks of the north")
    found = questions.answers_at_once(session, "park")
    assert (found[0].kind, found[0].id) == ("stop", stop.id)
    assert CODE in {one.id for one in found}
    assert questions.answers_at_once(session, "25")[0].id == CODE
    assert questions.answers_at_once(session, "  ") == []
    (hit, *_) = questions.objects_named(session, finder_of(session), "Far")(Progress())
    assert hit.key is not None
    assert session.project.data[hit.key.layer].row(hit.key.oid)["name"] == "Far"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("share", "text"), [(0.137, "13.7 %"), (0.0, "0.0 %"), (0.0001, "< 0.1 %"), (float("nan"), "")]
)
def test_a_share_is_never_written_as_zero_that_is_not(share: float, text: str) -> None:
    assert questions.share_text(share) == text
