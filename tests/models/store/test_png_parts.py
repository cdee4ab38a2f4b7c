"""A PNG of any size can be checked and asked; Pillow wrote the pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from models.store.png_parts import require_whole, text_in


def picture(path: Path, text: str, size: tuple[int, int] = (7, 5), packed: bool = False) -> Path:
    info = PngInfo()
    info.add_itxt("other", "不是")
    info.add_itxt("ours", text, lang="zh", tkey="我们", zip=packed)
    Image.new("1", size).save(path, pnginfo=info)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_the_text_under_a_keyword_is_found_and_no_other(tmp_path: Path, packed: bool) -> None:
    path = picture(tmp_path / "a.png", "体检" * 90, packed=packed)
    assert text_in(path, "ours") == "体检" * 90
    assert text_in(path, "our") == ""
    assert require_whole(path) == (7, 5)


def test_a_picture_larger_than_others_dare_to_open_is_checked_and_asked(tmp_path: Path) -> None:
    path = picture(tmp_path / "large.png", "甲", (16384, 16384))
    with pytest.raises(Image.DecompressionBombError):
        Image.open(path)
    assert require_whole(path) == (16384, 16384)
    assert text_in(path, "ours") == "甲"


def test_a_picture_cut_anywhere_or_with_another_byte_is_not_whole(tmp_path: Path) -> None:
    raw = picture(tmp_path / "a.png", "text").read_bytes()
    bad = tmp_path / "bad.png"
    for at in range(len(raw)):
        for wrong in (raw[:at], raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]):
            bad.write_bytes(wrong)
            with pytest.raises(ValueError):
                require_whole(bad)


def test_a_text_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", "x" * (65 * 1024**2), packed=True)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ValueError, match="too long"):
        text_in(path, "ours")
