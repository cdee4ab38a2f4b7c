"""What a report is made of, and how it speaks: every number through the table of numbers, marked with its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from models.health.answers import Answer
from models.health.book import book_of
from models.health.editions import Edition, IndicatorDef
from models.health.lists.rectification import Rectification
from models.health.lists.rows import ProblemRow
from models.health.overview import Standing
from models.health.results import IndicatorResult, UnitValue
from models.project.project import ProjectState
from models.report.blocks.states import BlockText
from models.report.figure import Figures, figure_id, place_of
from models.report.text.marked import marked, unmarked
from models.report.text.sentences import sentence
from models.report.text.sentences_book import SentencesBook, own_book
from resources.words import word
from viewers.texts.figure_texts import figure_text
from viewers.texts.list_texts import ListContext

#: A reference to a table or picture is a mark whose id begins so; its text is put in when everything has its number.
REF = "ref:"


@dataclass(frozen=True, slots=True)
class ReportBasis:
    """What a report is made of.

    Parameters
    ----------
    state : ProjectState
    results : mapping of str to IndicatorResult
        Those that count, by code.
    figures : Figures
    standings : sequence of Standing
        In the order of the edition.
    answers : mapping of str to Answer
        How each indicator is answered.
    lists : ListContext
        Words of the lists, in the language of the report.
    mended : Rectification or None
    listed : sequence of ProblemRow
        Last year's list.
    lang, date, made_by : str
    kept : mapping of str to BlockText
        Blocks that the project keeps, in this language.
    book : SentencesBook
    pictures : mapping of str to bytes
        Maps by code of the indicator, PNG or JPEG.
    most_rows : int
        Rows of a long list.
    """

    state: ProjectState
    results: Mapping[str, IndicatorResult]
    figures: Figures
    standings: Sequence[Standing]
    answers: Mapping[str, Answer]
    lists: ListContext
    mended: Rectification | None
    listed: Sequence[ProblemRow]
    lang: str
    date: str
    made_by: str = ""
    kept: Mapping[str, BlockText] = field(default_factory=dict)
    book: SentencesBook = field(default_factory=own_book)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    most_rows: int = 40

    @property
    def edition(self) -> Edition:
        """Return the indicators that hold in the project."""
        return book_of(self.state.health)

    @property
    def city(self) -> str:
        """Return the name of the city."""
        state = self.state
        name = state.name_en if self.lang == "en" and state.name_en else state.name
        return unmarked(name or self.word("report.unnamed"))

    def word(self, key: str, **fields: object) -> str:
        """Return a word in the language of the report."""
        return word(key, self.lang, **fields)

    def of_dimension(self, dimension: str) -> list[Standing]:
        """Return the indicators of a dimension, hidden ones left out."""
        return [one for one in self.standings if one.definition.dimension == dimension and not one.definition.hidden]

    # --- numbers ------------------------------------------------------------------------------------------------------

    def f(self, name: str) -> str:
        """Return a figure with its unit, marked; the word for no data where there is none."""
        figure = self.figures.get(name)
        text = figure_text(figure, self.lang, tight=self.lang == "zh")
        return marked(name, text) if figure.value is not None else text

    def cell(self, name: str, missing: str = "—") -> str:
        """Return a figure without its unit, marked, as a cell of a table has it."""
        figure = self.figures.get(name)
        text = figure_text(figure, self.lang, with_unit=False, tight=self.lang == "zh")
        return marked(name, text) if figure.value is not None else missing

    def n(self, name: str) -> float | int:
        """Return the raw number of a figure, 0 where there is none: for comparing only."""
        return self.figures.value(name) or 0

    def has(self, name: str) -> bool:
        """Whether there is such a figure."""
        return self.figures.value(name) is not None

    def of_unit(self, code: str, unit: UnitValue, which: str = "value") -> str:
        """Return the id of a figure of a unit."""
        return figure_id(code, place_of(unit), which)

    def ref(self, name: str) -> str:
        """Return a reference to a table or picture."""
        return f"[[{REF}{name}|{name}]]"

    # --- texts --------------------------------------------------------------------------------------------------------

    def title(self, definition: IndicatorDef) -> str:
        """Return the name of an indicator."""
        return unmarked(definition.title(self.lang))

    def named(self, unit: UnitValue) -> str:
        """Return the name of a unit."""
        return unmarked(unit.title(self.lang) or unit.unit_code)

    def says(self, name: str, context: Mapping[str, object]) -> str:
        """Return what a sentence says."""
        functions = {"f": self.f, "n": self.n, "has": self.has, "ref": self.ref}
        source = self.book.source(name, self.lang)
        return sentence(name, source, {"city": self.city, **context}, functions, "" if self.lang == "zh" else " ")
