"""Names in IFC files: escapes, raw bytes of many encodings, Shift-JIS wrapped in escapes."""

from pathlib import Path

import pytest

from models.io.ifc.encoding import escaped, guess, normalised, resolved
from models.io.ifc.open_file import opened, prepared_bytes
from models.io.ifc.step_text import decode
from tests.support.io_models import write_model
from tests.support.paths import IFC_FILES

CHINESE = ["首层", "1 号楼", "柱 400×400", "钢筋混凝土楼梯", "3F结构柱-500×500", "幕墙嵌板", "项目编号"]
JAPANESE = ["プロジェクト", "コンクリート-構造2", "壁-躯体", "片開き戸", "1階", "耐火等級レベル1"]


def names(path: Path, encoding: str = "") -> list[str]:
    with opened(path, encoding) as (model, _, _):
        return [thing.Name for thing in model.by_type("IfcRoot") if thing.Name]


@pytest.mark.parametrize(("encoding", "texts"), [
    ("gb2312", CHINESE), ("gbk", CHINESE), ("gb18030", CHINESE), ("cp932", JAPANESE), ("utf-8", CHINESE + JAPANESE),
    ("cp1252", ["Außenwand", "Küche", "m²", "Pommé, Harry"]), ("big5", ["樓層一", "混凝土牆", "門窗"]),
    ("cp1251", ["Стена", "Перекрытие железобетонное"]),
])  # fmt: skip
def test_raw_bytes_are_read_in_the_script_they_were_written_in(encoding: str, texts: list[str]) -> None:
    file = b"\n".join(b"#%d=IFCLABEL('" % number + text.replace("×", "x").encode(encoding) + b"');"
                      for number, text in enumerate(texts, 1))  # fmt: skip
    raw, used = normalised(file)
    assert used
    assert raw.isascii()
    assert [decode(line.split(b"'")[1].decode()) for line in raw.split(b"\n")] == [t.replace("×", "x") for t in texts]


@pytest.mark.parametrize("texts", [CHINESE[:1], CHINESE, ["墙"], ["门", "窗"]])
def test_few_chinese_characters_are_enough(texts: list[str]) -> None:
    assert guess([text.encode("gb18030") for text in texts]) == "gb18030"


def test_the_encoding_a_person_names_is_the_one_used(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc")
    path.write_bytes(path.read_bytes().replace(b"'101'", "'ダクト'".encode("cp932")))
    assert "ダクト" in names(path, "Shift_JIS")
    assert "ダクト" not in names(path, "gbk")


@pytest.mark.parametrize(("written", "meant"), [
    (rb"\X2\5B666821\X0\ A", "学校 A"), (rb"\X4\0001F600\X0\ ", "😀 "), (rb"\X2\D83DDE00\X0\ ", "😀 "), (rb"\S\D", "Ä"),
    (rb"\PE\\S\0", "А"), (rb"\PB\\S\P", "Đ"), (rb"\X\E9", "é"), (rb"it''s", "it's"), (rb"a\\b", "a\\b"),
    (rb"C:\Users\new", "C:\\Users\\new"), (rb"\X2\4E00", "一"), (rb"\x2\4e00\x0\ ", "一 "),
    (rb"\X4\FFFFFFFF\X0\ ", "\ufffd "),
])  # fmt: skip
def test_escapes_mean_what_the_standard_says_and_bare_backslashes_themselves(written: bytes, meant: str) -> None:
    assert resolved(written) == meant
    assert resolved(escaped(meant)) == meant


@pytest.mark.parametrize("name", [
    "C:\\Users\\new", "a'b", "第一行\n第二行", "x; #1=IFCWALL('y'); /* no */", "😀", "é°²", "\x07", "\\X2\\",
    "Ω ≤ 5 °C",
])  # fmt: skip
def test_ifcopenshell_reads_the_escapes_as_the_same_text(tmp_path: Path, name: str) -> None:
    path = write_model(tmp_path / "a.ifc")
    path.write_bytes(path.read_bytes().replace(b"'101'", b"'" + escaped(name) + b"'"))
    assert name in names(path)


def test_a_broken_escape_costs_no_instance(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc")
    for broken in (b"C:\\Temp\\a", b"\\X2\\4E00", b"\\X2\\zz\\X0\\", b"a\x00b", b"\\", b"\\X2\\D800\\X0\\"):
        other = tmp_path / "b.ifc"
        other.write_bytes(path.read_bytes().replace(b"'101'", b"'" + broken + b"'"))
        with opened(other) as (model, _, cautions):
            assert len(model.by_type("IfcSpace")) == 1
            assert not [caution for caution in cautions if caution.code == "io.instances_lost"]


def test_utf_16_and_a_byte_order_mark_are_no_obstacle(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc")
    text = decode(path.read_text(encoding="ascii"))
    for number, raw in enumerate((text.encode("utf-16"), b"\xef\xbb\xbf" + text.encode("utf-8"))):
        other = tmp_path / f"{number}.ifc"
        other.write_bytes(raw)
        assert "首层" in names(other)


def test_shift_jis_wrapped_in_escapes_is_japanese_and_latin_stays_latin() -> None:
    def wrapped(text: str) -> bytes:
        return b"".join(
            (b"\\S\\" + bytes([byte & 0x7F]) if byte >= 0xA0 else b"\\X\\%02X" % byte) if byte > 0x7F
            else (b"\\\\" if byte == 0x5C else bytes([byte])) for byte in text.encode("cp932")
        )  # fmt: skip

    file = b"\n".join(b"#%d=IFCLABEL('" % i + wrapped(text) + b"',$);" for i, text in enumerate(JAPANESE, 1))
    raw, used = normalised(file)
    assert used == "cp932"
    assert [decode(line.split(b"'")[1].decode()) for line in raw.split(b"\n")] == JAPANESE
    raw, used = normalised(rb"#1=IFCLABEL('\S\DnderungsK\S\|che \X\B0C');")
    assert used == ""
    assert resolved(raw.split(b"'")[1]) == "ÄnderungsKüche °C"


@pytest.mark.data
@pytest.mark.skipif(not IFC_FILES.is_dir(), reason="no real files here")
@pytest.mark.parametrize(("file", "expected"), [
    ("ac16_sjis.ifc", {"プロジェクト", "サイト", "1階"}), ("vectorworks_sjis.ifc", {"1階 - Story", "2階 - Story"}),
    ("ac16_unicode.ifc", {"プロジェクト", "1階"}), ("AC20-FZK-Haus.ifc", {"Dachgeschoss", "Küche"}),
    ("revit2013_unicode.ifc", {"片開:ドア:ドア:202740"}),
])  # fmt: skip
def test_real_names_are_never_mojibake(file: str, expected: set[str]) -> None:
    with opened(IFC_FILES / file) as (model, _, cautions):
        found = {
            str(text)
            for thing in model.by_type("IfcObjectDefinition")
            for text in (thing.Name, getattr(thing, "LongName", ""))
            if text
        }
        assert expected <= found
        assert not any(caution.code == "io.instances_lost" for caution in cautions)


@pytest.mark.data
@pytest.mark.skipif(not IFC_FILES.is_dir(), reason="no real files here")
def test_prepared_bytes_are_ascii_for_every_real_file() -> None:
    for path in sorted(IFC_FILES.iterdir()):
        if path.stat().st_size < 3_000_000:
            assert prepared_bytes(path)[0].isascii(), path.name
