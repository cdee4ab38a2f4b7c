"""Text in which every number keeps the id of its figure: ``"为[[HC25-25/city/value|72.3%]]，"``.

A block of the report is kept, edited, written into a document and read back in this form; whoever shows it shows what
stands behind the bar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_MARK = re.compile(r"\[\[([^\[\]|\n]+(?:\|[^\[\]|\n]*)*)\|([^\[\]|\n]*)\]\]")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text.

    Parameters
    ----------
    text : str
    figure : str
        Id of the figure that it shows; empty for words.
    """

    text: str
    figure: str = ""


def marked(figure_id: str, text: str) -> str:
    """Return a number with the id of its figure."""
    return f"[[{figure_id}|{unmarked(text)}]]"


def unmarked(text: str) -> str:
    """Return a text of others in which nothing reads as a mark of ours."""
    return text.replace("[[", "[ [").replace("]]", "] ]") if "[[" in text or "]]" in text else text


def parts_of(text: str) -> Iterator[Part]:
    """Yield the stretches of a text in their order."""
    at = 0
    for found in _MARK.finditer(text):
        if found.start() > at:
            yield Part(text[at : found.start()])
        yield Part(found[2], found[1])
        at = found.end()
    if at < len(text):
        yield Part(text[at:])


def plain(text: str) -> str:
    """Return a text as it is read."""
    return "".join(part.text for part in parts_of(text))


def figures_in(text: str) -> tuple[tuple[str, str], ...]:
    """Return id and shown text of each number in a text."""
    return tuple((part.figure, part.text) for part in parts_of(text) if part.figure)


def renewed(text: str, shown: Callable[[str], str]) -> str:
    """Return a text whose numbers read as they read now; the words stay.

    Parameters
    ----------
    text : str
    shown : callable
        What a figure reads as, by its id; empty where there is none of this id any more: then its number stays.
    """
    return "".join(
        marked(part.figure, shown(part.figure) or part.text) if part.figure else part.text for part in parts_of(text)
    )
