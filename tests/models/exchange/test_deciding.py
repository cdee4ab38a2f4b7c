"""What a merge would come to is told before it is done, and a conflict is decided by one of four ways."""

from models.exchange.deciding import Foreseen, foresee, ours, side_by, theirs
from models.exchange.merging import Known, merged
from models.exchange.records import Version


def version(key, state, sender="370102", time_us=1, bases=(), deleted=False):
    return Version("components", key, {"ObjState": state}, sender=sender, time_us=time_us, bases=bases, deleted=deleted)


def test_each_record_is_foreseen_once():
    base = {key: version(key, "完好") for key in "abcde"}
    versions = [
        *base.values(), version("a", "破损", time_us=2, bases=(base["a"].hash,)),
        version("b", "破损", time_us=2, bases=(base["b"].hash,)),
        version("b", "丢失", "370100", 3, (base["b"].hash,)),
        version("c", "完好", time_us=2, bases=(base["c"].hash,), deleted=True),
        version("new", "完好"), version("gone", "完好", deleted=True),
    ]  # fmt: skip
    mine = {("components", key): one.hash for key, one in base.items()}
    mine["components", "b"] = versions[7].hash
    known = Known(versions)
    assert foresee(known, known.records(), mine) == {
        "components": Foreseen(new=1, changed=1, deleted=1, same=3, conflicting=1)
    }


def test_ours_theirs_and_newest_take_the_side_they_say():
    base = version("b", "完好")
    other, own = (
        version("b", "破损", "370102", 5, (base.hash,)), version("b", "丢失", "370100", 3, (base.hash,))
    )  # fmt: skip
    known, record = Known([base, other, own]), ("components", "b")
    (conflict,) = merged(known, record).conflicts
    said = ours(conflict, known, {record: own.hash})
    assert said.value == "丢失"
    assert [side.value for side in theirs(conflict, said)] == ["破损"]
    assert {way: side_by(conflict, way, said).value for way in ("ours", "theirs", "newest")} == {
        "ours": "丢失", "theirs": "破损", "newest": "破损",
    }  # fmt: skip
    assert side_by(conflict, "authority", said) in conflict.sides
    assert ours(conflict, known, {}) is None
    assert side_by(conflict, "ours", None) is None
