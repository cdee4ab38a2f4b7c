"""Find what repeats and what drifts in readings and cases; a finding says how it was tested and becomes a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.readings.readings import places_of, store_of
from models.cases.draft import CaseDraft
from models.core.progress import Progress
from models.readings.batch import HOUR_US
from models.trends.finding import Finding, corrected
from resources.words import word

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.store.readings.store import ReadingStore

#: Quantities that may follow the rain, and how many of their channels are looked at.
_WET, _MOST_WET = ("level", "depth", "flow"), 500


def find(session: Session, done: Callable[[tuple[Finding, ...]], object]) -> Job:
    """Test what the project holds, as a job: readings for trends and rain, cases for hours, days, repeats, places."""
    store = store_of(session)
    cases, units, zone = _cases(session), _units(session), session.project.state.operations.zone.name

    def work(progress: Progress) -> tuple[Finding, ...]:
        found: list[Finding] = []
        if store is not None:
            store.settle()
            found += _trends(store, progress.part(0.0, 0.5))
            found += _rain(store, progress.part(0.5, 0.8))
        progress.step(0.85, "progress.trends.testing")
        if cases is not None:
            found += _patterns(cases, zone, units)
        return corrected(found)

    return session.run("job.find_trends", work, done)


def sentence(one: Finding, lang: str) -> str:
    """Return a finding, or why there is none, as a sentence."""
    if one.refused:
        kind, reason = word(f"trends.kind.{one.kind}", lang), word(f"trends.refused.{one.refused}", lang)
        return word("trends.refused", lang, kind=kind, subject=one.subject or "—", reason=reason, n=one.n)
    facts = dict(one.facts)
    if one.kind == "weekday":
        facts["most"] = word(f"trends.weekday.{facts['most']}", lang)
    way = word("trends.rises" if one.effect > 0 else "trends.falls", lang)
    told = word(f"trends.sentence.{one.kind}", lang, subject=one.subject, effect=f"{one.effect:.3g}", unit=one.unit,
                way=way, size=f"{abs(one.effect):.3g}", **facts)  # fmt: skip
    return told + (word("trends.within_a_season", lang) if facts.get("within_a_season") else "")


def draft(session: Session, one: Finding) -> CaseDraft:
    """Return a finding as what a case is made of; the same finding again is the same case."""
    channel = next(iter(channels_of(session, (one,)).values()), None)
    place = None if channel is None else places_of(session).get(channel)
    return CaseDraft(sentence(one, session.lang), "trend", f"{one.kind}:{one.subject}", component=place)


def channels_of(session: Session, findings: tuple[Finding, ...]) -> dict[int, int]:
    """Return the channel of each finding that is about one, by the place of the finding."""
    store = store_of(session)
    known = {} if store is None else {_name(one.sensor, one.quantity): one.id for one in store.channels()}
    return {
        number: known[one.subject]
        for number, one in enumerate(findings)
        if one.kind in ("trend", "rain") and one.subject in known
    }


def _name(sensor: str, quantity: str) -> str:
    return f"{sensor} {quantity}"


def _trends(store: ReadingStore, progress: Progress) -> list[Finding]:
    from models.trends.tests_of_series import trend

    channel, day, mean = store.daily()
    first = np.searchsorted(channel, [one.id for one in store.channels()], side="left")
    last = np.searchsorted(channel, [one.id for one in store.channels()], side="right")
    found = []
    for number, one in enumerate(store.channels()):
        progress.step(number / len(first), "progress.trends.testing")
        rows = slice(first[number], last[number])
        found.append(trend(_name(one.sensor, one.quantity), day[rows], mean[rows], one.unit))
    return found


def _rain(store: ReadingStore, progress: Progress) -> list[Finding]:
    from models.trends.tests_of_series import follows_rain

    gauges = [one.id for one in store.channels() if one.quantity == "rain"]
    wet = [one for one in store.channels() if one.quantity in _WET][:_MOST_WET]
    rain = store.series(gauges, -(2**62), 2**62)
    if not len(rain):
        return []
    start = int(rain.time_us.min()) // HOUR_US
    hours = int(rain.time_us.max()) // HOUR_US - start + 1
    at = rain.channel.astype(np.int64) * hours + (rain.time_us // HOUR_US - start)
    sums = np.bincount(at, rain.value, minlength=(max(gauges) + 1) * hours).reshape(-1, hours)[gauges]
    seen = np.bincount(at, minlength=(max(gauges) + 1) * hours).reshape(-1, hours)[gauges] > 0
    count = seen.sum(axis=0)
    mean = np.where(count > 0, sums.sum(axis=0) / np.maximum(count, 1), np.nan)
    found = []
    for number, one in enumerate(wet):
        progress.step(number / len(wet), "progress.trends.testing")
        series = store.series([one.id], start * HOUR_US, (start + hours) * HOUR_US)
        hour = series.time_us // HOUR_US - start
        held = np.bincount(hour, minlength=hours)
        level = np.where(held > 0, np.bincount(hour, series.value, minlength=hours) / np.maximum(held, 1), np.nan)
        found.append(follows_rain(_name(one.sensor, one.quantity), mean, level))
    return found


def _cases(session: Session) -> Any:
    """Return the tables of cases, one after the other, None where there is none."""
    import pandas as pd

    frames = [
        getattr(session.project.data.get(one.id), "frame", None) for one in session.project.state.with_role("cases")
    ]
    usable = [frame for frame in frames if frame is not None and "reported_at" in frame.columns]
    return pd.concat(usable, ignore_index=True) if usable else None


def _units(session: Session) -> Any:
    """Return the finest layer of units."""
    for role in ("communities", "districts"):
        for layer in session.project.state.with_role(role):
            frame = getattr(session.project.data.get(layer.id), "frame", None)
            if frame is not None and len(frame):
                return frame
    return None


def _patterns(cases: Any, zone: str, units: Any) -> list[Finding]:
    import pandas as pd
    import shapely

    from models.readings.moments import NEVER, moments
    from models.trends.tests_of_events import by_class, hot_spots, repeats

    time_us, _ = moments([cases["reported_at"]], zone)
    known = time_us != NEVER
    local = pd.to_datetime(pd.Series(time_us[known]), unit="us", utc=True).dt.tz_convert(zone)
    found = [
        by_class("hour", "cases", local.dt.hour.to_numpy().astype(np.int64), 24),
        by_class("weekday", "cases", local.dt.weekday.to_numpy().astype(np.int64), 7),
    ]
    if "component" in cases.columns:
        component = cases["component"].fillna("").astype(str).to_numpy(object)
        named = known & (component != "")
        found.append(repeats("cases", component[named], time_us[named], len(set(component[named]))))
    shapes = getattr(cases, "geometry", None) if "geometry" in cases.columns else None
    if units is not None and shapes is not None:
        areas = units.geometry.to_numpy()
        points = shapely.centroid(np.asarray(shapes.array))
        _, inside = shapely.STRtree(areas).query(points, predicate="intersects")
        counts = np.bincount(inside, minlength=len(areas)).astype(float)
        middle = shapely.get_coordinates(shapely.centroid(areas))
        name = next((one for one in ("name", "code") if one in units.columns), "")
        names = units[name].astype(str).tolist() if name else [str(one) for one in units.index]
        found += hot_spots(names, middle, counts)
    return found
