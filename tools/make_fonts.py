"""Make the bundled fonts: subsets of Noto Sans CJK SC (SIL Open Font License 1.1) from Debian's package fonts-noto-cjk.

Kept are ASCII, Latin-1, Greek, arrows, units, box and geometric signs, CJK punctuation, full-width forms, and all
6,763 Chinese characters of GB/T 2312. VTK's built-in fonts draw nothing for Chinese, and an office computer may have
no Chinese font that VTK can open; so Qt and VTK both get these.

Run: ``python tools/make_fonts.py`` (needs fontTools and /usr/share/fonts/opentype/noto).
"""

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

SOURCE = Path("/usr/share/fonts/opentype/noto")
TARGET = Path(__file__).parents[1] / "resources" / "fonts"
WEIGHTS = ("Regular", "Bold")


def wanted() -> set[int]:
    """Return the code points to keep."""
    points = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | set(range(0x391, 0x3CA))
    points |= set(range(0x2010, 0x2040)) | set(range(0x2070, 0x209D)) | set(range(0x2100, 0x214F))
    points |= set(range(0x2190, 0x21C0)) | set(range(0x2200, 0x2270)) | set(range(0x2460, 0x2500))
    points |= set(range(0x25A0, 0x2600)) | set(range(0x2600, 0x2670)) | set(range(0x3000, 0x3040))
    points |= set(range(0xFF00, 0xFFF0)) | {0x3231, 0x33A1, 0x339C, 0x339D, 0x339E, 0x33A5}
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                points.add(ord(bytes((row, cell)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return points


def main() -> None:
    """Write one subset a weight."""
    for weight in WEIGHTS:
        collection = TTCollection(SOURCE / f"NotoSansCJK-{weight}.ttc")
        font = next(f for f in collection.fonts if f["name"].getDebugName(1) == "Noto Sans CJK SC")
        options = subset.Options(layout_features=["kern", "palt", "vert"], name_IDs=["*"], hinting=False)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=wanted())
        subsetter.subset(font)
        font["head"].modified = font["head"].created
        font.recalcTimestamp = False
        font.save(TARGET / f"NotoSansSC-{weight}-subset.otf")
        print(weight, (TARGET / f"NotoSansSC-{weight}-subset.otf").stat().st_size)


if __name__ == "__main__":
    main()
