"""Reading a file of an interim IFC schema with the nearest one that libraries know.

IfcOpenShell holds IFC2X3, IFC4 and IFC4X3_ADD2. A sixth of the real files say something else (release candidates, bare
IFC4X3, IFC4X1, IFC2X_FINAL, misspelt labels). Changing the label opens them, but instances whose class was renamed or
whose attributes moved vanish or stand askew: the terrain of a road, the colours of everything. The table
``resources/standards/ifc_schema_changes.toml`` says how to write such a statement anew; what it cannot save is counted
by :mod:`models.io.ifc.open_file`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from resources.standards import standard

#: What the wheel of IfcOpenShell 0.9 can hold.
KNOWN_SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")

_SPACE = rb"(?:\s|/\*.*?\*/)*"
_LABEL = re.compile(
    rb"/\*.*?\*/|(?P<start>FILE_SCHEMA" + _SPACE + rb"\(" + _SPACE + rb"\(?" + _SPACE + rb")'(?P<label>[^']*)'"
    rb"(?P<more>(?:" + _SPACE + rb"," + _SPACE + rb"'[^']*')*)|'(?:[^']|'')*'",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip
_ARGUMENT = re.compile(rb"'(?:[^']|'')*'|/\*.*?\*/|[(),]|[^'(),/]+|/", re.DOTALL)
_REFERENCE = re.compile(rb"#\d+")
_HEAD_BYTES = 65536


def nearest_schema(label: str) -> str:
    """Return the schema that can hold a file with this label.

    Examples
    --------
    >>> nearest_schema("IFC4X3_RC2"), nearest_schema("IFC2X_FINAL"), nearest_schema("IFC4RC4")
    ('IFC4X3_ADD2', 'IFC2X3', 'IFC4')
    >>> nearest_schema(" ifc 4.3 "), nearest_schema("2x3 TC1"), nearest_schema("IFC3X2")
    ('IFC4X3_ADD2', 'IFC2X3', 'IFC4')
    """
    name = re.sub(r"[^A-Z0-9]", "", label.upper().replace(".", "X")).removeprefix("IFC")
    if name.startswith(("4X", "5")):
        return "IFC4X3_ADD2"
    if name.startswith(("1", "2")):
        return "IFC2X3"
    return "IFC4"


def is_known(label: str) -> bool:
    """Whether a label means one of :data:`KNOWN_SCHEMAS`, however it is spelt."""
    return label.upper().strip() in KNOWN_SCHEMAS


def label_in(head: bytes) -> str:
    """Return the label of a file's header, empty where there is none; one inside a comment does not count."""
    for match in _LABEL.finditer(head):
        if match["start"] is not None:
            return match["label"].decode("latin-1").strip()
    return ""


def with_label(raw: bytes, schema: str) -> bytes:
    """Return a file's bytes with this schema, and no other, in its header; a missing header is put there."""
    for match in _LABEL.finditer(raw, 0, _HEAD_BYTES):
        if match["start"] is not None:
            if match["label"] == schema.encode() and not match["more"]:
                return raw
            return raw[: match.start()] + match["start"] + b"'" + schema.encode() + b"'" + raw[match.end() :]
    line = b"FILE_SCHEMA(('" + schema.encode() + b"'));\n"
    end = re.search(rb"\bENDSEC\s*;", raw[:_HEAD_BYTES])
    data = re.search(rb"\bDATA\s*;", raw[:_HEAD_BYTES])
    if end and (not data or end.start() < data.start()):
        return raw[: end.start()] + line + raw[end.start() :]
    if data:
        header = b"HEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('','',(''),(''),'','','');\n" + line + b"ENDSEC;\n"
        return b"ISO-10303-21;\n" + header + raw[data.start() :]
    return raw


@dataclass(frozen=True, slots=True)
class _Change:
    """One row of the table."""

    to: str
    attributes: tuple[str, ...] = ()
    count: int = 0
    labels: tuple[str, ...] = ()
    given: int = -1
    when_type: tuple[int, str] | None = None

    def fits(self, arguments: Sequence[bytes], label: str) -> bool:
        if self.count and len(arguments) != self.count:
            return False
        if self.labels and label not in self.labels:
            return False
        if self.given >= 0 and (len(arguments) <= self.given or arguments[self.given] in (b"$", b"*")):
            return False
        if self.when_type is not None:
            at, name = self.when_type
            return len(arguments) > at and arguments[at].upper().startswith(name.upper().encode() + b"(")
        return True

    def written(self, arguments: Sequence[bytes]) -> bytes:
        if not self.attributes:
            return self.to.upper().encode() + b"(" + b",".join(arguments) + b")"
        found: list[bytes] = []
        for part in self.attributes:
            if part.startswith("="):
                found.append(part[1:].encode())
                continue
            first, _, last = part.rstrip("!").partition("-")
            for at in range(int(first), int(last or first) + 1):
                value = arguments[at] if at < len(arguments) else b"$"
                found.append(_inner(value) if part.endswith("!") else value)
        return self.to.upper().encode() + b"(" + b",".join(found) + b")"


@dataclass(frozen=True, slots=True)
class _Inline:
    """A class whose instances give way to what they list."""

    attribute: int
    inside: tuple[str, ...]


