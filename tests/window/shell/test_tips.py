"""Every action says what it does, is found by words about it, and cards are pressed by keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.actions import actions
from resources.words import has, word
from viewers.widgets.common.controls import Card
from viewers.widgets.shell.command_palette import Entry, score_of


def test_every_action_has_a_sentence_in_both_languages():
    assert [entry.id for entry in actions() if not has(entry.tip)] == []
    wordy = [entry.id for entry in actions() for lang in ("zh", "en") if len(word(entry.tip, lang)) > 130]
    assert wordy == [], "a sentence, not a page"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_tip_tells_the_name_the_keys_and_the_sentence(make, lang):
    window = make(city=False, lang=lang)
    save = window.context.commands.actions["file.save"]
    first, second = save.toolTip().split("\n")
    assert first.split("  ") == [word("action.file.save", lang), "Ctrl+S"]
    assert second == word("action.file.save.tip", lang) == save.statusTip()


def test_the_palette_finds_by_menu_and_by_sentence_after_what_is_called_so(window):
    palette = window.context.palette
    palette.open(window.context.commands.entries())
    palette.field.setText("privacy")
    assert palette.list.item(0).data(Qt.ItemDataRole.UserRole) == "edit.settings"
    named = Entry("a", "体检", ("体检",))
    about = Entry("b", "导出", ("导出",), about=("城市体检",))
    assert score_of("体检", named) > score_of("体检", about) > 0
    assert score_of("天气", about) == 0


def test_a_card_is_reached_by_tab_and_pressed_by_enter_and_space(application):
    card, pressed = Card(), []
    card.clicked.connect(lambda: pressed.append(1))
    card.show()
    assert card.focusPolicy() & Qt.FocusPolicy.TabFocus
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_A):
        QTest.keyClick(card, key)
    assert len(pressed) == 2
