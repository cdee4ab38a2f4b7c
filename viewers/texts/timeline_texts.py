"""What the time line says of what happened."""

from __future__ import annotations

import html

import numpy as np

from models.timeline.events import Line, Mark
from resources.words import word


def mark_text(mark: Mark, lang: str) -> str:
    """Return what a mark is: how many of what, the gravest, and the first names."""
    level = word(f"moment.level.{min(mark.severity, 3)}", lang) if mark.severity and mark.kind == "alarm" else ""
    text = word(f"timeline.mark.{mark.kind}", lang, count=f"{mark.count:,}")
    head = f"{text} · {level}" if level else text
    if not mark.names:
        return head
    comma = "；" if lang == "zh" else "; "
    more = word("timeline.mark.more", lang) if mark.count > len(mark.names) else ""
    return f"{head}{comma}{comma.join(html.escape(name) for name in mark.names)}{more}"


def rain_text(line: Line, moment_us: int, lang: str) -> str:
    """Return how much it rained in the step of a moment, empty where it did not."""
    if len(line.rain_us) < 2:
        return ""
    step_us = int(line.rain_us[1] - line.rain_us[0])
    at = int(np.searchsorted(line.rain_us, moment_us, side="right")) - 1
    if not 0 <= at < len(line.rain_mm) or moment_us >= line.rain_us[at] + step_us or not line.rain_mm[at] > 0:
        return ""
    return word("timeline.rain", lang, depth=f"{line.rain_mm[at]:.1f}", minutes=f"{step_us / 60e6:.0f}")
