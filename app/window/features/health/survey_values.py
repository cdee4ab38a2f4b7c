"""What the panel of the questionnaire shows, made from the project: words and numbers. No Qt."""

from __future__ import annotations

from app.session import Session
from app.usecases.health import survey
from models.core.value_text import number
from models.health.questionnaire.questions import questionnaire
from models.health.questionnaire.quotas import QuotaRow
from models.health.questionnaire.satisfaction import Satisfaction
from viewers.texts.survey_texts import interval_text, quota_cells, satisfaction_text
from viewers.widgets.health.survey_panel import BarView, QuotaView, SurveyView

#: So many communities are named in a tip.
NAMED = 12


def survey_view(session: Session, unit: str = "", question: str = "", weighted: bool = False) -> SurveyView:
    """Return quotas and satisfaction: by question in a unit, by community with a question.

    Parameters
    ----------
    session : Session
    unit, question : str
        Empty for all.
    weighted : bool
    """
    felt = survey.felt(session, unit, question, weighted=weighted)
    if felt is None:
        return SurveyView()
    book, places, lang = questionnaire(), survey.places_of(session), session.lang
    asked = [(one, f"{one}  {book.questions[one].title(lang)}") for one in felt.questions]
    homes = [(code, places.title(code, lang)) for code in felt.units]
    return SurveyView(
        session.word("survey.count", count=number(felt.answers, 0)),
        tuple(_quota(session, one, places) for one in survey.quota_rows(session)),
        tuple(_bar(session, f"{one}  {book.questions[one].title(lang)}", found)
              for one, found in felt.questions.items()),
        tuple(_bar(session, places.title(code, lang), found) for code, found in felt.units.items()),
        (("", session.word("survey.everywhere")), *homes), (("", session.word("survey.all_questions")), *asked),
    )  # fmt: skip


def _quota(session: Session, one: QuotaRow, places: survey.Places) -> QuotaView:
    name, found, wanted, _, missing = quota_cells(one, session.lang)
    short = [f"{places.title(code, session.lang)} −{count}" for code, count in list(one.places.items())[:NAMED]]
    more = " …" if len(one.places) > NAMED else ""
    return QuotaView(name, found, wanted, one.state, missing, ", ".join(short) + more)


def _bar(session: Session, name: str, one: Satisfaction) -> BarView:
    lang = session.lang
    plain = "–" if one.unweighted is None else number(one.unweighted, 1)
    detail = session.word("survey.bar.tip", interval=interval_text(one), answers=one.answers, plain=plain)
    return BarView(name, one.value, one.low, one.high, satisfaction_text(one, lang), detail)
