"""Answers of residents to the questionnaire: 1,600 people, some who do not count, and some quotas missed on purpose.

Planted: two communities with too few answers, too many people over 60, too few under 30, too many public servants. What
is planted in the city is also felt: where estates lack elderly care or parking, people are less satisfied with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.health.questionnaire.questions import questionnaire
from models.sample.city import City

PEOPLE = 1600
#: Communities with fewer answers than the handbook asks, and how many count there.
FEW = {"370199002003": 4, "370199003004": 5}
AGES = (("16-30", 0.235), ("30-60", 0.545), ("60+", 0.22))
WOMEN, PUBLIC = 0.56, 0.19
INCOMES = (("low", 0.27), ("middle", 0.58), ("high", 0.15))
#: People who do not count, every so many: too young, here for too short a time.
YOUNG_EVERY, SHORT_EVERY = 71, 53
#: Mean satisfaction by part, 0…100; and of subjects that stand out.
MEANS = {"housing": 68.0, "community": 64.0, "block": 70.0, "city": 74.0}
APART = {"Q-H5": 48.0, "Q-C1": 57.0, "Q-C2": 52.0, "Q-C7": 43.0, "Q-B5": 49.0, "Q-U10": 46.0, "Q-U15": 58.0}
#: What one part of the city feels more than the others, by sub-district.
DISTRICTS = {"370199001": 4.0, "370199002": 2.0, "370199003": -3.0, "370199004": -7.0}
STEPS = np.array([0.0, 25.0, 50.0, 75.0, 100.0])
#: Share of answers that are left out.
SKIPPED = 0.03


def responses(city: City) -> pd.DataFrame:
    """Return one row a person, as :mod:`models.health.questionnaire.reading` makes them from a foreign table."""
    rng = city.rng("health/responses")
    where = _communities(city)
    people = len(where)
    at = np.arange(people)
    young, short = at % YOUNG_EVERY == 7, at % SHORT_EVERY == 11
    few = np.isin(where, list(FEW))
    young, short = young & ~few, short & ~young & ~few
    districts = dict(zip(city.communities["code"], city.communities["district_code"], strict=True))
    table = pd.DataFrame({
        "response": at + 1,
        "community_code": where,
        "district_code": [districts[code] for code in where],
        "age_group": np.where(young, "under", _dealt(rng, people, AGES)),
        "sex": _dealt(rng, people, (("female", WOMEN), ("male", 1 - WOMEN))),
        "occupation": _dealt(rng, people, (("public", PUBLIC), ("other", 1 - PUBLIC))),
        "income": _dealt(rng, people, INCOMES),
        "resident": np.where(short, "no", "yes"),
        "counts": np.where(young | short, "no", "yes"),
    })  # fmt: skip
    own = rng.normal(0.0, 11.0, people) + np.array([DISTRICTS[code] for code in table["district_code"]])
    for one in questionnaire().questions.values():
        felt = APART.get(one.id, MEANS[one.part]) + own + rng.normal(0.0, 22.0, people)
        points = STEPS[np.clip(np.round(felt / 25.0), 0, 4).astype(int)]
        table[one.id] = np.where(rng.random(people) < SKIPPED, np.nan, points)
    table.index = pd.RangeIndex(1, people + 1, name="fid")
    return table


def _communities(city: City) -> np.ndarray:
    """Return the community of each person: by population, but for the few."""
    codes = [code for code in city.communities["code"] if code not in FEW]
    people = city.communities.set_index("code")["population"][codes].to_numpy(np.float64)
    left = PEOPLE - sum(FEW.values())
    counts = np.floor(left * people / people.sum()).astype(int)
    counts[0] += left - counts.sum()
    return np.array([*np.repeat(codes, counts), *(code for code, count in FEW.items() for _ in range(count))])


def _dealt(rng: np.random.Generator, people: int, shares: tuple[tuple[str, float], ...]) -> np.ndarray:
    """Return words in exactly these shares, in a random order."""
    counts = [round(people * share) for _, share in shares[:-1]]
    words = np.repeat([word for word, _ in shares], [*counts, people - sum(counts)])
    return np.asarray(rng.permutation(words))
