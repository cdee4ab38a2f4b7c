"""What parts of the window ask of each other, without knowing who answers.

One feature answers each request. Where it is not there, the answer is that nothing is chosen, or nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeAlias, TypeVar

if TYPE_CHECKING:
    from PySide6.QtGui import QImage, QScreen

    from app.notices import Notice
    from models.cases.draft import CaseDraft
    from models.checks.findings import Finding, Group
    from models.health.results import IndicatorResult
    from models.project.selection import ObjectKey
    from models.sheets.spec import SheetSpec
    from models.views.scene_state import Theme
    from viewers.render.scene.picking import Pick
    from viewers.widgets.layers.properties_panel import SectionLike

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
#: A place in the project's CRS: easting, northing, height, metres.
World = tuple[float, float, float]
#: A title, and groups of labels and values below it.
Described: TypeAlias = "tuple[str, Sequence[SectionLike]]"


class Request(Generic[Asked, Answer]):
    """Something that any feature may ask and one feature answers.

    Parameters
    ----------
    otherwise : object
        The answer where no feature answers.
    """

    def __init__(self, otherwise: Answer) -> None:
        self._otherwise = otherwise
        self._answer: Callable[Asked, Answer] | None = None

    @property
    def is_answered(self) -> bool:
        """Whether a feature is there to answer."""
        return self._answer is not None

    def answer_with(self, answer: Callable[Asked, Answer]) -> None:
        """Let a feature answer.

        Raises
        ------
        ValueError
            Another feature answers already.
        """
        if self._answer is not None:
            raise ValueError(f"{self._answer!r} answers already")
        self._answer = answer

    def __call__(self, *arguments: Asked.args, **named: Asked.kwargs) -> Answer:
        """Ask."""
        return self._otherwise if self._answer is None else self._answer(*arguments, **named)


@dataclass(slots=True)
class NoticeAction:
    """What can be done about a notice by a button on its banner.

    Parameters
    ----------
    applies : callable
        Whether the button stands on the banner of a notice.
    word : str
        Word key of the button.
    act : callable
    accepts : bool
        Whether the button does what the notice proposes, without a further question.
    """

    applies: Callable[[Notice], bool]
    word: str
    act: Callable[[Notice], object]
    accepts: bool = False


class Requests:
    """The requests of one window.

    Parameters
    ----------
    open_paths, add_files, open_file, may_leave
        Open projects and files; ask for files to add; open one file in a CRS (``""`` where the file says it); ask
        about unsaved changes and return whether the project may be left.
    open_package
        Verify a review package and open it to be looked at.
    open_picture
        Bring back the view of a picture that says how it was made; False for any other file.
    open_sheet
        Open a map sheet in the editor, kept in the project where it is not yet.
    handles_notice
        Whether a notice is answered by a question of its own, so that no banner is shown.
    notice_actions
        What can be done about notices.
    chosen_model
        Id of the model in the browser.
    zoom_to_layer, open_table, style_layer, show_properties, show_sections
        Fly to a layer; show its attribute table; show how it is drawn; describe the selection anew; describe
        something that is no object.
    show_statistics, export_layer
        Show the statistics of a layer's field; ask how a layer is exported.
    show_withheld_layers
        Mark layers that are without data for want of trust; each with where it would go.
    show_busy_layers
        Mark layers that are being read or prepared.
    go_to
        Select an object and fly to it.
    click
        Select what was clicked in a view; with ``True`` beside what is selected.
    show_cursor
        Show where the cursor is, world coordinates.
    close_section_tools
        Lay down the cutting and measuring tools.
    open_underground, open_sunlight
        Open the card of the ground that is looked through, that of the sun by date and time.
    ask_missing_crs
        Ask for the CRS of a file, which is then opened by the callable.
    ask_crs
        Ask for a CRS, one being proposed; its code or WKT, empty where that is cancelled.
    make_topics
        Make review topics of findings.
    capture_opinion
        Note an opinion on what is on the screen, as said at a stop of the agenda (its id) and of an indicator (its
        code), each empty for none.
    state_code_edition
        Ask for the code edition of a layer of components.
    open_gate
        Show the quality gate of facilities.
    open_dashboard, close_dashboard
        Show all indicators of the health check over the window; show the city again.
    return_to_dashboard
        Show all indicators again where one was opened from there.
    open_indicator
        Open an indicator of the health check at what makes it bad.
    open_definition, enter_value
        Show how an indicator is defined; ask for its value, for one that is entered.
    open_scenario
        Try what becomes of an indicator if facilities or rules were others.
    tried_result
        What an indicator comes to under the scenario that is being tried; None where none is, or it changes nothing.
    list_problems
        Take problem objects of an indicator into the problem list of the health check.
    make_case
        File a case from a draft and show its card; its number, empty where nobody did.
    read_pieces_again
        Ask again for pieces of a raster that could not be reached.
    picture_alone, window_again
        Show the picture alone over a screen (None for the one where it is); show the window as it was.
    ask_moment
        Ask for a date and time, by the word key of the question; µs since 1970 UTC, None where that is cancelled.
    chart_sensors
        Show charts of what is measured at objects (devices or facilities), or of channels by their ids.
    over_picture
        Each paints what it has drawn over the view on a frame of the view.
    colour_themes
        Each returns ways in which the project can be coloured now, beside its own colours.
    """

    def __init__(self) -> None:
        self.open_paths: Request[[Sequence[str | Path]], object] = Request(None)
        self.add_files: Request[[], object] = Request(None)
        self.open_package: Request[[Path], object] = Request(None)
        self.open_picture: Request[[Path], bool] = Request(False)
        self.open_sheet: Request[[SheetSpec], object] = Request(None)
        self.open_file: Request[[Path, str], object] = Request(None)
        self.may_leave: Request[[], bool] = Request(True)
        self.handles_notice: Request[[Notice], bool] = Request(False)
        self.chosen_model: Request[[], str] = Request("")
        self.zoom_to_layer: Request[[str], object] = Request(None)
        self.open_table: Request[[str], object] = Request(None)
        self.show_statistics: Request[[str, str], object] = Request(None)
        self.export_layer: Request[[str], object] = Request(None)
        self.style_layer: Request[[str], object] = Request(None)
        self.show_properties: Request[[], object] = Request(None)
        self.show_sections: Request[[Callable[[], Described]], object] = Request(None)
        self.show_withheld_layers: Request[[dict[str, str]], object] = Request(None)
        self.show_busy_layers: Request[[set[str]], object] = Request(None)
        self.go_to: Request[[ObjectKey], object] = Request(None)
        self.click: Request[[Pick | None, bool], object] = Request(None)
        self.show_cursor: Request[[World | None], object] = Request(None)
        self.close_section_tools: Request[[], object] = Request(None)
        self.open_underground: Request[[], object] = Request(None)
        self.open_sunlight: Request[[], object] = Request(None)
        self.ask_missing_crs: Request[[Path, Callable[[Path, str], object]], object] = Request(None)
        self.ask_crs: Request[[str], str] = Request("")
        self.state_code_edition: Request[[str], object] = Request(None)
        self.make_topics: Request[[Sequence[Finding], Sequence[Group]], object] = Request(None)
        self.capture_opinion: Request[[str, str], object] = Request(None)
        self.open_gate: Request[[], object] = Request(None)
        self.open_dashboard: Request[[], object] = Request(None)
        self.close_dashboard: Request[[], object] = Request(None)
        self.return_to_dashboard: Request[[], object] = Request(None)
        self.open_indicator: Request[[str], object] = Request(None)
        self.open_definition: Request[[str], object] = Request(None)
        self.open_scenario: Request[[str], object] = Request(None)
        self.enter_value: Request[[str], object] = Request(None)
        self.compare_themes: Request[[Theme, str], object] = Request(None)
        self.tried_result: Request[[str], IndicatorResult | None] = Request(None)
        self.list_problems: Request[[str, Sequence[ObjectKey]], object] = Request(None)
        self.make_case: Request[[CaseDraft], str] = Request("")
        self.read_pieces_again: Request[[str], object] = Request(None)
        self.picture_alone: Request[[QScreen | None], object] = Request(None)
        self.window_again: Request[[], object] = Request(None)
        self.ask_moment: Request[[str], int | None] = Request(None)
        self.chart_sensors: Request[[Sequence[ObjectKey], Sequence[int]], object] = Request(None)
        self.over_picture: list[Callable[[QImage], object]] = []
        self.notice_actions: list[NoticeAction] = []
        self.colour_themes: list[Callable[[], list[Theme]]] = []
