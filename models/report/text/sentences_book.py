"""The templates of the sentences: those of the program, and what a project or a file has in their place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.report.text.sentences import require_template
from models.report.text.template import Template
from resources import HERE

#: More bytes are no file of templates that a person wrote.
MOST_BYTES = 512_000
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class SentencesBook:
    """Templates by name and language.

    Parameters
    ----------
    texts : mapping of (str, str) to str
    """

    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def source(self, name: str, lang: str) -> str:
        """Return a template; empty where there is none."""
        return self.texts.get((name, lang), "")

    def names(self) -> tuple[str, ...]:
        """Return the names of the templates."""
        return tuple(dict.fromkeys(name for name, _ in self.texts))


@lru_cache(maxsize=1)
def own_book() -> SentencesBook:
    """Return the templates of the program."""
    return SentencesBook(_flat(tomllib.loads((HERE / "report" / "sentences.toml").read_text(encoding="utf-8"))))


def book_with(templates: tuple[Template, ...]) -> SentencesBook:
    """Return the templates of the program with others in their places.

    Raises
    ------
    UserError
        ``report.no_template``, ``report.template_refused``.
    """
    texts, known = dict(own_book().texts), set(own_book().names())
    for one in templates:
        if one.name not in known or one.lang not in LANGUAGES:
            raise UserError("report.no_template", name=f"{one.name} ({one.lang})", known=", ".join(sorted(known)))
        require_template(one.name, one.text)
        texts[one.name, one.lang] = one.text
    return SentencesBook(texts)


def read_templates(path: Path) -> tuple[Template, ...]:
    """Return the templates of a file like ``resources/report/sentences.toml``; nothing in it is run.

    Raises
    ------
    UserError
        ``report.bad_templates``, ``report.no_template``, ``report.template_refused``.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        if len(raw) > MOST_BYTES:
            raise ValueError(f"> {MOST_BYTES:,}")
        found = _flat(tomllib.loads(raw.decode("utf-8-sig")))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError("report.bad_templates", file=path.name, reason=str(error)[:200]) from None
    made = tuple(Template(name, lang, text) for (name, lang), text in found.items())
    book_with(made)
    return made


def _flat(table: Mapping[str, Any], head: str = "") -> dict[tuple[str, str], str]:
    texts: dict[tuple[str, str], str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            texts |= _flat(value, f"{head}.{name}" if head else name)
        elif head and isinstance(value, str):
            texts[head, name] = value
        else:
            raise ValueError(name)
    return texts
