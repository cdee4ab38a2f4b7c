"""Language and theme of a window: the one object that every widget takes its words, icons and colours from.

A widget binds the setter of a label or an icon once; a change of language or theme then calls every bound setter again:

    appearance.say(button.setText, "health.compute")
    appearance.paint(button.setIcon, "calculator")

Invariants
----------
1. Only weak references are kept: a binding ends with its widget, and a deleted Qt object is never called.
2. A second ``say`` to the same setter replaces the first.
3. Widgets that build their texts themselves (trees, tables) listen to :attr:`Appearance.lang_changed` and fill again.
"""

from __future__ import annotations

import functools
import tomllib
import weakref
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QImage,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QApplication

from resources import HERE
from viewers.facility_icons import Icon
from viewers.facility_icons import paint as paint_icon
from viewers.widgets.common.plain import plain_tip

#: The type scale, logical pixels.
TYPE_SCALE = {"tiny": 11, "small": 12, "body": 13, "heading": 15, "title": 20, "hero": 32}
THEMES = ("light", "dark")


class Appearance(QObject):
    """Words, icons and colours of one window.

    Signals
    -------
    lang_changed : ()
        Every bound text has been set again.
    look_changed : ()
        Every bound icon has been set again.

    Parameters
    ----------
    word : callable
        ``word(key, **facts) -> str`` in the current language.
    lang : callable
        Returns ``"zh"`` or ``"en"``.
    """

    lang_changed = Signal()
    look_changed = Signal()

    def __init__(self, word: Callable[..., str], lang: Callable[[], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._word, self._lang = word, lang
        self._texts: weakref.WeakKeyDictionary[QObject, dict[str, tuple[str, dict[str, object]]]] = (
            weakref.WeakKeyDictionary()
        )
        self._painted: weakref.WeakKeyDictionary[QObject, dict[str, tuple[str, str]]] = weakref.WeakKeyDictionary()
        self.theme = "light"
        self.colours = tokens("light")

    @property
    def lang(self) -> str:
        """Return ``"zh"`` or ``"en"``."""
        return self._lang()

    @property
    def dark(self) -> bool:
        """Whether the dark theme is in use."""
        return self.theme == "dark"

    def word(self, key: str, **facts: object) -> str:
        """Return a word in the current language."""
        text = self._word(key, **facts)
        # the Chinese font sets the dots of an ellipsis at mid-height, which looks wrong after Latin letters
        return text.replace("…", "...") if self._lang() == "en" else text

    def colour(self, tint: str) -> QColor:
        """Return a colour of the theme by its name in the theme file."""
        return QColor(self.colours[tint])

    def say(self, setter: Callable[[str], Any], key: str, **facts: object) -> None:
        """Call ``setter`` with a word now and at each change of language."""
        owner, name = _owner_of(setter)
        self._texts.setdefault(owner, {})[name] = (key, facts)
        self._set(setter, self.word(key, **facts))

    @staticmethod
    def _set(setter: Callable[[str], Any], text: str) -> None:
        setter(plain_tip(text) if setter.__name__ == "setToolTip" else text)

    def hush(self, setter: Callable[[str], Any]) -> None:
        """Unbind ``setter``: its text is data from now on."""
        owner, name = _owner_of(setter)
        self._texts.get(owner, {}).pop(name, None)

    def paint(self, setter: Callable[[QIcon], Any], icon: str, tint: str = "text_soft") -> None:
        """Call ``setter`` with an icon now and at each change of theme."""
        owner, name = _owner_of(setter)
        self._painted.setdefault(owner, {})[name] = (icon, tint)
        setter(self.icon(icon, tint))

    def icon(self, name: str, tint: str = "text_soft") -> QIcon:
        """Return an icon of the family (Phosphor) in a colour of the theme, or in ``"#rrggbb"``."""
        colour = tint if tint.startswith("#") else self.colours[tint]
        return _icon(name, colour, self.colours["accent"], self.colours["none"])

    def change_language(self) -> None:
        """Set every bound text again, in the current language."""
        for owner, texts in list(self._texts.items()):
            if shiboken6.isValid(owner):
                for name, (key, facts) in texts.items():
                    self._set(getattr(owner, name), self.word(key, **facts))
        self.lang_changed.emit()

    def change_theme(self, theme: str) -> None:
        """Change the theme: application palette, style sheet, icons."""
        self.theme = theme if theme in THEMES else "light"
        self.colours = tokens(self.theme)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(palette(self.colours))
            app.setStyleSheet(style_sheet(self.theme))
        for owner, painted in list(self._painted.items()):
            if shiboken6.isValid(owner):
                for name, (icon, tint) in painted.items():
                    getattr(owner, name)(self.icon(icon, tint))
        self.look_changed.emit()


def _owner_of(setter: Callable[..., Any]) -> tuple[QObject, str]:
    owner, name = getattr(setter, "__self__", None), getattr(setter, "__name__", "")
    if not isinstance(owner, QObject):
        raise TypeError(f"{setter!r} is not a method of a Qt object")
    return owner, name


@functools.lru_cache(maxsize=4)
def tokens(theme: str) -> dict[str, str]:
    """Return the named colours of a theme."""
    table = tomllib.loads((HERE / "theme" / f"{theme}.toml").read_text(encoding="utf-8"))
    return dict(table["colours"])


def palette(colours: dict[str, str]) -> QPalette:
    """Return the Qt palette of a theme, for what no style sheet reaches."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    result = QPalette()
    for target, tint in {
        role.Window: "window", role.WindowText: "text", role.Base: "surface", role.AlternateBase: "sunken",
        role.Text: "text", role.Button: "surface", role.ButtonText: "text", role.ToolTipBase: "raised",
        role.ToolTipText: "text", role.Highlight: "accent", role.HighlightedText: "on_accent", role.Link: "accent",
        role.PlaceholderText: "text_faint", role.Mid: "line", role.Light: "surface", role.Dark: "line_strong",
        role.BrightText: "bad", role.Accent: "accent",
    }.items():  # fmt: skip
        result.setColor(target, QColor(colours[tint]))
    for target in (role.Text, role.WindowText, role.ButtonText):
        result.setColor(group.Disabled, target, QColor(colours["off"]))
    return result


def style_sheet(theme: str) -> str:
    """Return the style sheet of a theme."""
    fields = dict(tokens(theme)) | {f"t_{name}": str(size) for name, size in TYPE_SCALE.items()}
    for glyph in ("caret_down", "caret_up", "caret_right", "check"):
        fields[glyph] = (HERE / "theme" / f"{glyph}_{theme}.svg").as_posix()
    return Template((HERE / "theme" / "style.qss").read_text(encoding="utf-8")).substitute(fields)


def load_fonts() -> QFont:
    """Register the bundled fonts and return the base font of the program."""
    family = ""
    for path in sorted((HERE / "fonts").glob("NotoSansSC-*.otf")):
        number = QFontDatabase.addApplicationFont(str(path))
        families = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
        family = families[0] if families else family
    font = QFont(family) if family else QFont()
    font.setPixelSize(TYPE_SCALE["body"])
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


@functools.lru_cache(maxsize=1)
def _family() -> Any:
    """Return the icon family; only its one font is loaded, not all that qtawesome carries."""
    from qtawesome.iconic_font import IconicFont

    return IconicFont(("ph", "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json"))


@functools.lru_cache(maxsize=1024)
def _icon(name: str, colour: str, active: str, disabled: str) -> QIcon:
    return QIcon(
        _family().icon(f"ph.{name}", color=colour, color_on=active, color_disabled=disabled, color_selected=colour)
    )


def app_icon() -> QIcon:
    """Return the program's own icon."""
    return QIcon(str(HERE / "icons" / "chengjing.svg"))


def icon_path() -> Path:
    """Return the file of the program's own icon."""
    return HERE / "icons" / "chengjing.svg"


def facility_pixmap(icon: Icon, size: int = 16) -> QPixmap:
    """Return the icon of a class of components, sharp on a dense screen."""
    picture = paint_icon(icon, 2 * size)
    image = QImage(picture.tobytes(), 2 * size, 2 * size, 8 * size, QImage.Format.Format_RGBA8888)
    pixmap = QPixmap.fromImage(image.copy())
    pixmap.setDevicePixelRatio(2)
    return pixmap


def chip(colour: str, size: int = 14, *, hatch: bool = False, round_: bool = False) -> QPixmap:
    """Return a small square (or dot) of a colour, hatched for "no data"."""
    ratio = 2
    pixmap = QPixmap(QSize(size, size) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    base = QColor(colour)
    painter.setPen(QPen(base.darker(118), 1))
    painter.setBrush(base)
    if round_:
        painter.drawEllipse(QPointF(size / 2, size / 2), size / 2 - 1.5, size / 2 - 1.5)
    else:
        painter.drawRoundedRect(1, 1, size - 2, size - 2, 3, 3)
    if hatch:
        painter.setPen(QPen(base.darker(150), 1))
        for step in range(-size, size, 4):
            painter.drawLine(QPointF(max(1, step), max(1, -step)), QPointF(min(size - 1, step + size), size - 1))
    painter.end()
    return pixmap


def theme_name(setting: str) -> str:
    """Return ``"light"`` or ``"dark"`` for a setting that may be ``"system"``."""
    if setting in THEMES:
        return setting
    return "dark" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"
