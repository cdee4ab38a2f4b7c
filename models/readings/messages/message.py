"""A message as it came."""

from __future__ import annotations

from typing import NamedTuple

#: A larger one is counted and thrown away before anything reads it.
MOST_BYTES = 1024**2


class Message(NamedTuple):
    """A message of a source.

    Parameters
    ----------
    source : str
        Id of the source.
    topic : str
        MQTT topic; empty for other kinds.
    payload : bytes
    received_us : int
        When it came here, µs since 1970 UTC.
    """

    source: str
    topic: str
    payload: bytes
    received_us: int
