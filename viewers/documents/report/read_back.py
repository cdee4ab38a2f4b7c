"""A report that was edited in Word, read back: its numbers by the ids of their figures, its blocks by their tags.

The file is a stranger's: it is bounded, nothing in it is run, and a document with macros is refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.report.text.marked import marked, unmarked
from viewers.documents.report.wordml import BLOCK, FIGURE, W, tag_of

#: Bytes of the text of a document, unpacked, and how many members and times it may be packed.
MOST_BYTES, MOST_MEMBERS, MOST_PACKED = 200_000_000, 5_000, 500
_BODY = "word/document.xml"
_MACROS = ("vbaproject.bin", "vbadata.xml")


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What stands in a document.

    Parameters
    ----------
    numbers : tuple of (str, str)
        Tag of the figure and what is shown, in the order of the document.
    blocks : mapping of str to str
        Text of each block by its tag, marked; numbers by their tags.
    loose : tuple of str
        Texts of the document that stand in no number and no block.
    """

    numbers: tuple[tuple[str, str], ...]
    blocks: Mapping[str, str]
    loose: tuple[str, ...]


def read_docx(path: Path) -> ReadBack:
    """Return what stands in a report.

    Raises
    ------
    UserError
        ``report.not_a_document``, ``report.has_macros``, ``report.too_large``.
    """
    body = body_of(path)
    numbers = tuple(_numbers(body))
    blocks: dict[str, str] = {}
    for control in body.iter(f"{{{W}}}sdt"):
        tag = _tag(control)
        if tag.startswith(BLOCK):
            lines = [_marked(paragraph) for paragraph in control.iter(f"{{{W}}}p")]
            text = "\n".join(line.strip() for line in lines if line.strip())
            blocks[tag] = f"{blocks[tag]}\n{text}" if tag in blocks else text
    loose = tuple(text for text in _loose(body) if text.strip())
    return ReadBack(numbers, blocks, loose)


def body_of(path: Path) -> Any:
    """Return the body of a Word document as XML; raises as :func:`read_docx`."""
    from lxml import etree

    path = Path(path)
    raw = member_of(path, _BODY)
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        tree = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise UserError("report.not_a_document", file=path.name, reason=str(error)[:120]) from None
    if tree.getroottree().docinfo.doctype:
        raise UserError("report.not_a_document", file=path.name, reason="DOCTYPE")
    return tree


def member_of(path: Path, name: str) -> bytes:
    """Return a member of a Word document, after it was looked at; raises as :func:`read_docx`."""
    try:
        with zipfile.ZipFile(path) as archive:
            require_plain(path, archive)
            return archive.read(name)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise UserError("report.not_a_document", file=Path(path).name, reason=str(error)[:120]) from None


def require_plain(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse a document with macros, embedded programs, or of a size that nobody wrote."""
    members = archive.infolist()
    names = [one.filename.lower() for one in members]
    if any(name.rsplit("/", 1)[-1] in _MACROS or "activex" in name or "/embeddings/" in name for name in names):
        raise UserError("report.has_macros", file=Path(path).name)
    packed = sum(one.compress_size for one in members)
    whole = sum(one.file_size for one in members)
    if len(members) > MOST_MEMBERS or whole > MOST_BYTES or whole > MOST_PACKED * max(packed, 10_000):
        raise UserError("report.too_large", file=Path(path).name)


def figure_tags(ids: Iterable[str]) -> dict[str, str]:
    """Return the ids of figures by the tags under which they stand in a document."""
    return {tag_of(FIGURE, one): one for one in ids}


def block_tags(ids: Iterable[str]) -> dict[str, str]:
    """Return the ids of blocks by their tags."""
    return {tag_of(BLOCK, one): one for one in ids}


def _tag(control: Any) -> str:
    found = control.find(f"{{{W}}}sdtPr/{{{W}}}tag")
    return "" if found is None else str(found.get(f"{{{W}}}val") or "")


def _numbers(body: Any) -> Iterator[tuple[str, str]]:
    for control in body.iter(f"{{{W}}}sdt"):
        tag = _tag(control)
        if tag.startswith(FIGURE):
            yield tag, _text(control)


def _text(node: Any) -> str:
    """Return the text of a node as it is read: what was deleted under track changes is not."""
    return "".join(one.text or "" for one in node.iter(f"{{{W}}}t"))


def _marked(paragraph: Any) -> str:
    """Return a paragraph as marked text: numbers under their tags, references under their bookmarks."""
    made: list[str] = []
    _collect(paragraph, made, [])
    return "".join(made)


def _collect(node: Any, made: list[str], fields: list[list[str]]) -> None:
    """Add the text of a node; ``fields`` holds instruction and state of the fields that are open."""
    for child in node:
        name = child.tag.rsplit("}", 1)[-1] if isinstance(child.tag, str) else ""
        if name == "sdt" and _tag(child).startswith(FIGURE):
            made.append(marked(_tag(child).removeprefix(FIGURE), _text(child)))
        elif name == "fldChar":
            kind = child.get(f"{{{W}}}fldCharType")
            if kind == "begin":
                fields.append(["", "instruction"])
            elif kind == "separate" and fields:
                fields[-1][1] = "".join(made)
                fields[-1].append(str(len(made)))
            elif kind == "end" and fields:
                _end_field(fields.pop(), made)
        elif name == "instrText" and fields:
            fields[-1][0] += child.text or ""
        elif name == "t":
            made.append(unmarked(child.text or ""))
        elif name == "tab":
            made.append("\t")
        elif name not in ("pPr", "rPr", "sdtPr", "del", "moveFrom"):
            _collect(child, made, fields)


def _end_field(field: list[str], made: list[str]) -> None:
    """Turn what a REF field shows into a reference again."""
    words = field[0].split()
    if len(field) < 3 or len(words) < 2 or words[0] != "REF":
        return
    start = int(field[2])
    shown = "".join(made[start:])
    del made[start:]
    made.append(marked(f"ref@{words[1]}", shown))


def _loose(body: Any) -> Iterator[str]:
    """Yield texts outside of numbers, a paragraph each; captions and lists of contents are fields and not asked."""
    for paragraph in body.iter(f"{{{W}}}p"):
        made: list[str] = []
        _words(paragraph, made)
        yield "".join(made)


def _words(node: Any, made: list[str]) -> None:
    for child in node:
        name = child.tag.rsplit("}", 1)[-1] if isinstance(child.tag, str) else ""
        if name == "sdt" and _tag(child).startswith(FIGURE):
            made.append("\x00")
        elif name == "t":
            made.append(child.text or "")
        elif name not in ("pPr", "rPr", "sdtPr"):
            _words(child, made)
