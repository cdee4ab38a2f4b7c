"""Find a coordinate system in the whole EPSG register, the project's own among them; Chinese zones come first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidgetItem, QWidget

from models.crs.doctor.verdict import UserCrs
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.crs.crs_dialog import fill, search_list

_MOST = 300
#: Names of China's systems, which stand first.
_FIRST = ("cgcs2000", "china geodetic", "xian 1980", "beijing 1954", "wgs 84")


@lru_cache(maxsize=2)
def register(projected_only: bool) -> tuple[tuple[str, str, str], ...]:
    """Return (code, name, area) of every horizontal system of the EPSG register that is in use."""
    from pyproj.database import query_crs_info
    from pyproj.enums import PJType

    kinds = [PJType.PROJECTED_CRS] + ([] if projected_only else [PJType.GEOGRAPHIC_2D_CRS])
    found = [
        (f"EPSG:{one.code}", str(one.name), str(one.area_of_use.name or "") if one.area_of_use else "")
        for one in query_crs_info(auth_name="EPSG", pj_types=kinds)
    ]

    def rank(entry: tuple[str, str, str]) -> tuple[int, int]:
        name = entry[1].lower()
        at = next((k for k, known in enumerate(_FIRST) if known in name), len(_FIRST))
        return at, int(entry[0].removeprefix("EPSG:"))

    return tuple(sorted(found, key=rank))


class CrsSearch(Ask):
    """Ask for a CRS; :attr:`crs` holds its code or WKT."""

    def __init__(
        self, appearance: Appearance, like: str = "", own: Sequence[UserCrs] = (), *, projected_only: bool = False,
        why: str = "", parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "crs_search.title", parent)
        self.crs, self._own, self._projected_only = "", tuple(own), projected_only
        if why:
            self.body.addWidget(caption(appearance, why, "soft", wrap=True))
        self.field = QLineEdit()
        self.field.setClearButtonEnabled(True)
        appearance.say(self.field.setPlaceholderText, "crs_search.hint")
        appearance.say(self.field.setAccessibleName, "crs_search.title")
        self.list = search_list()
        self.detail = label("small", wrap=True)
        self.detail.setMinimumHeight(36)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (self.field, self.list, self.detail):
            self.body.addWidget(part)
        self.body.setStretch(self.body.indexOf(self.list), 1)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("window.ok", "ok", "primary")
        self.field.textChanged.connect(self._fill)
        self.list.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.list.itemDoubleClicked.connect(lambda _: self._end("ok") if self.crs else None)
        fill(self)
        self.resize(620, 580)
        self.field.setText(like.removeprefix("EPSG:") if like.startswith("EPSG:") else "")
        self._fill(self.field.text())

    def _fill(self, query: str) -> None:
        words = query.strip().lower().replace("epsg:", "").split()
        self.list.clear()
        count = 0
        for one in self._own:
            if all(part in one.name.lower() for part in words):
                self._add(f"{one.name}   {self.appearance.word('crs_search.user')}", one.wkt, one.note)
                count += 1
        for code, name, area in register(self._projected_only):
            text = f"{code} {name} {area}".lower()
            if all(part in text for part in words):
                count += 1
                if self.list.count() < _MOST:
                    self._add(f"{code}   {name}", code, area)
        self.detail.setText(self.appearance.word("crs_search.count", count=count))
        self.list.setCurrentRow(0)
        self._on_chosen()

    def _add(self, text: str, crs: str, area: str) -> None:
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, crs)
        item.setData(Qt.ItemDataRole.UserRole + 1, area)
        self.list.addItem(item)

    def _on_chosen(self) -> None:
        item = self.list.currentItem()
        self.crs = str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""
        if item is not None:
            self.detail.setText(str(item.data(Qt.ItemDataRole.UserRole + 1)))
        self.ok.setEnabled(bool(self.crs))
