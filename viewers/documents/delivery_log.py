"""What became of a paper set, for whoever receives it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from models.core.value_text import byte_size
from models.delivery.paper_set import PARTS, Made, Record
from resources.words import has, word


def reason_text(made: Made, lang: str) -> str:
    """Return why a part was passed over or failed."""
    key = f"deliver.reason.{made.reason}"
    return word(key, lang) if has(key) else made.reason


def log_text(
    record: Record, digest: str, kept: Collection[str], aside: Sequence[str], seconds: float, lang: str
) -> str:
    """Return the log of a run.

    Parameters
    ----------
    record : Record
    digest : str
        Of the project as it is now: a part of another state of it says so.
    kept : collection of str
        Ids of parts that were there already.
    aside : sequence of str
        Folders into which changed parts were put.
    seconds : float
        That the run took.
    lang : str
    """
    when = dt.datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    lines = [
        word("deliver.log.title", lang, name=record.project),
        word("deliver.log.made", lang, when=when, program=record.program),
    ]
    if record.synthetic:
        lines.append(word("sheet.synthetic", lang))
    lines.append("")
    for part in PARTS:
        made = record.parts.get(part.id)
        if made is None:
            continue
        state = "kept" if part.id in kept else made.state
        line = f"{word(f'deliver.part.{part.id}', lang)} · {word(f'deliver.state.{state}', lang)}"
        if made.state == "made":
            size = byte_size(sum(one.size_bytes for one in made.files))
            line += " · " + word("deliver.log.files", lang, folder=f"{part.id}/", count=len(made.files), size=size)
            if made.digest != digest:
                line += " · " + word("deliver.log.of_before", lang)
            elif part.id not in kept:
                line += " · " + word("deliver.log.seconds", lang, seconds=f"{made.seconds:.0f}")
        elif made.reason:
            line += f" · {reason_text(made, lang)}"
        lines.append(line)
    lines += [word("deliver.log.aside", lang, folder=f"{name}/") for name in aside]
    lines += ["", word("deliver.log.seconds_all", lang, seconds=f"{seconds:.0f}"), word("deliver.log.sums", lang)]
    return "\n".join(lines) + "\n"
