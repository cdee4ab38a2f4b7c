"""Moments in words."""

from __future__ import annotations

from models.timeline.city_state import ALARM, NO_DATA, OLD, CityState
from models.timeline.zone import DEFAULT_ZONE, moment_text, offset_text
from resources.words import word


def zone_phrase(moment_us: int, lang: str, zone: str = DEFAULT_ZONE) -> str:
    """Return the zone as people call it: ``"北京时间"``, for any other how far it is from UTC."""
    return word("moment.zone.china", lang) if zone == DEFAULT_ZONE else offset_text(moment_us, zone)


def moment_phrase(moment_us: int, lang: str, zone: str = DEFAULT_ZONE) -> str:
    """Return a moment with its zone, as captions and legends print it: ``"时刻 2025-07-18 18:40（北京时间）"``."""
    return word(
        "moment.phrase", lang, moment=moment_text(moment_us, zone), zone=zone_phrase(moment_us, lang, zone)
    )  # fmt: skip


def age_text(seconds: float, lang: str) -> str:
    """Return how long ago something was, in the largest unit that fits."""
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return word(f"moment.age.{unit}", lang, count=f"{seconds / size:.0f}")
    return word("moment.age.minute", lang, count="1") if seconds > 0 else word("moment.age.now", lang)


def step_text(step_us: int, lang: str) -> str:
    """Return a step of the time line in words: ``"10 分钟"``."""
    seconds = step_us // 1_000_000
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            return word(f"moment.age.{unit}", lang, count=str(seconds // size))
    return word("moment.age.second", lang, count=str(seconds))


def known_texts(state: CityState, lang: str) -> list[str]:
    """Return how much is known of the city at a moment: alarms, share that reported, age of the oldest reading."""
    counts = state.conditions()
    total = sum(counts.values())
    if not total:
        return []
    alarms = sum(count for condition, count in counts.items() if condition > ALARM)
    known = total - counts.get(NO_DATA, 0) - counts.get(OLD, 0)
    parts = [word("timeline.alarms", lang, count=f"{alarms:,}")] if alarms else []
    parts.append(word("timeline.reporting", lang, known=f"{known:,}", of=f"{total:,}"))
    oldest = state.oldest_fresh_us()
    if oldest is not None:
        parts.append(word("timeline.oldest", lang, age=age_text((state.moment_us - oldest) / 1e6, lang)))
    return parts
