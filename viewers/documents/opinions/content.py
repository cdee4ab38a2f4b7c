"""The opinions of a review as a document shows them: plain texts in the language of the document."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from models.review.topics import VERDICTS
from resources.words import word

#: Width of a picture in a document, pixels.
PICTURE_PX = 640
#: A picture whose header claims more than this is left out.
_MOST_PX = 60_000_000


@dataclass(frozen=True, slots=True)
class Opinion:
    """One opinion.

    Parameters
    ----------
    guid : str
    number, kind, author, organisation : str
        Who said it.
    about : str
        Indicator and stop at which it was said, each on a line.
    objects : str
        What it is about.
    text : str
    verdict : str
        One of :data:`models.review.topics.VERDICTS`, empty for nothing decided yet.
    reply, decided_by, decided_on : str
    picture : bytes
        PNG or JPEG, empty for none.
    """

    guid: str
    number: str
    kind: str
    author: str
    organisation: str
    about: str
    objects: str
    text: str
    verdict: str = ""
    reply: str = ""
    decided_by: str = ""
    decided_on: str = ""
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class Review:
    """All that a document of a review needs.

    Parameters
    ----------
    project : str
    dates : str
        From the first opinion to the last; empty where there is none.
    label : str
        That the data is synthetic, or another mark; empty for none.
    agenda : sequence of str
        Titles of the stops.
    opinions : sequence of Opinion
    when : str
        Moment of the last change (ISO 8601, UTC), for the properties of the file.
    """

    project: str
    dates: str
    label: str
    agenda: Sequence[str]
    opinions: Sequence[Opinion]
    when: str = ""

    @property
    def people(self) -> list[tuple[str, list[str]]]:
        """Return who spoke, by organisation."""
        found: dict[str, dict[str, None]] = {}
        for one in self.opinions:
            found.setdefault(one.organisation, {})[one.author] = None
        named = [(organisation, [name for name in names if name]) for organisation, names in found.items()]
        return [(organisation, names) for organisation, names in named if organisation or names]

    def counts(self) -> dict[str, int]:
        """Return how many opinions there are by decision; empty for nothing decided yet."""
        counted = Counter(one.verdict for one in self.opinions)
        return {verdict: counted[verdict] for verdict in (*VERDICTS, "")}


def verdict_word(verdict: str, lang: str) -> str:
    """Return the word for a decision."""
    return word(f"topics.verdict.{verdict or 'open'}", lang)


def summary(review: Review, lang: str) -> str:
    """Return how many opinions there are, and what was decided, as a sentence."""
    counted = review.counts()
    facts = {verdict or "open": count for verdict, count in counted.items()}
    return word("opinions.summary", lang, count=len(review.opinions), **facts)


def thumbnail(picture: bytes, width_px: int = PICTURE_PX) -> bytes:
    """Return a picture as a JPEG no wider than ``width_px``; empty for what cannot be read."""
    from PIL import Image

    if not picture:
        return b""
    try:
        with Image.open(io.BytesIO(picture)) as image:
            if image.width * image.height > _MOST_PX:
                return b""
            plain = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return b""
    if plain.width > width_px:
        plain = plain.resize((width_px, max(round(plain.height * width_px / plain.width), 1)), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=88)
    return out.getvalue()
