"""A model file (``.inp``) of SWMM or EPANET, kept line for line.

Invariants
----------
1. A file is its lines, as bytes, line ends included. What is written back is these bytes; nothing is formatted anew, so
   that comments, blank lines, unknown sections and the habits of other programs stay.
2. A change replaces tokens of a line and no other byte of it but the spaces that keep its columns in place.
3. Text is decoded only to be read. An encoding that is guessed wrongly costs letters on the screen, never in the file:
   what is changed is encoded alone, and the rest of its line is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path

from models.core.errors import UserError
from models.io.common.text_encoding import sampled, settled
from models.network.hydraulics.sections import Dialect, dialect_of, section_named

#: Both engines refuse longer lines of data (``MAXLINE``); comments do not count.
MOST_LINE_BYTES = 1024
#: Lines longer than this hold no data that could be read; they are kept and not taken apart.
_OPAQUE_BYTES = 64 * 1024
#: A model of a million links is some 200 MB.
MOST_BYTES = 1_000_000_000
_TOKEN = re.compile(rb'"[^"\r\n]*"?|[^\s"]+')
_SECTION = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(\[[^\]\r\n;]{1,80}\]?)")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f";]')


@dataclass(frozen=True, slots=True)
class Section:
    """A section where it stands: the lines from ``start`` (after its title) to before ``end``."""

    name: str
    title: str
    title_line: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """The tokens of one line of data.

    Parameters
    ----------
    line : int
        From 0.
    tokens : tuple of str
        Without quotation marks.
    """

    line: int
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class InpDocument:
    """A model file of SWMM or EPANET.

    Parameters
    ----------
    lines : tuple of bytes
        With their line ends.
    file : str
        Name for messages.
    """

    lines: tuple[bytes, ...]
    file: str = ""

    @cached_property
    def encoding(self) -> str:
        """Return the encoding in which its text is read, guessed from all of it."""
        return settled(sampled(self.lines))[0]

    @cached_property
    def dialect(self) -> Dialect:
        """Return ``"swmm"`` or ``"epanet"``, told by its sections.

        Raises
        ------
        UserError
            ``network.unknown_model`` where no section belongs to either.
        """
        found = dialect_of([section.title for section in self._titles])
        if found is None:
            raise UserError("network.unknown_model", file=self.file)
        return found

    @cached_property
    def _titles(self) -> tuple[Section, ...]:
        at = [
            (number, match.group(1))
            for number, line in enumerate(self.lines)
            if b"[" in line[:200] and (match := _SECTION.match(line[:200]))
        ]
        ends = [number for number, _ in at[1:]] + [len(self.lines)]
        return tuple(
            Section("", title.decode("latin-1"), number, number + 1, end)
            for (number, title), end in zip(at, ends, strict=True)
        )

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Return all sections in their order; the name of one that the engine does not know is empty."""
        return tuple(replace(one, name=section_named(one.title, self.dialect)) for one in self._titles)

    def rows(self, name: str) -> list[Row]:
        """Return the lines of data of a section, of all places where it stands.

        Parameters
        ----------
        name : str
            Canonical, such as ``"JUNCTIONS"``.
        """
        if name not in self._rows:
            self._rows[name] = self._read(name)
        return self._rows[name]

    @cached_property
    def _rows(self) -> dict[str, list[Row]]:
        return {}

    def _read(self, name: str) -> list[Row]:
        encoding, rows = self.encoding, []
        for section in self.sections:
            if section.name != name:
                continue
            for number in range(section.start, section.end):
                data = self.lines[number].partition(b";")[0].partition(b"\0")[0]  # the engines stop there, too
                if len(data) > _OPAQUE_BYTES or not data.strip():
                    continue
                found = [one.strip(b'"') for one in _TOKEN.findall(data)] if b'"' in data else data.split()
                tokens = tuple(one.decode(encoding, "replace") for one in found)
                rows.append(Row(number, tokens))
        return rows

    def text(self, line: int) -> str:
        """Return a line as text, without its end; of a very long one the beginning."""
        return self.lines[line][:_OPAQUE_BYTES].decode(self.encoding, "replace").rstrip("\r\n")

    def options(self) -> dict[str, str]:
        """Return the section OPTIONS by upper-case name (EPANET's two-word names with a space)."""
        given: dict[str, str] = {}
        for row in self.rows("OPTIONS"):
            tokens = row.tokens
            if len(tokens) > 2 and self.dialect == "epanet":
                given[" ".join(tokens[:2]).upper()] = tokens[2]
            if len(tokens) > 1:
                given[tokens[0].upper()] = tokens[1]
        return given

    def as_bytes(self) -> bytes:
        """Return the file."""
        return b"".join(self.lines)

    def with_tokens(self, changes: Mapping[tuple[int, int], str]) -> InpDocument:
        """Return a document with other tokens in some lines.

        Parameters
        ----------
        changes : mapping of (line, position) to str
            Tokens are counted from 0; one after the last of its line is appended.

        Raises
        ------
        UserError
            ``network.bad_token`` for a text that would end the line, begin a comment or be no token.
        """
        lines = list(self.lines)
        by_line: dict[int, dict[int, str]] = {}
        for (line, position), text in changes.items():
            by_line.setdefault(line, {})[position] = text
        for line, tokens in by_line.items():
            lines[line] = _with_tokens(lines[line], {at: self._encoded(text) for at, text in tokens.items()})
        return InpDocument(tuple(lines), self.file)

    def without(self, lines: Iterable[int]) -> InpDocument:
        """Return a document in which some lines are comments."""
        gone = set(lines)
        return InpDocument(tuple(b";" + line if at in gone else line for at, line in enumerate(self.lines)), self.file)

    def _encoded(self, text: str) -> bytes:
        if not text or _UNSAFE.search(text) or text.startswith("["):
            raise UserError("network.bad_token", file=self.file, value=text[:80])
        try:
            raw = text.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise UserError("network.bad_token", file=self.file, value=text[:80]) from error
        return b'"' + raw + b'"' if re.search(rb"\s", raw) else raw