@lru_cache(maxsize=4)
def _changes(target: str) -> tuple[Mapping[str, tuple[_Change, ...]], Mapping[str, _Inline]]:
    table = standard("ifc_schema_changes")
    rows: dict[str, list[_Change]] = {}
    for row in table["change"]:
        if row["target"] == target:
            when: Any = row.get("when_type")
            rows.setdefault(row["from"].upper(), []).append(
                _Change(
                    row["to"],
                    tuple(row.get("attributes", "").split()),
                    row.get("count", 0),
                    tuple(row.get("labels", ())),
                    row.get("given", -1),
                    (when[0], when[1]) if when else None,
                )
            )
    inline = {
        row["class"].upper(): _Inline(row["attribute"], tuple(name.upper() for name in row["inside"]))
        for row in table["inline"]
        if row["target"] == target
    }
    return {name: tuple(found) for name, found in rows.items()}, inline


def converted(raw: bytes, label: str, schema: str) -> tuple[bytes, dict[str, int]]:
    """Return a file's bytes as a file of a known schema.

    Parameters
    ----------
    raw : bytes
    label : str
        What the file says, ``"IFC4X3_RC3"``.
    schema : str
        One of :data:`KNOWN_SCHEMAS`.

    Returns
    -------
    raw : bytes
        With the label changed and the statements of the table rewritten under their ids.
    rewritten : dict
        How many statements were rewritten, by class as written.
    """
    changes, inline = _changes(schema)
    done: dict[str, int] = {}
    if is_known(label) or not changes:
        return with_label(raw, schema), done
    name_of = re.sub(r"[^A-Z0-9]", "", label.upper())
    declared = next((row for row in _labels(schema) if re.sub(r"[^A-Z0-9]", "", row) == name_of), label.upper())
    raw = _inlined(raw, inline, done)
    pattern = re.compile(
        rb"(#\d+\s*=\s*)(" + "|".join(sorted(changes, key=len, reverse=True)).encode()
        + rb")\s*\(", re.IGNORECASE
    )  # fmt: skip
    pieces: list[bytes] = []
    at = 0
    for match in pattern.finditer(raw):
        if match.start() < at:
            continue
        arguments, end = _arguments(raw, match.end())
        name = match.group(2).decode().upper()
        row = next((row for row in changes[name] if row.fits(arguments, declared)), None) if end else None
        if row is not None:
            pieces += [raw[at : match.start()], match.group(1), row.written(arguments)]
            at = end
            done[name] = done.get(name, 0) + 1
    pieces.append(raw[at:])
    return with_label(b"".join(pieces), schema), done


def _labels(schema: str) -> set[str]:
    return {label for rows in _changes(schema)[0].values() for row in rows for label in row.labels}


def _inlined(raw: bytes, inline: Mapping[str, _Inline], done: dict[str, int]) -> bytes:
    """Replace references to instances that the newer schema has no class for by what they list."""
    for name, rule in inline.items():
        listed: dict[bytes, bytes] = {}
        spans: list[tuple[int, int]] = []
        for match in re.finditer(rb"(#\d+)\s*=\s*" + name.encode() + rb"\s*\(", raw, re.IGNORECASE):
            arguments, end = _arguments(raw, match.end())
            if end and len(arguments) > rule.attribute:
                listed[match.group(1)] = b",".join(_REFERENCE.findall(arguments[rule.attribute]))
                spans.append((match.start(), raw.find(b";", end) + 1 or end))
        if not listed:
            continue
        done[name] = len(listed)
        kept: list[bytes] = []
        at = 0
        for start, end in spans:
            kept.append(raw[at:start])
            at = end
        raw = b"".join([*kept, raw[at:]])
        inside = b"|".join(one.encode() for one in rule.inside)

        def replaced(match: re.Match[bytes], listed: dict[bytes, bytes] = listed) -> bytes:
            return match.group(1) + _REFERENCE.sub(
                lambda found: listed.get(found.group(0), found.group(0)) or b"$", match.group(2)
            )

        raw = re.sub(rb"(=\s*(?:" + inside + rb")\s*\()([^;]*;)", replaced, raw, flags=re.IGNORECASE)
    return raw


def _arguments(raw: bytes, start: int) -> tuple[list[bytes], int]:
    """Return the arguments of a statement and where its closing bracket ends, 0 where it never closes."""
    found: list[bytes] = []
    pending: list[bytes] = []
    depth = 0
    for match in _ARGUMENT.finditer(raw, start):
        token = match.group(0)
        if token.startswith(b"/*"):
            continue
        if token == b"," and depth == 0:
            found.append(b"".join(pending).strip())
            pending = []
            continue
        if token == b")":
            if depth == 0:
                last = b"".join(pending).strip()
                return ([*found, last] if last or found else []), match.end()
            depth -= 1
        elif token == b"(":
            depth += 1
        elif b";" in token and not token.startswith(b"'"):
            return [], 0
        pending.append(token)
    return [], 0


def _inner(value: bytes) -> bytes:
    """Return what stands inside a typed value, ``.DECK.`` of ``IFCBRIDGEPARTTYPEENUM(.DECK.)``."""
    match = re.fullmatch(rb"\w+\s*\(\s*(.*?)\s*\)", value, re.DOTALL)
    return match.group(1) if match else value
