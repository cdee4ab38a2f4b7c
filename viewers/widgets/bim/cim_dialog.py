"""Which CIM level a layer has, why, and another one if a person says so."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from models.bim import cim_level as cim
from models.bim.cim_level import Level
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, label
from viewers.widgets.common.dialogs import Ask

#: The first leaves it to what the layer holds.
CHOICES = ("", *cim.LEVELS)


class CimDialog(Ask):
    """The seven levels with what each shows; answers ``"ok"``, :attr:`level` holds the choice.

    Parameters
    ----------
    appearance : Appearance
    name : str
        Of the layer.
    found : Level
        As its content shows.
    stated : str
        Level that a person stated, empty for none.
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, name: str, found: Level, stated: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "cim.set.title", parent)
        title = label("heading", wrap=True)
        title.setText(name)
        self.body.addWidget(title)
        self._group = QButtonGroup(self)
        word, lang = appearance.word, appearance.lang
        why = word(f"cim.reason.{found.reason}")
        auto = f"{word('cim.auto')}: {found.id or word('cim.none')} ({why})" if found.id else word("cim.none")
        rows: list[QWidget] = [self._choice("", auto, "")]
        rows += [self._choice(one.id, one.title(lang), one.describe(lang)) for one in cim.levels().values()]
        for row in rows:
            self.body.addWidget(row)
        self.body.addWidget(caption(appearance, "cim.uncertain", "small", wrap=True))
        self.add_button("window.cancel", "")
        self.add_button("window.ok", "ok", "primary")
        self._group.button(CHOICES.index(stated)).setChecked(True)
        self.setFixedWidth(520)

    @property
    def level(self) -> str:
        """Return the level that was chosen, empty for what the content shows."""
        return CHOICES[self._group.checkedId()]

    def _choice(self, level: str, title: str, detail: str) -> QWidget:
        press = QRadioButton()
        press.setText(title)
        self._group.addButton(press, CHOICES.index(level))
        holder = QWidget()
        below = label("small", wrap=True)
        below.setText(detail)
        below.setContentsMargins(24, 0, 0, 0)
        below.setVisible(bool(detail))
        holder.setLayout(column(press, below, gap=1))
        return holder
