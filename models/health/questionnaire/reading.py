"""Foreign tables of answers brought to ours: columns named, words and scales read, people who do not count told apart.

Invariants
----------
1. Columns that tell who somebody is (names, telephones, addresses …) are never taken, whatever a mapping says.
2. What cannot be read is missing and counted, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.core.errors import UserError
from models.health.questionnaire.questions import Band, questionnaire
from models.health.questionnaire.responses import PERSON_FIELDS
from resources.standards import standard

#: Fields of a person that a column may be mapped to.
MAPPED = ("response", "community", "age", "sex", "occupation", "income", "months")
#: Scales of numbers: ends at which somebody is least and most satisfied; "auto" looks at the largest answer.
SCALES: Mapping[str, tuple[float, float]] = {
    "1-5": (1.0, 5.0), "5-1": (5.0, 1.0), "1-10": (1.0, 10.0), "0-10": (0.0, 10.0), "0-100": (0.0, 100.0),
}  # fmt: skip
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class SurveyMapping:
    """Which column is what.

    Parameters
    ----------
    columns : mapping of str to str
        Column by field (:data:`MAPPED`, or the id of a question).
    scale : str
        ``"auto"`` or one of :data:`SCALES`; answers in words are read in any case.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    scale: str = "auto"


@dataclass(frozen=True, slots=True)
class SurveyRead:
    """What came of a table.

    Parameters
    ----------
    table : DataFrame
        One row a person: :data:`~models.health.questionnaire.responses.PERSON_FIELDS` and the answers, 0…100.
    mapping : SurveyMapping
    rows, duplicates : int
        Of the file; rows that say the same again.
    too_young, too_short : int
        People who do not count.
    unread : mapping of str to int
        By field: cells in which something stands that could not be read.
    personal, unused : tuple of str
        Columns that were left out because they tell who somebody is; because nothing of ours is in them.
    unknown_places : tuple of str
        Communities that the project does not have, or has more than once.
    scale : str
        By which numbers were read; empty where there were only words.
    """

    table: pd.DataFrame
    mapping: SurveyMapping
    rows: int
    duplicates: int = 0
    too_young: int = 0
    too_short: int = 0
    unread: Mapping[str, int] = field(default_factory=dict)
    personal: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    unknown_places: tuple[str, ...] = ()
    scale: str = ""


def is_personal(column: str) -> bool:
    """Whether a column tells who somebody is, by its name."""
    words = _rules()["personal"]
    plain = column.strip().casefold()
    return any(word in plain for word in words["parts"]) or plain in words["whole"]


def guessed(columns: list[str]) -> SurveyMapping:
    """Return which columns are likely what, by their names."""
    found: dict[str, str] = {}
    free = [column for column in columns if not is_personal(column)]
    plain = {column: column.strip().casefold() for column in free}
    for name, words in _rules()["columns"].items():
        whole = next((one for one in free if plain[one] in words and one not in found.values()), None)
        part = next((one for one in free if one not in found.values() and _holds(plain[one], words)), None)
        if chosen := whole or part:
            found[name] = chosen
    for question in questionnaire().questions.values():
        code = question.id.casefold()
        names = {code, code.removeprefix("q-"), code.replace("-", "_"), code.replace("-", "")}
        taken = set(found.values())
        exact = next((one for one in free if one not in taken and plain[one] in names), None)
        begins = next((one for one in free if one not in taken and re.match(rf"{re.escape(code)}\b", plain[one])), None)
        named = next((one for one in free if one not in taken and question.name in one), None)
        if chosen := exact or begins or named:
            found[question.id] = chosen
    return SurveyMapping(found)


