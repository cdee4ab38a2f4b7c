"""Text in which every number keeps the id of its figure: ``"为[[HC25-25/city/value|72.3%]]，"``.

A block of the report is kept, edited, written into a document and read back in this form; whoever shows it shows what
stands behind the bar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

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


def remarked(before: str, text: str) -> str:
    """Return what a person made of a text, read without marks, with the marks of the numbers that are still there.

    A number keeps its figure where the person left it as it was; one that was written anew is the person's own.

    Parameters
    ----------
    before : str
        Marked.
    text : str
        As read and changed.
    """
    was, text = plain(before), unmarked(text)
    spans, at = [], 0
    for part in parts_of(before):
        if part.figure and part.text:
            spans.append((at, at + len(part.text), part.figure))
        at += len(part.text)
    kept: list[tuple[int, int, str]] = []
    for begin, here, length in SequenceMatcher(None, was, text, autojunk=False).get_matching_blocks():
        for start, end, figure in spans:
            if begin <= start and end <= begin + length:
                first, last = here + start - begin, here + end - begin
                if not _is_number_beside(text, first, last):
                    kept.append((first, last, figure))
    made, at = [], 0
    for first, last, figure in kept:
        made += [text[at:first], marked(figure, text[first:last])]
        at = last
    return "".join(made) + text[at:]


def _is_number_beside(text: str, first: int, last: int) -> bool:
    """Whether a stretch is a part of a longer number: somebody wrote digits before or behind it."""
    before, after = text[first - 1 : first], text[last : last + 1]
    return (before.isdigit() and text[first].isdigit()) or (after.isdigit() and text[last - 1].isdigit())
