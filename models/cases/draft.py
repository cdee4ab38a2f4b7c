"""What a case (案件) is made of before it is one: from an alarm, a click, a message of a citizen, a finding."""

from __future__ import annotations

from dataclasses import dataclass

from models.project.selection import ObjectKey
from models.views.camera import Vector


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """What is known of a case that is to be filed (采集).

    Parameters
    ----------
    description : str
        What happened, in plain words (``eventDesc``).
    source : str
        Id of a row of the sources of cases: ``"alarm"``, ``"inspector"``, ``"hotline"``, ``"import"``, ``"trend"`` …
    source_id : str
        What it came from there: id of the alarm, number of the message. A second draft of the same source and id is
        the same case.
    at : (E, N, H) or None
        Where, in the project's CRS (m); None where nobody knows.
    address : str
    component : ObjectKey or None
        The facility that it is about.
    class_code : str
        Class of component (部件) or matter (事项) in the edition that the cases layer states.
    urgent : bool
        Whether its deadline runs through nights and holidays.
    reported_us : int
        When it was noticed, µs since 1970 UTC; 0 for the time of filing.
    """

    description: str
    source: str
    source_id: str = ""
    at: Vector | None = None
    address: str = ""
    component: ObjectKey | None = None
    class_code: str = ""
    urgent: bool = False
    reported_us: int = 0
