"""The residents' questionnaire of a project: take a table in, hold it against quotas, say how satisfied people are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.health.questionnaire.questions import questionnaire
from models.health.questionnaire.responses import ROLE, responses_of, that_count
from models.layers.layer import Layer, Source, VectorData, new_layer_id
from resources.words import word

if TYPE_CHECKING:
    import pandas as pd

    from app.background.jobs import Job
    from app.session import Session
    from models.core.progress import Progress
    from models.health.questionnaire.quotas import QuotaRow
    from models.health.questionnaire.reading import SurveyMapping, SurveyRead
    from models.health.questionnaire.satisfaction import Satisfaction
    from models.project.project import ProjectState


@dataclass(frozen=True, slots=True)
class Places:
    """The communities of a project.

    Parameters
    ----------
    names, names_en : mapping of str to str
        By code.
    by_name : mapping of str to str
        Code by code and by name, where a name is one's own.
    districts : mapping of str to str
        Sub-district by community.
    population : float or None
        Of all; None where one of them has none.
    """

    names: Mapping[str, str]
    names_en: Mapping[str, str]
    by_name: Mapping[str, str]
    districts: Mapping[str, str]
    population: float | None

    def title(self, code: str, lang: str) -> str:
        """Return the name of a community in a language; its code where it has none."""
        return (self.names_en.get(code) if lang == "en" else "") or self.names.get(code) or code


def places_of(session: Session) -> Places:
    """Return the communities that residents name: administrative ones, also where check units took their place."""
    from models.health.units.members import members_of
    from models.health.units.rules import unit_rules

    state = session.project.state
    if state.frame is None:
        return Places({}, {}, {}, {}, None)
    try:
        rows, _ = members_of(unit_rules().level("community"), state, session.project.data, state.frame.horizontal)
    except UserError:
        return Places({}, {}, {}, {}, None)
    codes = list(rows["code"])
    own = rows[~rows["name"].duplicated(keep=False) & rows["name"].ne("")]
    english = rows[~rows["name_en"].duplicated(keep=False) & rows["name_en"].ne("")]
    by_name = dict(zip(english["name_en"], english["code"], strict=True)) | dict(
        zip(own["name"], own["code"], strict=True)
    )
    people = rows["population"]
    return Places(
        dict(zip(codes, rows["name"], strict=True)), dict(zip(codes, rows["name_en"], strict=True)),
        by_name | {code: code for code in codes}, dict(zip(codes, rows["district_code"], strict=True)),
        float(people.sum()) if people.notna().all() else None,
    )  # fmt: skip


def columns_of(session: Session, path: Path, done: Callable[[pd.DataFrame], object], encoding: str = "") -> Job:
    """Read a table of answers as it is; nothing of it is kept, neither in the project nor in a cache.

    Raises
    ------
    UserError
        What the reader says; ``survey.no_table`` where the file holds none.
    """
    path = Path(path)
    return session.run("job.read_survey", lambda progress: raw_table(path, progress, encoding), done, file=path.name)


def raw_table(path: Path, progress: Progress, encoding: str = "") -> pd.DataFrame:
    """Return the first table of a file."""
    import pandas as pd

    from models.io.registry import find_format
    from models.io.request import ReadRequest

    found = find_format(path)
    if not {"table", "vector"} & set(found.kinds):
        raise UserError("survey.no_table", file=path.name)
    for one in found.read(path, ReadRequest(encoding=encoding), progress):
        if isinstance(one.data, VectorData) and one.data.count:
            return pd.DataFrame(one.data.attributes)
    raise UserError("survey.no_table", file=path.name)


def read(
    session: Session, raw: pd.DataFrame, mapping: SurveyMapping | None, done: Callable[[SurveyRead], object]
) -> Job:
    """Bring a table to our fields, columns guessed by their names where no mapping says what they are."""
    from models.health.questionnaire.reading import guessed, read_answers

    places = places_of(session)

    def work(progress: Progress) -> SurveyRead:
        progress.step(0.1, "progress.survey")
        chosen = mapping or guessed([str(one) for one in raw.columns])
        return read_answers(raw, chosen, places.by_name, places.districts)

    return session.run("job.read_survey", work, done, file="")


def take(session: Session, found: SurveyRead, file: str) -> Layer:
    """Keep answers in the project, in the place of those that it had."""
    layer_id = new_layer_id("responses")
    session.project.put_data(layer_id, VectorData(found.table))
    layer = Layer(
        layer_id, word("survey.layer", "zh"), "table", ROLE, Source(sublayer=layer_id), visible=False,
        name_en=word("survey.layer", "en"), data_source=file,
    )  # fmt: skip

    def change(state: ProjectState) -> ProjectState:
        kept = tuple(one for one in state.layers if one.role != ROLE)
        return replace(state, layers=(*kept, layer))

    session.history.do("history.survey_import", change)
    return layer


def answers(session: Session) -> pd.DataFrame | None:
    """Return all answers of the project; None where there are none."""
    return responses_of(session.project.state, session.project.data)


def quota_rows(session: Session) -> tuple[QuotaRow, ...]:
    """Return the demands on the sample of the project, met or not; nothing where there are no answers."""
    from models.health.questionnaire.quotas import quotas

    table = answers(session)
    if table is None:
        return ()
    places = places_of(session)
    return quotas(table, places.names, places.population)


@dataclass(frozen=True, slots=True)
class Felt:
    """Satisfaction in a project.

    Parameters
    ----------
    questions : mapping of str to Satisfaction
        By question, of one unit or the whole city.
    units : mapping of str to Satisfaction
        By community, of one question or all of them.
    answers : int
    """

    questions: Mapping[str, Satisfaction]
    units: Mapping[str, Satisfaction]
    answers: int


def felt(session: Session, unit: str = "", question: str = "", *, weighted: bool = False) -> Felt | None:
    """Return how satisfied people are, by question in one unit, and by unit with one question.

    Parameters
    ----------
    session : Session
    unit : str
        Code of a community or sub-district; empty for all.
    question : str
        Id; empty for the mean of all.
    weighted : bool
        By age and sex.
    """
    from models.health.questionnaire.satisfaction import by_question, by_unit, in_unit, raked
    from models.health.units.effect import members_of_unit

    table = answers(session)
    if table is None:
        return None
    counted = that_count(table)
    weights = raked(counted) if weighted else None
    chosen = in_unit(counted, members_of_unit(session.project.state, unit) if unit else ())
    here = None if weights is None else weights[chosen]
    asked = (question,) if question else tuple(questionnaire().questions)
    return Felt(by_question(counted[chosen], here), by_unit(counted, "community_code", asked, weights), len(counted))