def _with_tokens(line: bytes, changes: Mapping[int, bytes]) -> bytes:
    """Return a line with some tokens replaced; later columns stay where they were if there is room for that."""
    data, mark, comment = line.partition(b";")
    body = data.rstrip(b"\r\n") if not mark else data
    end = line[len(body) :] if not mark else mark + comment
    spans = [match.span() for match in _TOKEN.finditer(body)]
    for at in sorted(changes, reverse=True):
        new = changes[at]
        if at >= len(spans):
            continue
        start, stop = spans[at]
        room = len(body[stop:]) - len(body[stop:].lstrip(b" "))
        after = body[stop + room :]
        is_followed = room and (after or mark)
        gap = max(1, room - (len(new) - (stop - start))) if is_followed else room  # what follows keeps its column
        body = body[:start] + new + b" " * gap + after
    for at in sorted(one for one in changes if one >= len(spans)):
        body = body.rstrip(b" \t") + b"  " + changes[at]
        if mark:
            body += b" "
    return body + end


def read_document(path: Path) -> InpDocument:
    """Read a model file.

    Raises
    ------
    UserError
        ``io.too_large``, ``io.empty``.
    """
    path = Path(path)
    if path.stat().st_size > MOST_BYTES:
        raise UserError("io.too_large", file=path.name, limit_mb=MOST_BYTES // 1_000_000)
    content = path.read_bytes()
    if not content.strip():
        raise UserError("io.empty", file=path.name)
    return document_of(content, path.name)


def document_of(content: bytes, file: str = "") -> InpDocument:
    """Return the document of a file's bytes."""
    return InpDocument(tuple(BytesIO(content).readlines()), file)  # lines end where they end for the engines
