"""One step of a case, and what a case is after it: state, owner, deadline and the moments that the rates read.

Invariants
----------
1. What a case is now follows from what it was when it came in and its steps alone (:func:`after`); its row in the
   layer of role ``cases`` repeats that, so that maps, figures and other programs can read it.
2. A moment is µs since 1970 UTC; None where it has not come or nobody knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from models.cases.flow import UNKNOWN, move_of, states
from models.core.errors import UserError


@dataclass(frozen=True, slots=True)
class CaseStep:
    """What somebody did with a case.

    Parameters
    ----------
    case : str
        Its number (``taskNum``).
    move : str
        Id of the move; ``"collect"`` for the first step, with which it came in.
    time_us : int
    state : str
        State that it led to.
    who, role : str
        Name and role of whoever did it.
    department : str
        To whom it was sent (dispatch), else empty.
    note, reason : str
    photos : tuple of str
        As they are written in tables: relative to the project where they lie beside it.
    due_us : int
        Deadline that holds from here on, or that is asked for; 0 where the step says nothing of it.
    rating : str
        ``"good"`` or ``"bad"`` of an evaluation (满意 / 不满意).
    urgent : bool
        Whether it was marked urgent with this step.
    source, source_id : str
        Of the first step: where the case came from.
    """

    case: str
    move: str
    time_us: int
    state: str
    who: str = ""
    role: str = ""
    department: str = ""
    note: str = ""
    reason: str = ""
    photos: tuple[str, ...] = ()
    due_us: int = 0
    rating: str = ""
    urgent: bool = False
    source: str = ""
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class CaseNow:
    """What a case is.

    Parameters
    ----------
    number, state : str
        ``taskNum``; id of the state, empty where nobody knows it.
    department : str
    urgent : bool
    class_code : str
    reported_us, filed_us, dispatched_us, handled_us, closed_us : int or None
        When it was noticed, filed (立案), first sent, last fed back, closed.
    due_us : int or None
        Deadline; None where there is none or it cannot be known.
    due_unknown : str
        Why it cannot be known: ``"2027"``, the year whose calendar nobody knows. Empty else.
    asked_us : int
        Deadline that is asked for and not decided yet; 0 for none.
    held_us : int or None
        When it was put on hold, while it is.
    returns, reworks, postponements, urgings : int
        回退, 返工, 延期 that were granted, 督办.
    self_handled : bool
    rating : str
    """

    number: str
    state: str = UNKNOWN
    department: str = ""
    urgent: bool = False
    class_code: str = ""
    reported_us: int | None = None
    filed_us: int | None = None
    dispatched_us: int | None = None
    handled_us: int | None = None
    closed_us: int | None = None
    due_us: int | None = None
    due_unknown: str = ""
    asked_us: int = 0
    held_us: int | None = None
    returns: int = 0
    reworks: int = 0
    postponements: int = 0
    urgings: int = 0
    self_handled: bool = False
    rating: str = ""

    @property
    def owner(self) -> str:
        """Return the role whose turn it is, empty for nobody's."""
        state = states().get(self.state)
        return "" if state is None else state.owner


#: What has to be said with a move.
_ASKED = {
    "reason": ("原因", "reason"), "note": ("说明", "note"), "department": ("处置部门", "department"),
    "deadline": ("时限", "deadline"), "rating": ("满意与否", "rating"),
}  # fmt: skip

#: Gives the deadline of a case that is filed at a moment, or taken up again: (us, or None and why not).
Deadline = Callable[[CaseNow, int], "tuple[int | None, str]"]


def check_move(now: CaseNow, step: CaseStep) -> None:
    """Refuse a step that a case cannot take.

    Raises
    ------
    UserError
        ``cases.no_move``, ``cases.not_now`` in a state that does not allow it, ``cases.asks`` for what has to be said.
    """
    move = move_of(step.move)
    if now.state not in move.starts or (move.once_asked is not None and move.once_asked != bool(now.asked_us)):
        raise UserError("cases.not_now", case=now.number, move=move.zh, move_en=move.en, state=_title(now.state, "zh"),
                        state_en=_title(now.state, "en"))  # fmt: skip
    said = {"reason": step.reason, "note": step.note, "department": step.department, "deadline": step.due_us,
            "rating": step.rating}  # fmt: skip
    for wanted in move.asks:
        if not said.get(wanted):
            raise UserError("cases.asks", move=move.zh, move_en=move.en, what=_ASKED[wanted][0],
                            what_en=_ASKED[wanted][1])  # fmt: skip


def after(now: CaseNow, step: CaseStep, deadline: Deadline) -> CaseNow:
    """Return what a case is after a step.

    Parameters
    ----------
    now : CaseNow
    step : CaseStep
        Taken as it is; whether it may be taken is asked of :func:`check_move`.
    deadline : Deadline
        By the working calendar and the limits that hold (:mod:`models.cases.deadline`).
    """
    time, state = step.time_us, step.state or now.state
    now = replace(now, state=state, urgent=now.urgent or step.urgent)
    match step.move:
        case "collect":
            return replace(now, reported_us=now.reported_us if now.reported_us is not None else time)
        case "file":
            now = replace(now, filed_us=time)
            if step.due_us:
                return replace(now, due_us=step.due_us, due_unknown="")
            due, why = deadline(now, time)
            return replace(now, due_us=due, due_unknown=why)
        case "dispatch":
            first = time if now.dispatched_us is None else now.dispatched_us
            return replace(now, dispatched_us=first, department=step.department or now.department)
        case "feedback":
            return replace(now, handled_us=time, asked_us=0)
        case "close":
            return replace(now, closed_us=time)
        case "self_handle":
            return replace(now, handled_us=time, closed_us=time, self_handled=True)
        case "evaluate":
            return replace(now, rating=step.rating)
        case "rework":
            return replace(now, reworks=now.reworks + 1, handled_us=None)
        case "return":
            return replace(now, returns=now.returns + 1, asked_us=0, department="")
        case "unfile":
            return replace(now, filed_us=None, due_us=None, due_unknown="")
        case "ask_postponement":
            return replace(now, asked_us=step.due_us)
        case "grant_postponement":
            return replace(now, due_us=step.due_us, due_unknown="", asked_us=0, postponements=now.postponements + 1)
        case "refuse_postponement":
            return replace(now, asked_us=0)
        case "supervise":
            return replace(now, urgings=now.urgings + 1)
        case "shelve":
            return replace(now, held_us=time, asked_us=0)
        case "resume":
            due, why = deadline(now, time)
            return replace(now, held_us=None, due_us=due, due_unknown=why)
    return now


def _title(state: str, lang: str) -> str:
    known = states().get(state)
    return "–" if known is None else known.title(lang)
