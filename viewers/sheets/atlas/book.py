"""The pages of an atlas joined into one PDF: bookmarks by chapter, numbers as page labels, what is alike held once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.store.atomic import replacing
from models.store.whole_files import of_pages
from viewers.sheets.pages.pdf_file import make_steady


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page to be joined.

    Parameters
    ----------
    file : Path
        A PDF.
    label : str
        Shown as its page number; empty counts in small Roman numerals, as an index does.
    title : str
        Of its bookmark; empty for none.
    chapter : str
        Under which bookmark it stands; empty for the top.
    """

    file: Path
    label: str = ""
    title: str = ""
    chapter: str = ""


def join_book(pages: Sequence[BookPage], out: Path, title: str, record: str = "", listing: bytes = b"") -> int:
    """Write all pages into one file, whole or not at all; return how many there are.

    Parameters
    ----------
    pages : sequence of BookPage
        In their order.
    out : Path
    title : str
        Of the file.
    record : str
        How it was made (JSON).
    listing : bytes
        Attached as ``pages.json``; empty for none.
    """
    import pikepdf

    counts: list[int] = []

    def whole(file: Path) -> None:
        of_pages(sum(counts))(file)

    with replacing(out, whole) as temporary:
        with pikepdf.new() as book:
            same: dict[bytes, Any] = {}
            for page in pages:
                with pikepdf.open(page.file) as one:
                    counts.append(len(one.pages))
                    book.pages.extend(one.pages)
                for added in list(book.pages)[-counts[-1] :]:
                    _share(book, added, same)
            _label(book, pages, counts)
            _bookmark(book, pages, counts)
            if listing:
                _attach(book, listing)
            book.remove_unreferenced_resources()
            book.save(temporary, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        make_steady(temporary, record, title)
    return sum(counts)


def _share(book: Any, page: Any, same: dict[bytes, Any]) -> None:
    """Let a page use the pictures and fonts of earlier pages that are the same, byte for byte."""
    resources = page.obj.get("/Resources")
    if resources is None:
        return
    for kind in ("/XObject", "/Font"):
        held = resources.get(kind)
        for name in list(held.keys()) if held is not None else ():
            print_ = _print_of(held[name])
            if print_ in same:
                held[name] = same[print_]
            else:
                same[print_] = book.make_indirect(held[name]) if not held[name].is_indirect else held[name]


def _print_of(thing: Any) -> bytes:
    """Return the hash of an object with all that it refers to."""
    import pikepdf

    digest = hashlib.sha256()
    seen: set[tuple[int, int]] = set()

    def walk(one: Any) -> Iterator[bytes]:
        if isinstance(one, pikepdf.Object) and one.is_indirect:
            if one.objgen in seen:
                yield b"again"
                return
            seen.add(one.objgen)
        if isinstance(one, pikepdf.Stream):
            yield hashlib.sha256(one.read_raw_bytes()).digest()
        if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
            for name in sorted(one.keys()):
                if name not in ("/Length", "/Parent"):
                    yield name.encode()
                    yield from walk(one[name])
        elif isinstance(one, pikepdf.Array):
            yield b"["
            for inner in one:
                yield from walk(inner)
        else:
            yield one.unparse() if isinstance(one, pikepdf.Object) else repr(one).encode()

    for part in walk(thing):
        digest.update(part)
        digest.update(b"\0")
    return digest.digest()


def _label(book: Any, pages: Sequence[BookPage], counts: Sequence[int]) -> None:
    import pikepdf

    numbers: list[Any] = []
    at, roman = 0, 1
    for page, count in zip(pages, counts, strict=True):
        if page.label:
            label = pikepdf.Dictionary(P=pikepdf.String(page.label))
        else:
            label, roman = pikepdf.Dictionary(S=pikepdf.Name("/r"), St=roman), roman + count
        numbers += [at, label]
        at += count
    book.Root.PageLabels = pikepdf.Dictionary(Nums=pikepdf.Array(numbers))


def _bookmark(book: Any, pages: Sequence[BookPage], counts: Sequence[int]) -> None:
    import pikepdf

    with book.open_outline() as outline:
        chapters: dict[str, Any] = {}
        at = 0
        for page, count in zip(pages, counts, strict=True):
            if page.title:
                item = pikepdf.OutlineItem(page.title, at)
                if page.chapter and page.chapter not in chapters:
                    chapters[page.chapter] = pikepdf.OutlineItem(page.chapter, at)
                    chapters[page.chapter].is_closed = True
                    outline.root.append(chapters[page.chapter])
                (chapters[page.chapter].children if page.chapter else outline.root).append(item)
            at += count


def _attach(book: Any, listing: bytes) -> None:
    """Put a file into the PDF, without a date."""
    import pikepdf

    spec = pikepdf.AttachedFileSpec(book, listing, filename="pages.json", mime_type="application/json",
                                    creation_date="", mod_date="")  # fmt: skip
    book.attachments["pages.json"] = spec
