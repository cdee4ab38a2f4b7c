"""Ask what kind of city it is; the answer decides over benchmarks."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from models.health.profile import CityProfile, profile_classes
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo


class ProfileDialog(Ask):
    """A choice for each field of the city profile; answers ``"ok"``, :attr:`profile` holds what was chosen.

    Parameters
    ----------
    appearance : Appearance
    profile : CityProfile
        As it stands now.
    parent : QWidget, optional
    """

    def __init__(self, appearance: Appearance, profile: CityProfile, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "health.profile.title", parent)
        self.body.addWidget(caption(appearance, "health.profile.why", "small", wrap=True))
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(10)
        self.fields: dict[str, QComboBox] = {}
        for field, classes in profile_classes().items():
            box = PlainCombo()
            box.addItem(appearance.word("health.profile.unset"), "")
            for one in classes:
                box.addItem(one.title(appearance.lang), one.id)
            if profile.of(field) and box.findData(profile.of(field)) < 0:  # a class of a later version
                box.addItem(profile.of(field), profile.of(field))
            box.setCurrentIndex(box.findData(profile.of(field)))
            self.fields[field] = box
            form.addRow(caption(appearance, f"health.profile.{field}"), box)
        self.body.addLayout(form)
        self.add_button("window.cancel", "")
        self.add_button("window.ok", "ok", "primary")
        self.setMinimumWidth(480)

    @property
    def profile(self) -> CityProfile:
        """Return what was chosen."""
        return CityProfile(**{field: str(box.currentData()) for field, box in self.fields.items()})
