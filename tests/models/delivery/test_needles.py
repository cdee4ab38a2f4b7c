"""What was taken out is found wherever it stands, as a plain search finds it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.delivery.needles import Needles
from models.delivery.personal import kind_by_values, kind_of_field, masked_numbers


@given(st.lists(st.text("王欧阳a1 ", min_size=2, max_size=5), max_size=8), st.text("王欧阳a1 ", max_size=40))
def test_needles_are_found_as_a_plain_search_finds_them(values: list[str], text: str) -> None:
    needles = Needles(values)
    found = {one for one in needles.values if one in text}
    assert needles.found_in(text) == found
    assert not [one for one in found if one in needles.masked(text)]
    raw = Needles.of_bytes(needles).found_in(text.encode().decode("latin-1"))
    assert {one.encode("latin-1").decode() for one in raw} == {one for one in found if len(one.encode()) >= 6}


def test_telephones_identity_numbers_and_mail_are_masked_and_codes_are_not() -> None:
    assert masked_numbers("请拨 13812345678 或 0531-88887777，a.b@example.org") == "请拨 *** 或 ***，***"
    assert masked_numbers("身份证11010519491231002X") == "身份证***"
    for code in ("3701020101000123", "110105194912310021", "20131234567", "A13812345678"):
        assert masked_numbers(code) == code


def test_fields_are_known_by_their_names_and_by_what_stands_in_them() -> None:
    import pandas as pd

    assert [kind_of_field(name) for name in ("ownerName", "户主姓名", "DeptName2", "storeys", "ObjID")] == [
        "person", "person", "body", "", "",
    ]  # fmt: skip
    assert kind_by_values("c7", pd.Series(["13812345678", None, "13912345678"])) == "contact"
    assert kind_by_values("c8", pd.Series(["11010519491231002X"] * 3)) == "identity"
    assert kind_by_values("c9", pd.Series(["砖混", "框架"])) == ""
