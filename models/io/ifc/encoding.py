r"""Names in an IFC file: the escapes of ISO 10303-21, and the bytes that exporters write instead of them.

The standard allows ASCII with ``\X2\6821\X0\``, ``\X4\…\X0\``, ``\X\E9``, ``\S\i`` and ``\PB\`` (which part of ISO
8859 ``\S\`` means). Real files hold raw GBK, Shift-JIS, UTF-8 or Windows bytes, Shift-JIS bytes wrapped one by one in
``\S\`` and ``\X\``, Windows paths with bare backslashes, halves of surrogate pairs. A parser drops a statement whose
string it cannot decode, so a path in a name costs a wall.

Invariants
----------
1. After :func:`normalised` every string is ASCII that any parser decodes to the same text.
2. One encoding is found for the whole file from all its odd strings together, by how common the resulting characters
   are in their script; a single string may still be UTF-8 if it is good UTF-8 and bad in the file's encoding.
3. Text that is neither is shown with U+FFFD, never as another script's letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.io.common.text_encoding import guess, looks_utf8, python_name

# A string with something beyond plain ASCII in it; ``\S\'`` holds a quote that ends nothing. A doubled quote splits one
# string in two, which does no harm here.
_STRING = re.compile(
    rb"'(?=[^'\\\x80-\xff\x00]*[\\\x80-\xff\x00])((?:[^'\\]|\\\\|\\S\\''(?![,)\s])|\\S\\.|\\)*)'", re.DOTALL
)
# What is not a well-formed \X2\ sequence of printable characters.
_ODD = re.compile(rb"[\\\x80-\xff\x00](?!(?<=\\)(?:X2\\(?:(?!D[89A-F]|0000)[0-9A-F]{4})+\\X0\\|X0\\))")
_ESCAPE = re.compile(
    rb"\\X2\\((?:[0-9A-F]{4})+)(?:\\X0\\)?|\\X4\\((?:[0-9A-F]{8})+)(?:\\X0\\)?|\\X\\([0-9A-F]{2})|\\S\\(''|.)|\\P([A-I])\\"
    rb"|(\\\\)|\\X0\\",
    re.IGNORECASE | re.DOTALL,
)
_STATEMENT = re.compile(rb"\n#\d+\s*=")
_SAMPLE = 4000
_SPECIAL = re.compile(r"[\u0100-\uffff]+|[\U00010000-\U0010ffff]+|[\x00-\x1f\\\x7f-\xff]+")
_WRAPPED = re.compile(rb"\\S\\|\\X\\[89A-F]", re.IGNORECASE)


def normalised(raw: bytes, encoding: str = "") -> tuple[bytes, str]:
    r"""Return a file in which every string is ASCII with well-formed escapes.

    Parameters
    ----------
    raw : bytes
        The file as it lies on disk, also UTF-16 or with a byte order mark.
    encoding : str
        Of raw bytes and of bytes wrapped in ``\S\`` and ``\X\``, as the user says; found when empty.

    Returns
    -------
    raw : bytes
    encoding : str
        The one used, empty when nothing had to be guessed.
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raw, encoding = raw.decode("utf-16", "replace").encode("utf-8"), "utf-8"
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if b"\\" not in raw and b"\x00" not in raw and raw.isascii():  # most files; looking closer costs ten times as much
        return raw, ""
    spans = list(_spans(raw))
    if not spans:
        return raw, ""
    declared = python_name(encoding)
    odd = [inner for start, end in spans for inner in _STRING.findall(raw, start, end) if _ODD.search(inner)]
    is_raw = not raw.isascii()
    wrapped = odd if is_raw else [inner for inner in odd if _WRAPPED.search(inner)]
    used = declared or guess(_bytes_of(inner) for inner in wrapped[:_SAMPLE])
    if not is_raw and used in ("cp1252", "utf-8" if not declared else ""):
        # What the standard means by \S\ and \X\ is Latin-1. UTF-8 wrapped byte by byte is still found string by string.
        used = "latin-1"

    known: dict[bytes, bytes] = {}  # the names of properties come again with every element

    def mended(match: re.Match[bytes]) -> bytes:
        whole, inner = match.group(0), match.group(1)
        if whole not in known:
            known[whole] = b"'" + escaped(resolved(inner, used)) + b"'" if _ODD.search(inner) else whole
        return known[whole]

    pieces: list[bytes] = []
    at = 0
    for start, end in spans:
        pieces += [raw[at:start], _STRING.sub(mended, raw[start:end])]
        at = end
    raw = b"".join([*pieces, raw[at:]])
    if not raw.isascii() or b"\x00" in raw:  # outside strings only comments are left
        raw = re.sub(rb"[\x80-\xff]", b"?", raw.replace(b"\x00", b" "))
    is_guess = is_raw or (bool(wrapped) and used != "latin-1")
    return raw, used if is_guess else ""


