"""Series of a device: whether they rise or fall, and whether they follow the rain."""

from __future__ import annotations

import warnings

import numpy as np
import pymannkendall
from numpy.typing import NDArray
from scipy import stats

from models.trends.finding import Finding, least

Array = NDArray[np.float64]
DAYS_A_YEAR = 365.2425


def trend(subject: str, day: NDArray[np.int64], value: Array, unit: str = "") -> Finding:
    """Test whether daily values rise or fall: Mann–Kendall, with as many values as are independent.

    Notes
    -----
    After Yue and Wang (2004): the variance grows by (1 + r) / (1 − r), r the serial correlation of the ranks without
    the trend, corrected for short series. (The variance of Hamed and Rao finds a trend in one of five short series that
    have memory and no trend, as we measured.) The slope is Sen's, a year. A season within one year looks like a trend:
    a span of less than two years is said in ``facts``; from then on the seasonal test by month takes its place (Hirsch
    and Slack 1984).
    """
    name = "Mann–Kendall, effective n"
    order = np.argsort(day)
    day, value = day[order], value[order]
    n = len(day)
    if n < least("trend_days"):
        return Finding("trend", subject, name, n, refused="few_days", unit=unit)
    span = int(day[-1] - day[0] + 1)
    if n / span < least("trend_channels_share"):
        return Finding("trend", subject, name, n, refused="gaps", unit=unit)
    if np.ptp(value) == 0:
        return Finding("trend", subject, name, n, refused="constant", unit=unit)
    facts = (("days", span), ("within_a_season", span < 2 * DAYS_A_YEAR))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if span >= 2 * DAYS_A_YEAR:
            name = "seasonal Mann–Kendall (correlated months)"
            series = _by_month(day, value)
            result = pymannkendall.correlated_seasonal_test(series, period=12)
            return Finding("trend", subject, name, n, float(result.p), effect=float(result.slope), unit=f"{unit}/a",
                           facts=facts)  # fmt: skip
        result = pymannkendall.original_test(value)
    slope = float(result.slope) * n / span * DAYS_A_YEAR
    rest = stats.rankdata(value - float(result.slope) * np.arange(n))
    memory = float(np.clip((n * _serial(rest) + 1) / (n - 4), 0.0, 0.98)) if np.ptp(rest) else 0.98
    larger = (1 + memory) / (1 - memory)
    p = float(2 * stats.norm.sf(abs(result.z) / np.sqrt(larger)))
    return Finding("trend", subject, name, n, p, effect=slope, unit=f"{unit}/a", n_effective=n / larger, facts=facts)


def _by_month(day: NDArray[np.int64], value: Array) -> Array:
    """Return means by month; months without a day are NaN."""
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    at = month - month[0]
    count = np.bincount(at)
    return np.asarray(np.where(count > 0, np.bincount(at, value) / np.maximum(count, 1), np.nan))


def follows_rain(subject: str, rain_mm: Array, value: Array, most_lag_h: int = 12) -> Finding:
    """Test whether hourly values follow the rain: the strongest rank correlation of some lags, corrected for looking.

    Parameters
    ----------
    subject : str
    rain_mm, value : (n,) arrays
        By hour; NaN where nothing was measured.
    most_lag_h : int

    Notes
    -----
    Spearman's rho; the number of independent pairs after Bartlett, n (1 − r₁r₂) / (1 + r₁r₂) with the serial
    correlations of the ranks; p by Student's t and multiplied by the number of lags.
    """
    name = "Spearman, lagged, effective n"
    known = np.isfinite(rain_mm) & np.isfinite(value)
    n = int(known.sum())
    if n < least("rain_hours"):
        return Finding("rain", subject, name, n, refused="few_hours")
    if int((rain_mm[known] > 0).sum()) < least("rain_wet_hours"):
        return Finding("rain", subject, name, n, refused="little_rain")
    if np.ptp(value[known]) == 0:
        return Finding("rain", subject, name, n, refused="constant")
    best: tuple[float, float, int, float, int] | None = None
    for lag in range(most_lag_h + 1):
        before, after = rain_mm[: len(rain_mm) - lag], value[lag:]
        both = np.isfinite(before) & np.isfinite(after)
        if both.sum() < least("rain_hours") or np.ptp(before[both]) == 0 or np.ptp(after[both]) == 0:
            continue
        x, y = stats.rankdata(before[both]), stats.rankdata(after[both])
        r = float(np.corrcoef(x, y)[0, 1])
        memory = max(_serial(x) * _serial(y), 0.0)
        effective = both.sum() * (1 - memory) / (1 + memory)
        if effective < 4:
            continue
        t = abs(r) * np.sqrt((effective - 2) / max(1 - r * r, 1e-12))
        p = float(2 * stats.t.sf(t, effective - 2))
        if best is None or p < best[0]:
            best = (p, r, lag, float(effective), int(both.sum()))
    if best is None or best[3] < least("rain_effective"):
        return Finding("rain", subject, name, n, refused="few_independent")
    p, r, lag, effective, count = best
    return Finding("rain", subject, name, count, min(1.0, p * (most_lag_h + 1)), effect=r, unit="rho",
                   n_effective=effective, facts=(("lag_h", lag),))  # fmt: skip


def _serial(values: Array) -> float:
    return float(np.corrcoef(values[1:], values[:-1])[0, 1])