def read_answers(
    raw: pd.DataFrame, mapping: SurveyMapping, places: Mapping[str, str], districts: Mapping[str, str]
) -> SurveyRead:
    """Return the answers of a foreign table.

    Parameters
    ----------
    raw : DataFrame
        As the file has it.
    mapping : SurveyMapping
    places : mapping of str to str
        Code of a community by its code and by its name.
    districts : mapping of str to str
        Code of the sub-district by the code of the community.

    Raises
    ------
    UserError
        ``survey.no_column`` for a mapping to a column that is not there, ``survey.no_answers`` where no column is a
        question.
    """
    columns = {name: column for name, column in mapping.columns.items() if not is_personal(column)}
    for name, column in columns.items():
        if column not in raw.columns:
            raise UserError("survey.no_column", column=column, field=name)
    asked = [one for one in questionnaire().questions if one in columns]
    if not asked:
        raise UserError("survey.no_answers", columns=", ".join(map(str, raw.columns[:12])))
    kept, duplicates = _once(raw, columns.get("response", ""))
    unread: dict[str, int] = {}
    made = _person(kept, columns, places, districts, unread)
    answers = {one: _texts(kept[columns[one]]) for one in asked}
    scale = mapping.scale if mapping.scale in SCALES else _scale_of(answers)
    for one, said in answers.items():
        made[one] = _points(said, scale, unread, one)
    used = set(columns.values())
    personal = tuple(str(one) for one in raw.columns if is_personal(str(one)))
    unused = tuple(str(one) for one in raw.columns if str(one) not in used and not is_personal(str(one)))
    young, short = made["age_group"].eq("under").to_numpy(), made["resident"].eq("no").to_numpy()
    made["counts"] = np.where(young | short, "no", "yes")
    said_place = _texts(kept[columns["community"]]) if "community" in columns else pd.Series(dtype=object)
    lost = said_place[said_place.ne("") & made["community_code"].eq("").to_numpy()] if len(said_place) else said_place
    table = made[[*PERSON_FIELDS, *asked]].set_index(pd.RangeIndex(1, len(made) + 1, name="fid"))
    return SurveyRead(
        table, mapping, len(raw), duplicates, int(young.sum()), int((short & ~young).sum()), unread, personal, unused,
        tuple(sorted(set(lost))), scale,
    )  # fmt: skip


def age_band(years: float) -> str:
    """Return the id of the band of an age: ``"under"`` for those who are not asked."""
    book = questionnaire()
    if not np.isfinite(years):
        return ""
    if years < book.quota.least_age:
        return "under"
    return next((band.id for band in book.ages if band.start <= years < band.end), "")


def _rules() -> dict[str, Any]:
    return standard("health/questionnaire_columns")


def _holds(text: str, words: list[str]) -> bool:
    return any(word in text for word in words if len(word) > 1)


