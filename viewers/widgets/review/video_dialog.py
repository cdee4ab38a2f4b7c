"""The dialog that asks how a video is made."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QFormLayout, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, number_field
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo


class VideoDialog(Ask):
    """Ask along what, in which size and how long; the answers are properties.

    Parameters
    ----------
    appearance : Appearance
    stops : int
        Stops of the agenda.
    paths : sequence of (str, str, float)
        Id, title and seconds of flight paths.
    sizes : sequence of (int, int)
    rates : sequence of int
    hold_s : float
        How long a stop is usually held.
    """

    def __init__(
        self, appearance: Appearance, stops: int, paths: Sequence[tuple[str, str, float]],
        sizes: Sequence[tuple[int, int]], rates: Sequence[int], hold_s: float, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "video.title", parent)
        self._hold_s, self._lasts = hold_s, {path: seconds for path, _, seconds in paths}
        self.along, self.shape, self.rate = PlainCombo(), PlainCombo(), PlainCombo()
        if stops:
            self.along.addItem(appearance.word("video.along_agenda", count=stops), "")
        for path, title, _ in paths:
            self.along.addItem(appearance.word("video.along_path", name=title), path)
        for width, height in sizes:
            self.shape.addItem(f"{width} × {height}", (width, height))
        self.shape.setCurrentIndex(1)
        for rate in rates:
            self.rate.addItem(str(rate), rate)
        self.rate.setCurrentIndex(rates.index(30))
        self.seconds = number_field(0.5, 3600.0, decimals=1, step=0.5)
        self.seconds.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
        self._seconds_name = caption(appearance, "video.seconds")
        self.with_title, self.with_captions = QCheckBox(), QCheckBox()
        for box, key in ((self.with_title, "video.with_title"), (self.with_captions, "video.with_captions")):
            appearance.say(box.setText, key)
            box.setChecked(True)
        appearance.say(self.seconds.setSuffix, "video.seconds_unit")
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(10)
        form.addRow(caption(appearance, "video.along"), self.along)
        form.addRow(caption(appearance, "video.size"), self.shape)
        form.addRow(caption(appearance, "video.fps"), self.rate)
        form.addRow(self._seconds_name, self.seconds)
        self.body.addWidget(caption(appearance, "video.title", "heading"))
        self.body.addLayout(form)
        self.body.addWidget(self.with_title)
        self.body.addWidget(self.with_captions)
        self.body.addWidget(caption(appearance, "video.why", "faint", wrap=True))
        self.add_button("window.cancel", "")
        self.add_button("video.start", "ok", "primary")
        self.along.currentIndexChanged.connect(lambda _: self._follow())
        self._follow()
        self.setMinimumWidth(460)

    @property
    def path(self) -> str:
        """Return the id of the flight path, empty for the agenda."""
        return str(self.along.currentData() or "")

    @property
    def frame_size(self) -> tuple[int, int]:
        """Return width and height in pixels."""
        width, height = self.shape.currentData()
        return width, height

    @property
    def fps(self) -> int:
        """Return frames a second."""
        return int(self.rate.currentData())

    def _follow(self) -> None:
        """Offer the usual seconds of what is chosen."""
        self.seconds.setValue(self._lasts.get(self.path, self._hold_s))
        self.appearance.say(self._seconds_name.setText, "video.whole_seconds" if self.path else "video.seconds")
