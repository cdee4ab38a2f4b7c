"""Code lists beside a CityGML file: what ``3001`` means in ``../../codelists/Common_prefecture.xml``.

A data set such as PLATEAU's keeps its lists in a folder ``codelists`` beside ``udx``. Only such a folder, at most three
levels up, is looked into, and only for small XML files without entities.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from models.core.errors import UserError
from models.io.common.xml_guard import refuse_doctype
from models.io.vector.gml import local

MOST_BYTES = 8_000_000
_UP = 3


class Codes:
    """Code lists of one file, each read once.

    Parameters
    ----------
    folder : Path
        Where the file lies.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._lists: dict[str, dict[str, str]] = {}

    def meaning(self, code_space: str, code: str) -> str:
        """Return ``"3001 meaning"`` where the list is there, else the code."""
        if code_space not in self._lists:
            self._lists[code_space] = self._read(code_space)
        found = self._lists[code_space].get(code, "")
        return f"{code} {found}" if found and found != code else code

    def _read(self, code_space: str) -> dict[str, str]:
        path = self._path(code_space)
        if path is None:
            return {}
        try:
            refuse_doctype(path)
            parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
            root = etree.parse(str(path), parser).getroot()
        except (OSError, etree.LxmlError, UserError, ValueError):
            return {}
        found: dict[str, str] = {}
        for entry in root.iter():
            if not isinstance(entry.tag, str) or local(entry.tag) != "Definition":
                continue
            texts = {local(one.tag): (one.text or "").strip() for one in entry if isinstance(one.tag, str)}
            if texts.get("name"):
                found[texts["name"]] = texts.get("description", "")
        return found

    def _path(self, code_space: str) -> Path | None:
        if (
            "://" in code_space
            or not code_space.lower().endswith(".xml")
            or code_space.startswith(("/", "\\"))
            or "\0" in code_space
        ):
            return None
        try:
            path = (self._folder / code_space).resolve()
            near = path.parent.name.lower() == "codelists" and path.parent.parent in [
                self._folder, *list(self._folder.parents)[:_UP]
            ]  # fmt: skip
            is_fine = near or path.is_relative_to(self._folder)
            return path if is_fine and path.is_file() and path.stat().st_size <= MOST_BYTES else None
        except (OSError, ValueError, RuntimeError):
            return None