def _spans(raw: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of the statements with something odd in them: the rest of 100 MB is not looked at again."""
    at = 0
    for match in _ODD.finditer(raw):
        if match.start() >= at:
            # A string may run over line ends; a line that begins with #12= begins a statement.
            start = raw.rfind(b"\n#", at, match.start())
            while start >= 0 and not _STATEMENT.match(raw, start):
                start = raw.rfind(b"\n#", at, start)
            following = _STATEMENT.search(raw, match.end())
            start, at = max(start + 1, at), following.start() + 1 if following else len(raw)
            yield start, at


def resolved(inner: bytes, encoding: str = "latin-1") -> str:
    r"""Return the text that a string between its quotes means.

    Parameters
    ----------
    inner : bytes
        Without quotes; a doubled quote counts as one.
    encoding : str
        Of raw bytes and of those in ``\S\`` and ``\X\``; ``latin-1`` is what the standard says of the latter.

    Examples
    --------
    >>> resolved(rb"\X2\5B666821\X0\ \S\D"), resolved(rb"\PB\\S\P"), resolved(rb"\X\83v\X\83\X\8D", "cp932")
    ('学校 Ä', 'Đ', 'プロ')
    """
    pieces: list[str] = []
    pending = bytearray()
    page, at = "A", 0

    def flush() -> None:
        if pending:
            pieces.append(_decoded(bytes(pending), encoding))
            pending.clear()

    for match in _ESCAPE.finditer(inner):
        pending += inner[at : match.start()]
        at = match.end()
        two, four, one, high, alphabet, backslash = match.groups()
        if two or four:
            flush()
            pieces.append(_unicode(bytes.fromhex((two or four).decode()), bool(two)))
        elif one:
            pending += bytes.fromhex(one.decode())
        elif high:
            byte = bytes([high[0] | 0x80])
            if page == "A":
                pending += byte
            else:
                flush()
                pieces.append(byte.decode(f"iso8859_{ord(page) - 64}", "replace"))
        elif alphabet:
            page = alphabet.decode().upper()
        elif backslash:
            pending += b"\\"
    pending += inner[at:]
    flush()
    return "".join(pieces).replace("''", "'")


def escaped(text: str) -> bytes:
    r"""Return the text as ASCII with escapes that IfcOpenShell reads back to the same text.

    Notes
    -----
    A backslash becomes ``\X\5C``: IfcOpenShell 0.9 leaves ``\\`` doubled. Null characters, which end C strings, go.
    """
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text.replace("'", "''").encode("ascii")
    return _SPECIAL.sub(_escape, text).replace("'", "''").encode("ascii")


def _escape(match: re.Match[str]) -> str:
    run = match.group(0)
    code = ord(run[0])
    if code > 0xFFFF:
        return f"\\X4\\{''.join(f'{ord(one):08X}' for one in run)}\\X0\\"
    if code > 0xFF:
        codes = (0xFFFD if 0xD800 <= ord(one) <= 0xDFFF else ord(one) for one in run)
        return f"\\X2\\{''.join(f'{one:04X}' for one in codes)}\\X0\\"
    return "".join(f"\\X\\{ord(one):02X}" for one in run if one != "\x00")


def _decoded(raw: bytes, encoding: str) -> str:
    if raw.isascii():
        return raw.decode("ascii")
    if encoding != "utf-8" and looks_utf8([raw], encoding):
        return raw.decode("utf-8")
    return raw.decode(encoding, "replace")


def _unicode(raw: bytes, is_two: bool) -> str:
    text = raw.decode("utf-16-be" if is_two else "utf-32-be", "replace")
    return text.replace("\x00", "")


def _bytes_of(inner: bytes) -> bytes:
    r"""Return the bytes of a string with ``\S\`` and ``\X\`` taken off, the Unicode sequences left out."""

    def byte(match: re.Match[bytes]) -> bytes:
        _, _, one, high, _, backslash = match.groups()
        if one:
            return bytes.fromhex(one.decode())
        return bytes([high[0] | 0x80]) if high else b"\\" if backslash else b""

    return _ESCAPE.sub(byte, inner)
