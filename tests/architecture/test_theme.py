"""The colours of the themes: what is written can be read, what has the focus is seen (WCAG 2.1, 1.4.3 and 1.4.11)."""

import re
import tomllib

import pytest

from tests.support.paths import ROOT

THEME = ROOT / "resources" / "theme"
#: Ratios of WCAG 2.1: body text, and parts of controls.
TEXT, PART = 4.5, 3.0
GROUNDS = ("window", "surface", "sunken", "raised", "hover", "accent_soft", "info_soft")
INKS = ("text", "text_soft", "text_faint", "accent", "good", "warn", "bad")
PAIRS = [(ink, ground) for ink in INKS for ground in GROUNDS] + [
    ("text", "warn_soft"), ("text_soft", "warn_soft"), ("warn", "warn_soft"), ("text", "bad_soft"), ("bad", "bad_soft"),
    ("on_accent", "accent"), ("on_accent", "accent_hover"),
]  # fmt: skip


def colours(theme):
    return tomllib.loads((THEME / f"{theme}.toml").read_text(encoding="utf-8"))["colours"]


def luminance(colour):
    """Return the relative luminance of WCAG 2.1."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    lighter, darker = sorted((luminance(one), luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_text_of_a_theme_can_be_read_on_all_of_its_grounds(theme):
    table = colours(theme)
    poor = {f"{ink} on {ground}": round(contrast(table[ink], table[ground]), 2) for ink, ground in PAIRS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_ring_of_the_focus_is_seen_on_all_grounds(theme):
    table = colours(theme)
    assert all(contrast(table["accent"], table[ground]) >= PART for ground in GROUNDS)
    assert contrast(table["text"], table["accent"]) >= 1.3, "the ring of a main button, which is itself of the accent"


def test_every_control_that_can_have_the_focus_shows_it():
    sheet = (THEME / "style.qss").read_text(encoding="utf-8")
    for control in ("QPushButton", "QToolButton", "QLineEdit", "QComboBox", "QSpinBox", "QDoubleSpinBox", "QCheckBox",
                    "QRadioButton", "QSlider", "QTabBar::tab:selected", "QTreeView::item", "QListView::item",
                    "QPlainTextEdit", 'QPushButton[kind="primary"]', 'QPushButton[kind="quiet"]',
                    'QPushButton[kind="segment"]', 'QPushButton[role="tile"]', 'QFrame[role="card"]'):  # fmt: skip
        assert re.search(rf"{re.escape(control)}:focus[^{{]*\{{[^}}]*\$(accent|accent_soft|text);? ", sheet), control


def test_both_themes_name_the_same_colours():
    assert colours("light").keys() == colours("dark").keys()
