"""Cases, alarms, failures: when they come, where they crowd, which facilities fail again, how long they last."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from models.trends.finding import Finding, least

Array = NDArray[np.float64]


def by_class(
    kind: str, subject: str, number: NDArray[np.int64], classes: int, exposure: Array | None = None
) -> Finding:
    """Test whether events come evenly over hours (24) or weekdays (7): χ² against what the observed span would give.

    Parameters
    ----------
    kind : str
        ``"hour"`` or ``"weekday"``.
    subject : str
    number : (n,) array of int
        Hour or weekday of each event, in local time.
    classes : int
    exposure : (classes,) array, optional
        How long each class was observed; equal where nothing is said.
    """
    name, n = "χ² against even", len(number)
    if n < least("events"):
        return Finding(kind, subject, name, n, refused="few_events")
    weight = np.ones(classes) if exposure is None else exposure
    expected = n * weight / weight.sum()
    if expected.min() < least("expected_per_class"):
        return Finding(kind, subject, name, n, refused="few_per_class")
    counts = np.bincount(number, minlength=classes).astype(float)
    result = stats.chisquare(counts, expected)
    top = int(np.argmax(counts / expected))
    return Finding(kind, subject, name, n, float(result.pvalue), effect=float(counts[top] / expected[top]), unit="×",
                   facts=(("most", top), ("count", int(counts[top]))))  # fmt: skip


def repeats(
    subject: str, facility: NDArray[Any], time_us: NDArray[np.int64], facilities: int, days: int = 0
) -> Finding:
    """Test whether facilities fail again within some days more often than if each were as likely as the others.

    Parameters
    ----------
    subject : str
    facility : (n,) array
        Name of the facility of each event.
    time_us : (n,) array of int64
    facilities : int
        How many there are.
    days : int
        0 for those of the rules.

    Notes
    -----
    Each event counts once, by its successor in the same facility: a binomial test of "has a successor in time" against
    the chance that one of the events that follow in time is of that facility. ``facilities`` that never had an event
    and are not given make the chance too large, and the test careful.
    """
    name, n = "binomial, against equal chance", len(facility)
    within = int(days or least("repeat_days")) * 86_400_000_000
    if n < least("repeats_events") or facilities < 2:
        return Finding("repeat", subject, name, n, refused="few_events")
    order = np.lexsort((time_us, facility))
    same = facility[order][1:] == facility[order][:-1]
    again = int((same & (np.diff(time_us[order]) <= within)).sum())
    moments = np.sort(time_us)
    after = np.searchsorted(moments, moments + within, side="right") - np.arange(n) - 1
    chance = 1 - (1 - 1 / facilities) ** after
    expected = float(chance.sum())
    if expected >= n:
        return Finding("repeat", subject, name, n, refused="too_dense")
    p = float(stats.binomtest(again, n, max(expected / n, 1e-12), alternative="greater").pvalue)
    facts = (("again", again), ("expected", round(expected, 2)), ("days", within // 86_400_000_000))
    return Finding("repeat", subject, name, n, p, effect=again / max(expected, 1e-9), unit="×", facts=facts)


def hot_spots(names: list[str], xy: Array, counts: Array, neighbours: int = 8, seed: int = 1) -> list[Finding]:
    """Test each unit for more events around it than chance gives: Getis–Ord Gi*, p by conditional permutation.

    Parameters
    ----------
    names : list of str
    xy : (n, 2) array
        Middle of each unit, m.
    counts : (n,) array
        Events, or a rate.
    neighbours : int
    """
    import warnings

    from esda import G_Local
    from libpysal.weights import KNN

    test, weights = "Getis–Ord Gi*, 999 permutations", f"k = {neighbours} nearest and itself, row-standardised"
    n = len(names)
    if n < least("hot_units") or counts.sum() < least("hot_events") or np.ptp(counts) == 0:
        reason = "few_units" if n < least("hot_units") else "few_events"
        return [Finding("hot_spot", "", test, n, refused=reason, weights=weights)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = G_Local(counts, KNN.from_array(xy, k=min(neighbours, n - 1)), star=True, permutations=999, seed=seed)
    return [
        Finding("hot_spot", name, test, n, float(p), effect=float(z), unit="z", weights=weights)
        for name, p, z in zip(names, np.minimum(found.p_sim * 2, 1.0), found.Zs, strict=True)
        if z > 0
    ]


def ageing(subject: str, years: Array, failed: NDArray[np.bool_], group: NDArray[Any]) -> list[Finding]:
    """Compare how long classes of facilities last, those that still stand counted as such (Kaplan–Meier, log-rank).

    Parameters
    ----------
    subject : str
    years : (n,) array
        Age at failure, or today.
    failed : (n,) array of bool
    group : (n,) array
        Class, material, decade of building.

    Returns
    -------
    list of Finding
        One a class against all others; ``facts`` hold the age at which half have failed, None where fewer have.
    """
    name, found = "log-rank against the others", []
    for one in np.unique(group):
        ours = group == one
        label, n = f"{subject}: {one}", int(ours.sum())
        if min(int(failed[ours].sum()), int(failed[~ours].sum())) < least("ageing_failures"):
            found.append(Finding("ageing", label, name, n, refused="few_failures"))
            continue
        result = stats.logrank(_censored(years[ours], failed[ours]), _censored(years[~ours], failed[~ours]))
        curve = stats.ecdf(_censored(years[ours], failed[ours])).sf
        half = np.flatnonzero(curve.probabilities <= 0.5)
        median = float(curve.quantiles[half[0]]) if len(half) else None
        found.append(Finding("ageing", label, name, n, float(result.pvalue), effect=float(result.statistic), unit="z",
                             facts=(("half_failed_years", median), ("failures", int(failed[ours].sum())))))  # fmt: skip
    return found


def _censored(years: Array, failed: NDArray[np.bool_]) -> Any:
    return stats.CensoredData(uncensored=years[failed], right=years[~failed])
