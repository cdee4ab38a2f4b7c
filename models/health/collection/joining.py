"""Bring answers to the table of records: what is new, what two people agree on, and what they saw differently.

Invariants
----------
1. An answer that contradicts another one about the same item of the same object is taken by nobody but a person.
2. Both answers stay known: the one that was dropped is part of the decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from models.health.collection.batches import RecordDecision
from models.health.collection.kinds import OutlierRules
from models.health.collection.returns import RECORD_COLUMNS, Returned, no_records
from models.health.entered.faults import Fault

KEYS = ["object_code", "indicator", "item"]
#: Where a record that is in the project already stands.
IN_PROJECT = ""
_TOLD = ("found", "checked_by", "checked_on", "source", "note", "photo")


@dataclass(frozen=True, slots=True)
class Difference:
    """Answers about one item of one object that contradict each other.

    Parameters
    ----------
    object_code, object_kind, indicator, item : str
    answers : tuple of Said
        Those that are in the project first.
    """

    object_code: str
    object_kind: str
    indicator: str
    item: str
    answers: tuple[Said, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what names it."""
        return self.object_code, self.indicator, self.item


@dataclass(frozen=True, slots=True)
class Said:
    """One answer.

    Parameters
    ----------
    found : str
        ``"yes"`` or ``"no"``.
    by, on : str
        Who recorded it and when.
    source : str
        File and row; empty for what is in the project.
    note, photo : str
    severity : float or None
        1…5 of something that was found.
    """

    found: str
    by: str
    on: str
    source: str
    note: str = ""
    photo: str = ""
    severity: float | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """What returns bring.

    Parameters
    ----------
    new : DataFrame
        Records of items that nobody recorded before, without those in dispute.
    same : int
        Answers that are in the project already, of the same person.
    agreed : int
        Items that two people recorded alike.
    differences : tuple of Difference
    faults : tuple of Fault
        Those of the files, and what looks wrong in them together.
    """

    new: pd.DataFrame
    same: int
    agreed: int
    differences: tuple[Difference, ...]
    faults: tuple[Fault, ...]


def joined(held: pd.DataFrame, returns: Sequence[Returned], rules: OutlierRules, today: str) -> Joined:
    """Return what returns bring to the records that are in the project.

    Parameters
    ----------
    held : DataFrame
        The project's table of records.
    returns : sequence of Returned
    rules : OutlierRules
    today : str
        ISO 8601; what was checked later looks wrong.
    """
    known = _whole(held).assign(source=IN_PROJECT)
    fresh = pd.concat([no_records(), *(one.records for one in returns)], ignore_index=True)
    faults = [fault for one in returns for fault in one.faults]
    faults += _outliers(fresh, rules, today)
    touched = pd.MultiIndex.from_frame(fresh[KEYS]).unique()
    near = known[pd.MultiIndex.from_frame(known[KEYS]).isin(touched)]
    every = pd.concat([near, fresh], ignore_index=True)
    every["found"] = every["found"].astype("str").str.strip().str.lower()
    every["_repeat"] = every.duplicated([*KEYS, "found", "checked_by", "checked_on"])
    is_fresh = every["source"] != IN_PROJECT
    same = int((every["_repeat"] & is_fresh).sum())
    every = every[~every["_repeat"]]
    groups = every.groupby(KEYS, sort=False)
    kinds_of_answer, people = groups["found"].transform("nunique"), groups["checked_by"].transform("nunique")
    in_dispute = kinds_of_answer > 1
    agreed = int((~in_dispute & (people > 1)).groupby([every[name] for name in KEYS]).any().sum()) if len(every) else 0
    is_held = (every["source"] == IN_PROJECT).groupby([every[name] for name in KEYS]).transform("any")
    new = every[~in_dispute & ~is_held].drop_duplicates(KEYS)
    return Joined(
        new[[*RECORD_COLUMNS]].reset_index(drop=True), same, agreed, _differences(every[in_dispute]), tuple(faults)
    )


