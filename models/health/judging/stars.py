"""Stars by a set of star items: of each item, of each group, in all, with bonus points.

How items of a group and groups are put together is our own rule (the mean of the items, groups by their weights,
rounded down), because the text of the standard's tables could not be read. A star is official only where the set is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from models.health.definitions.stars import StarSet


@dataclass(frozen=True, slots=True)
class GroupStars:
    """The stars of one group.

    Parameters
    ----------
    group : str
    weight : float
    mean : float or None
        0…5; None where no item has a value.
    known, items : int
        How many items have a value, of how many.
    """

    group: str
    weight: float
    mean: float | None
    known: int
    items: int


@dataclass(frozen=True, slots=True)
class Stars:
    """Stars by a set.

    Parameters
    ----------
    set_id : str
    by_item : mapping of str to (int or None)
        None where there is no value.
    groups : tuple of GroupStars
    mean : float or None
        Over the groups with a value, by weight.
    stars : int or None
        In all; None where too little is known.
    bonus : float
        Points of the bonus items that were earned.
    missing : tuple of str
        Items without a value.
    is_official : bool
        Whether they are stars of the standard: the city imported its items, all of them, and all have a value.
    is_synthetic : bool
        Whether the set was made up to show how it works.
    """

    set_id: str
    by_item: Mapping[str, int | None]
    groups: tuple[GroupStars, ...]
    mean: float | None
    stars: int | None
    bonus: float
    missing: tuple[str, ...]
    is_official: bool
    is_synthetic: bool


def stars_of(
    items: StarSet, values: Mapping[str, float | None], earned: frozenset[str] = frozenset(), least_known: float = 0.8
) -> Stars:
    """Return the stars that values have by a set.

    Parameters
    ----------
    items : StarSet
    values : mapping of str to (float or None)
        By id of the item.
    earned : frozenset of str
        Bonus items that were earned.
    least_known : float
        Share of the items that must have a value for a star in all.
    """
    by_item = {item.id: item.stars(values.get(item.id)) for item in items.graded}
    groups = []
    for group in items.groups:
        own = [by_item[item.id] for item in items.items_of(group.id) if item.id in by_item]
        known = [one for one in own if one is not None]
        if own:
            mean = sum(known) / len(known) if known else None
            groups.append(GroupStars(group.id, group.weight, mean, len(known), len(own)))
    missing = tuple(name for name, found in by_item.items() if found is None)
    weighed = [(one.weight, one.mean) for one in groups if one.mean is not None]
    if weighed and not any(weight for weight, _ in weighed):
        weighed = [(1.0, mean) for _, mean in weighed]
    total = sum(weight for weight, _ in weighed)
    mean = sum(weight * mean for weight, mean in weighed) / total if total else None
    is_known = mean is not None and len(missing) <= (1.0 - least_known) * len(by_item) + 1e-9
    return Stars(
        items.id, by_item, tuple(groups), mean, math.floor((mean or 0.0) + 1e-9) if is_known else None,
        sum(item.points for item in items.bonuses if item.id in earned), missing, items.is_official and not missing,
        items.synthetic,
    )  # fmt: skip