def _texts(column: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    return column.astype("str").str.strip().where(column.notna(), "").astype(object)


def _once(raw: pd.DataFrame, key: str) -> tuple[pd.DataFrame, int]:
    """Return the rows without those that say the same again: the last of a number, the first of rows all alike."""
    if key:
        numbers = _texts(raw[key])
        again = numbers.ne("") & numbers.duplicated(keep="last")
    else:
        again = raw.astype("str").duplicated()
    return raw[~again.to_numpy()].reset_index(drop=True), int(again.sum())


def _person(
    rows: pd.DataFrame, columns: Mapping[str, str], places: Mapping[str, str], districts: Mapping[str, str],
    unread: dict[str, int],
) -> pd.DataFrame:  # fmt: skip
    def said(name: str) -> pd.Series:
        empty = pd.Series([""] * len(rows), dtype=object)
        return _texts(rows[columns[name]]) if name in columns else empty

    def worded(name: str) -> pd.Series:
        texts, table = said(name), _rules()[name]
        found = _by_value(texts, lambda text: _word_of(text, table))
        return _counted(texts, found, unread, name)

    place = said("community")
    codes = place.map(places).fillna("").astype(object)
    ages, months = said("age"), said("months")
    in_years = "年" in columns.get("months", "") or "year" in columns.get("months", "").casefold()
    made = pd.DataFrame({"response": np.arange(1, len(rows) + 1), "community_code": codes})
    made["district_code"] = codes.map(districts).fillna("").astype(object)
    made["age_group"] = _counted(ages, _by_value(ages, _band_of), unread, "age")
    made["sex"], made["occupation"], made["income"] = worded("sex"), worded("occupation"), worded("income")
    made["resident"] = _counted(months, _by_value(months, lambda text: _stay_of(text, in_years)), unread, "months")
    made["counts"] = "yes"
    return made


def _by_value(texts: pd.Series, meaning: Any) -> pd.Series:
    """Return what each text means, worked out once a distinct text."""
    return texts.map({text: meaning(text) for text in texts.unique()}).astype(object)


def _counted(texts: pd.Series, found: pd.Series, unread: dict[str, int], name: str) -> pd.Series:
    lost = int((texts.ne("") & ~texts.map(_is_none) & found.eq("")).sum())
    if lost:
        unread[name] = lost
    return found


def _is_none(text: str) -> bool:
    return text.strip().casefold() in _rules()["none"]["words"]


def _word_of(text: str, table: Mapping[str, list[str]]) -> str:
    plain = text.strip().casefold()
    for meaning, words in table.items():
        if plain in words:
            return meaning
    return next((meaning for meaning, words in table.items() if plain and _holds(plain, words)), "")


def _band_of(text: str) -> str:
    """Return the band of an age or of a span of ages."""
    numbers = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)]
    if not numbers or numbers[0] > 130:
        return ""
    if len(numbers) == 1 and any(word in text for word in ("以下", "under", "below", "<")):
        return "under" if numbers[0] <= questionnaire().quota.least_age else ""
    bands: list[Band] = [one for one in questionnaire().ages if one.start <= numbers[0] < one.end]
    if len(numbers) > 1 and bands and numbers[1] > bands[0].end + 1:
        return ""  # a span over several bands tells none of them
    return age_band(numbers[0])


def _stay_of(text: str, in_years: bool) -> str:
    plain = text.strip().casefold()
    for meaning, words in _rules()["months"].items():
        if plain in words or _holds(plain, words):
            return str(meaning)
    number = _NUMBER.search(plain)
    if number is None:
        return ""
    is_years = in_years or "年" in plain or "year" in plain
    months = float(number[0]) * (12.0 if is_years else 1.0)
    return "yes" if months >= questionnaire().quota.least_months else "no"


def _scale_of(answers: Mapping[str, pd.Series]) -> str:
    """Return the scale of numbers by the largest one; empty where there are none."""
    found = [pd.to_numeric(said[~said.map(_is_none)], errors="coerce").dropna() for said in answers.values()]
    numbers = pd.concat(found) if found else pd.Series(dtype=float)
    if not len(numbers):
        return ""
    most, least = float(numbers.quantile(0.999)), float(numbers.min())
    return "1-5" if most <= 5 and least >= 1 else "1-10" if 5 < most <= 10 and least >= 1 else (
        "0-10" if most <= 10 and least < 1 and most > 5 else "0-100" if most > 10 else "1-5"
    )  # fmt: skip


def _points(said: pd.Series, scale: str, unread: dict[str, int], name: str) -> Any:
    words = {word: float(points) for points, ws in _rules()["answers"].items() for word in ws}
    plain = said.astype("str").str.strip().str.casefold()
    by_word = plain.map(words)
    numbers = pd.to_numeric(plain, errors="coerce").where(~plain.map(_is_none))
    points = by_word.astype(float)
    if scale:
        worst, best = SCALES[scale]
        made = 100.0 * (numbers - worst) / (best - worst)
        points = points.fillna(made.where(made.between(0.0, 100.0)))
    lost = int((plain.ne("") & ~plain.map(_is_none) & points.isna()).sum())
    if lost:
        unread[name] = lost
    return points.to_numpy(np.float64)
