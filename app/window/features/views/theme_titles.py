"""The ways in which the city can be coloured now, with their titles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.window.window_context import WindowContext
from models.views.scene_state import Theme


def themes_of(context: WindowContext) -> list[tuple[Theme, str]]:
    """Return the themes that can be shown now, the plain one first, with their titles.

    The one in view is among them with what it singles out, so that a picture of it shows the same.
    """
    themes = [Theme(), *(theme for offered in context.requests.colour_themes for theme in offered())]
    current = context.session.project.state.theme
    if current.focus and (whole := replace(current, focus="")) in themes:
        themes.insert(themes.index(whole) + 1, current)
    return [(theme, theme_title(context.appearance.word, theme)) for theme in themes]


def theme_title(word: Callable[..., str], theme: Theme) -> str:
    """Return what a theme is called in the menus."""
    if theme.kind == "indicator":
        title = word(f"action.health.show.{theme.indicator}")
        keys = {"problems": "legend.problem_view", "estates": "legend.by_estate", "before": "year.theme.before",
                "change": "year.theme.change"}  # fmt: skip
        return word(keys[theme.focus], title=title) if theme.focus in keys else title
    if theme.kind == "pipes":
        return word(f"action.pipes.by.{theme.indicator}")
    return word(f"action.theme.{theme.kind}")
