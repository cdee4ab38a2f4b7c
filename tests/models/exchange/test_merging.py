"""What records of several levels come to when they are put together."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from models.exchange.divisions import division_at, level_of
from models.exchange.merging import Known, merged
from models.exchange.records import DELETED, Version

COUNTY, CITY, PROVINCE = "370102", "370100", "370000"
FIRST = Version("components", "3701020101000001", {"ObjState": "完好", "DeptName1": "市政"}, time_us=1, sender=COUNTY)
RECORD = (FIRST.kind, FIRST.key)


def after(base: Version, sender: str, time_us: int, *, deleted: bool = False, **values: str) -> Version:
    """Return a version that follows another."""
    return replace(
        base, values={**base.values, **values}, sender=sender, time_us=time_us, bases=(base.hash,), deleted=deleted
    )


def test_what_only_one_side_changed_is_taken_from_it() -> None:
    known = Known([FIRST, after(FIRST, COUNTY, 2, ObjState="破损"), after(FIRST, CITY, 3, DeptName1="城管")])
    found = merged(known, RECORD)
    assert found is not None
    assert not found.conflicts
    assert found.values == {"ObjState": "破损", "DeptName1": "城管"}


def test_what_both_changed_is_a_conflict_with_base_and_both_sides() -> None:
    known = Known([FIRST, after(FIRST, COUNTY, 2, ObjState="破损"), after(FIRST, CITY, 3, ObjState="丢失")])
    found = merged(known, RECORD)
    assert found is not None
    (conflict,) = found.conflicts
    assert (conflict.field, conflict.base) == ("ObjState", "完好")
    assert [side.value for side in conflict.sides] == ["丢失", "破损"]
    assert found.values["ObjState"] == "丢失"  # the newer
    by_authority = merged(known, RECORD, "authority")
    assert by_authority is not None
    assert by_authority.values["ObjState"] == "破损"
    chosen = {conflict.id: conflict.sides[1].version}
    by_hand = merged(known, RECORD, "hand", chosen)
    assert by_hand is not None
    assert by_hand.values["ObjState"] == "破损"


def test_the_city_has_the_word_on_departments_and_the_county_on_states() -> None:
    known = Known(
        [
            FIRST,
            after(FIRST, CITY, 2, DeptName1="城管", ObjState="丢失"),
            after(FIRST, COUNTY, 3, DeptName1="水务", ObjState="破损"),
        ]
    )
    found = merged(known, RECORD, "authority")
    assert found is not None
    assert found.values == {"ObjState": "破损", "DeptName1": "城管"}


def test_without_an_ancestor_only_what_both_say_differently_is_a_conflict() -> None:
    other = replace(FIRST, sender=CITY, time_us=5, values={"ObjState": "完好", "Note": "临街", "DeptName1": "城管"})
    found = merged(Known([FIRST, other]), RECORD)
    assert found is not None
    assert [(one.field, one.has_base) for one in found.conflicts] == [("DeptName1", False)]
    assert found.values["Note"] == "临街"


def test_a_deleted_record_stays_deleted_unless_the_other_side_changed_it() -> None:
    gone = after(FIRST, COUNTY, 2, deleted=True)
    alone = merged(Known([FIRST, gone]), RECORD)
    assert alone is not None
    assert alone.deleted
    both = merged(Known([FIRST, gone, after(FIRST, CITY, 1, ObjState="破损")]), RECORD)
    assert both is not None
    assert [one.field for one in both.conflicts] == [DELETED]


def test_a_version_that_takes_the_place_of_both_ends_the_conflict() -> None:
    one, other = after(FIRST, COUNTY, 2, ObjState="破损"), after(FIRST, CITY, 3, ObjState="丢失")
    end = replace(FIRST, values={"ObjState": "破损"}, bases=tuple(sorted((one.hash, other.hash))), time_us=4)
    found = merged(Known([FIRST, one, other, end]), RECORD)
    assert found is not None
    assert not found.conflicts
    assert found.values == {"ObjState": "破损"}


def test_levels_are_told_from_the_code() -> None:
    assert [level_of(code) for code in (COUNTY, CITY, PROVINCE)] == ["county", "city", "province"]
    assert [division_at(COUNTY, level) for level in ("county", "city", "province")] == [COUNTY, CITY, PROVINCE]


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    """Return versions that parties made of two records, each knowing some of those before."""
    made: list[Version] = []
    for number in range(draw(st.integers(1, 7))):
        key = draw(st.sampled_from(["3701020101000001", "3701990101000001"]))
        before = [one for one in made if one.key == key]
        bases = draw(st.lists(st.sampled_from(before), max_size=2, unique_by=lambda one: one.hash)) if before else []
        values = {name: draw(st.sampled_from(["a", "b", "c"])) for name in draw(st.sets(st.sampled_from("xyz")))}
        made.append(
            Version(
                "components",
                key,
                values,
                time_us=draw(st.integers(0, 3)) + number // 3,
                sender=draw(st.sampled_from([COUNTY, CITY, PROVINCE])),
                bases=tuple(sorted(one.hash for one in bases)),
                deleted=draw(st.booleans()) and bool(bases),
            )
        )
    return made


def _all(known: Known, policy: str) -> list[object]:
    return [merged(known, record, policy) for record in known.records()]


@settings(max_examples=150, deadline=None)
@given(histories(), st.randoms(use_true_random=False), st.sampled_from(["newest", "authority"]))
def test_the_order_of_packages_and_how_often_they_come_change_nothing(versions, random, policy) -> None:  # type: ignore[no-untyped-def]
    at_once = _all(Known(versions), policy)
    packages = [random.sample(versions, random.randint(0, len(versions))) for _ in range(4)] + [versions]
    packages += [random.choice(packages)]  # one comes twice
    random.shuffle(packages)
    known = Known()
    for package in packages:
        known = random.choice([known.joined(Known(package)), Known(package).joined(known)])
    assert _all(known, policy) == at_once
    assert _all(known.joined(known), policy) == at_once


@settings(max_examples=60, deadline=None)
@given(histories(), histories(), histories())
def test_joining_what_three_know_is_the_same_in_any_grouping(a, b, c) -> None:  # type: ignore[no-untyped-def]
    one, two, three = Known(a), Known(b), Known(c)
    assert _all(one.joined(two).joined(three), "newest") == _all(three.joined(two.joined(one)), "newest")
