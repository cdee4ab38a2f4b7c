"""Draw pages of an atlas, each into a file of its own with a record beside it that says it is whole.

Invariants
----------
1. The record is written after the file, and holds its hash: a page without a record is no page.
2. Both are named by the hash of all that the page is made from; what is there and whole is never drawn again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from app.usecases.sheets.atlas.page_sheets import framed_sheet, page_hash, result_hash, sheet_of
from app.usecases.sheets.pages import page_of, title_of
from app.usecases.sheets.sheets import picture_of
from app.usecases.sheets.subjects import result_of
from app.usecases.views.pictures import Pictures
from models.sheets.atlas.plan import AtlasPage
from models.sheets.atlas.spec import AtlasSpec
from models.sheets.spec import SheetSpec
from models.store.atomic import replacing
from models.store.whole_files import of_bytes

if TYPE_CHECKING:
    from app.session import Session

#: The folder of the pages.
PAGES = "pages"
#: Version of the records.
FORMAT = 1

Record = dict[str, Any]


def sheet_and_key(session: Session, spec: AtlasSpec, page: AtlasPage, content: str) -> tuple[SheetSpec, str]:
    """Return the sheet of a page and the hash of what it is made from."""
    sheet = sheet_of(session, spec, page)
    return sheet, page_hash(sheet, content, result_of(session, sheet.subject), spec)


def page_file(folder: Path, spec: AtlasSpec, page: AtlasPage, key: str) -> Path:
    """Return where a page is."""
    return folder / PAGES / f"{page.number}_{key[:12]}{spec.suffix}"


def whole_record(file: Path, key: str) -> Record | None:
    """Return the record of a page that is there and whole, None where it is not."""
    try:
        record: Record = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        if record["format"] == FORMAT and record["key"] == key and record["sha256"] == sha256_of(file):
            return record
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


class PageDrawer:
    """Draws pages with one scene; a context manager.

    Parameters
    ----------
    session : Session
    spec : AtlasSpec
    folder : Path
        Of the atlas.
    content : str
        Hash of the project's data.
    """

    def __init__(self, session: Session, spec: AtlasSpec, folder: Path, content: str) -> None:
        self._session, self._spec, self._folder, self._content = session, spec, folder, content
        self.pictures = Pictures(session, spec.lang, spec.dark)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.pictures.close()

    def draw(self, page: AtlasPage) -> Record:
        """Draw one page, its file first and then its record, and return this."""
        from viewers.sheets.pages.pdf_file import write_pages
        from viewers.sheets.record import record_text, write_png

        session, spec = self._session, self._spec
        plain, key = sheet_and_key(session, spec, page, self._content)
        framed = framed_sheet(session, self.pictures, plain, page)
        sheet, file = framed.sheet, page_file(self._folder, spec, page, key)
        file.parent.mkdir(parents=True, exist_ok=True)
        content = page_of(session, sheet, self.pictures)
        if spec.suffix == ".pdf":
            write_pages(file, (content,), record_text(sheet, self._content), content.title)
        else:
            write_png(picture_of(content, spec.dpi), sheet, file, self._content)
        entry = page.entry
        record: Record = {
            "format": FORMAT, "id": page.id, "number": page.number, "place": page.place, "key": key,
            "file": f"{PAGES}/{file.name}", "sha256": sha256_of(file), "title": title_of(session, sheet),
            "chapter": entry.chapter, "chapter_name": entry.chapter_name, "kind": entry.kind, "code": entry.code,
            "name": entry.name, "indicator": entry.indicator, "value": entry.value_text,
            "result": result_hash(result_of(session, sheet.subject)), "content": self._content,
            "objects": [list(one) for one in entry.frame] if len(entry.frame) <= 200 else len(entry.frame),
            "seen": [[*one, count] for one, count in sorted(framed.seen.items())],
            "hidden": [list(one) for one in framed.hidden],
        }  # fmt: skip
        write_json(file.with_suffix(".json"), record)
        return record


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(path: Path, content: object) -> None:
    """Write JSON, whole or not at all."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()
    with replacing(path, of_bytes(len(text))) as temporary:
        temporary.write_bytes(text)


def content_of(session: Session) -> str:
    """Return the hash of what is open: the project's file and its sources, and what is not saved of it."""
    from app.usecases.views.snapshots import content_hash
    from models.layers.layer import VectorData
    from models.project.fingerprints import of_content

    project = session.project
    digest = hashlib.sha256()
    if project.path is not None:
        digest.update(content_hash(session, project.path, project.state).encode())
    if project.path is None or not project.is_saved:
        digest.update(repr(replace(project.state, results=())).encode())
        for name, data in sorted(project.data.items()):
            if isinstance(data, VectorData):
                digest.update(f"{name}:{of_content(data)}".encode())
    return digest.hexdigest()
