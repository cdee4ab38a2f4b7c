"""A city's own plane: the parameters of a user-defined transverse Mercator, and what they do to lengths."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from models.core.errors import UserError
from models.crs.doctor.own_plane import BASES, OwnPlane, distortion_mm_per_km
from models.crs.doctor.verdict import UserCrs
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label, number_field
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo


class CrsPlane(Ask):
    """Ask for a plane; :attr:`plane` holds it.

    Parameters
    ----------
    meridian_deg, latitude_deg : float
        What is proposed: the middle of what is open.
    """

    def __init__(
        self, appearance: Appearance, layer: str, meridian_deg: float = 117.0, latitude_deg: float = 36.0,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "crs_plane.title", parent)
        title = label("heading", wrap=True)
        title.setText(layer)
        self.body.addWidget(title)
        self.body.addWidget(caption(appearance, "crs_plane.why", "soft", wrap=True))
        self.name = QLineEdit(appearance.word("crs_plane.default_name"))
        self.base = PlainCombo()
        for key in BASES:
            self.base.addItem(appearance.word(f"crs_plane.base.{key}"), key)
        self.meridian = number_field(-180, 180, meridian_deg, decimals=9, suffix="°")
        self.east = number_field(-1e8, 1e8, 500000.0, decimals=4, suffix=" m")
        self.north = number_field(-1e8, 1e8, 0.0, decimals=4, suffix=" m")
        self.scale = number_field(0.9, 1.1, 1.0, decimals=9, suffix="")
        self.height_ = number_field(-500, 9000, 0.0, decimals=2, suffix=" m")
        self.latitude = number_field(-80, 84, latitude_deg, decimals=4, suffix="°")
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(9)
        for key, field in (
            ("crs_plane.name", self.name), ("crs_plane.base", self.base), ("crs_plane.meridian", self.meridian),
            ("crs_plane.east", self.east), ("crs_plane.north", self.north), ("crs_plane.scale", self.scale),
            ("crs_plane.height", self.height_), ("crs_plane.latitude", self.latitude),
        ):  # fmt: skip
            form.addRow(caption(appearance, key), field)
        self.body.addLayout(form)
        self.remark = label("small", wrap=True)
        self.remark.setMinimumHeight(36)
        self.body.addWidget(self.remark)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("crs_plane.use", "ok", "primary")
        for box in (self.meridian, self.east, self.north, self.scale, self.height_, self.latitude):
            box.valueChanged.connect(lambda _: self._tell())
        self.name.textChanged.connect(lambda _: self._tell())
        self._middle_deg = meridian_deg
        self.setMinimumWidth(480)
        self._tell()

    @property
    def plane(self) -> OwnPlane:
        """Return what was entered."""
        return OwnPlane(
            self.meridian.value(), self.east.value(), self.north.value(), self.scale.value(), self.height_.value(),
            self.latitude.value(), str(self.base.currentData()), self.name.text().strip(),
        )  # fmt: skip

    @property
    def user_crs(self) -> UserCrs:
        """Return it as a CRS that the project keeps."""
        plane = self.plane
        note = f"TM {plane.meridian_deg:g}°, E0 {plane.false_east_m:g} m, N0 {plane.false_north_m:g} m, "
        return UserCrs(plane.name, plane.wkt(), f"{note}k {plane.scale:g}, H {plane.height_m:g} m")

    def _tell(self) -> None:
        plane = self.plane
        try:
            plane.wkt()
        except UserError as error:
            self.remark.setText(self.appearance.word(f"error.{error.code}"))
            self.ok.setEnabled(False)
            return
        away_m = (
            math.radians(self._middle_deg - plane.meridian_deg) * 6.371e6 * math.cos(math.radians(plane.latitude_deg))
        )
        if abs(away_m) < 4e5:
            text = self.appearance.word(
                "crs_plane.total", scale=plane.total_scale, mm=distortion_mm_per_km(plane, away_m, plane.height_m)
            )
        else:
            text = self.appearance.word("crs_plane.total.unknown", scale=plane.total_scale)
        self.remark.setText(text)
        self.ok.setEnabled(bool(plane.name))
