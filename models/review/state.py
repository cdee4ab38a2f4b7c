"""What a review session holds beside the layers: kept in the project, undone and saved with it.

Each field is a tuple of frozen dataclasses (or one of them), so that :mod:`models.store.rows.state_rows` can write
and read it without knowing what it is: a row of the project file each. A row that nobody can read is left out and
named.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from models.report.blocks.states import BlockText
from models.report.text.template import Template
from models.review.agenda import Stop
from models.sheets.atlas.spec import AtlasSpec
from models.sheets.spec import NOBODY, SheetSpec, TitleBlock


@dataclass(frozen=True, slots=True)
class ReviewState:
    """What a review session holds.

    Parameters
    ----------
    title_block : TitleBlock
        What every sheet of the project says of who made it.
    sheets : tuple of SheetSpec
        Sheets that people made and keep.
    stops : tuple of Stop
        The agenda, in the order of the meeting.
    atlases : tuple of AtlasSpec
        How atlases were made last, one for each of what they are by.
    report_blocks : tuple of BlockText
        Texts of the report that were generated, and what people made of them.
    report_templates : tuple of Template
        Sentences of the project in the place of the program's own.
    """

    title_block: TitleBlock = NOBODY
    sheets: tuple[SheetSpec, ...] = field(default=(), hash=False)
    stops: tuple[Stop, ...] = field(default=(), hash=False)
    atlases: tuple[AtlasSpec, ...] = field(default=(), hash=False)
    report_blocks: tuple[BlockText, ...] = field(default=(), hash=False)
    report_templates: tuple[Template, ...] = ()
