"""Office documents with the same bytes whenever they are written: no clock in them and nothing in an order of chance.

A .docx, .xlsx or .pptx is a ZIP archive. Libraries write the present time into its members and into the core
properties; here the members get one date and a fixed order, and the properties the date that they are given.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

#: The date of every member: the first that a ZIP archive can hold.
STEADY_DATE = (1980, 1, 1, 0, 0, 0)
#: The date in the properties of a document that nobody gave one.
STEADY_TIME = "1980-01-01T00:00:00Z"
#: Members that readers look for at the beginning of an archive.
_FIRST = ("mimetype", "[Content_Types].xml", "_rels/.rels")
_CORE = "docProps/core.xml"
_TIMES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")


def steady_zip(path: Path, when: str = "") -> None:
    """Write an archive anew in place: members sorted and of one date, the document's own dates set.

    Parameters
    ----------
    path : Path
        A .docx, .xlsx, .pptx or plain ZIP archive that was just written, and not yet put in its place
        (:func:`models.store.atomic.replacing`).
    when : str
        ISO 8601 (UTC), as the document says when it was made; :data:`STEADY_TIME` where it is empty.
    """
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    if _CORE in members:
        stamp = (when or STEADY_TIME).encode()
        members[_CORE] = _TIMES.sub(lambda found: found[1] + stamp + found[3], members[_CORE])
    order = [name for name in _FIRST if name in members]
    order += sorted(name for name in members if name not in _FIRST)
    with zipfile.ZipFile(path, "w") as archive:
        for name in order:
            about = zipfile.ZipInfo(name, STEADY_DATE)
            about.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            about.create_system = 3
            archive.writestr(about, members[name], compresslevel=6)