def decided(
    joined_: Joined, chosen: Mapping[tuple[str, str, str], int], who: str, at: str
) -> tuple[pd.DataFrame, tuple[RecordDecision, ...]]:
    """Return the records of differences that a person decided, and the decisions.

    Parameters
    ----------
    joined_ : Joined
    chosen : mapping of (str, str, str) to int
        By :attr:`Difference.key`: place of the answer that holds; what is not there stays undecided.
    who, at : str
    """
    rows, decisions = [], []
    for one in joined_.differences:
        place = chosen.get(one.key, -1)
        if not 0 <= place < len(one.answers):
            continue
        kept = one.answers[place]
        rows.append(
            {
                "object_code": one.object_code, "object_kind": one.object_kind, "indicator": one.indicator,
                "item": one.item, "found": kept.found, "severity": kept.severity, "checked_on": kept.on,
                "checked_by": kept.by, "note": kept.note, "photo": kept.photo,
            }
        )  # fmt: skip
        decisions += [
            RecordDecision(one.object_code, one.item, kept.found, kept.by, other.found, other.by, who, at)
            for other in one.answers if other.found != kept.found
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(RECORD_COLUMNS)), tuple(decisions)


def with_records(held: pd.DataFrame, fresh: pd.DataFrame) -> pd.DataFrame:
    """Return a table of records with fresh ones in the place of those about the same item of the same object."""
    table = _whole(held)
    stays = table[~pd.MultiIndex.from_frame(table[KEYS]).isin(pd.MultiIndex.from_frame(fresh[KEYS]))]
    parts = [part for part in (stays, fresh) if len(part)] or [stays]
    made = pd.concat(parts, ignore_index=True)
    made.index = pd.RangeIndex(1, len(made) + 1, name="fid")
    return made


def _whole(held: pd.DataFrame) -> pd.DataFrame:
    """Return a table with every column of records, its keys as texts."""
    made = held.assign(**{name: None for name in RECORD_COLUMNS if name not in held.columns})
    for name in ("object_code", "indicator", "item", "checked_by", "checked_on", "note", "photo"):
        made[name] = made[name].astype("str").where(made[name].notna(), "").astype(object)
    return made


def _differences(rows: pd.DataFrame) -> tuple[Difference, ...]:
    found = []
    for (code, indicator, item), group in rows.groupby(KEYS, sort=False):
        answers = []
        for row in group.to_dict("records"):
            answer, by, on, source, note, photo = (str(row[name] or "") for name in _TOLD)
            severity = None if pd.isna(row["severity"]) else float(row["severity"])
            answers.append(Said(answer, by, on, source, note, photo, severity))
        found.append(
            Difference(str(code), str(group["object_kind"].iloc[0]), str(indicator), str(item), tuple(answers))
        )
    return tuple(found)


def _outliers(fresh: pd.DataFrame, rules: OutlierRules, today: str) -> list[Fault]:
    """Return what looks wrong though every cell is sound."""
    faults = []

    def say(code: str, who: str, **facts: str) -> None:
        faults.append(Fault(code, who, "", facts, is_error=False))

    for (by, indicator), rows in fresh.groupby(["checked_by", "indicator"], sort=False):
        objects = rows["object_code"].nunique()
        if objects >= rules.same_answer_objects and rows["found"].nunique() == 1:
            say(
                "same_answers", str(by), indicator=str(indicator), count=str(objects), answer=str(rows["found"].iloc[0])
            )
    for (by, day), rows in fresh[fresh["checked_on"] != ""].groupby(["checked_by", "checked_on"], sort=False):
        objects = rows["object_code"].nunique()
        if objects > rules.objects_a_day:
            say("many_a_day", str(by), day=str(day), count=str(objects))
        if str(day) > today:
            say("later_than_today", str(by), day=str(day))
    bare = fresh[(fresh["found"] == "yes") & (fresh["photo"].astype(str) == "")]
    for by, rows in bare.groupby("checked_by", sort=False):
        say("found_without_photo", str(by), count=str(len(rows)))
    return faults
