"""How a live source stands, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from models.readings.messages.decoding import Decoded
from models.readings.messages.faults import Fault, shown
from models.readings.messages.message import Message
from resources.words import word


class Standing(Protocol):
    """What is said of a source (:class:`app.background.receiving.SourceState`)."""

    @property
    def word(self) -> str:
        """Return the word key of how it stands."""
        ...

    @property
    def rate(self) -> float:
        """Return messages a second."""
        ...

    @property
    def received(self) -> int:
        """Return messages."""
        ...

    @property
    def readings(self) -> int:
        """Return readings."""
        ...

    @property
    def backlog(self) -> int:
        """Return messages that are not in the store yet."""
        ...

    @property
    def faults(self) -> Mapping[str, Fault]:
        """Return what was wrong, by kind."""
        ...


def state_line(state: Standing, lang: str) -> str:
    """Return one line: connected or not, messages, rate, backlog, what was wrong."""
    wrong = sum(fault.count for fault in state.faults.values())
    said = [word(state.word, lang)]
    if state.received:
        counts = {"received": f"{state.received:,}", "readings": f"{state.readings:,}", "rate": f"{state.rate:.0f}"}
        said.append(word("live.line", lang, **counts))
    if state.backlog:
        said.append(word("live.line.backlog", lang, count=f"{state.backlog:,}"))
    if wrong:
        said.append(word("live.line.wrong", lang, count=f"{wrong:,}"))
    return " · ".join(said)


def wrong_text(state: Standing, lang: str) -> str:
    """Return what is wrong with a source, a line a kind, and which fields changed."""
    lines = []
    if error := getattr(state, "error", ""):
        lines.append(word("live.wrong.link", lang, error=error))
    lines += _fault_lines(state.faults, lang)
    lines += [
        word(
            "live.drift.appeared" if one.appeared else "live.drift.vanished",
            lang,
            field=one.field,
            count=f"{one.count:,}",
        )
        for one in getattr(state, "drifts", ())
    ]
    offset = getattr(state, "clock_offset_s", None)
    if offset is not None and abs(offset) >= 60:
        lines.append(word("live.wrong.clock", lang, seconds=f"{offset:+,.0f}"))
    for name in ("duplicates", "out_of_order", "lost"):
        if count := getattr(state, name, 0):
            lines.append(word(f"live.wrong.{name}", lang, count=f"{count:,}"))
    return "\n".join(lines)


def heard_text(
    messages: Sequence[Message], decoded: Decoded, faults: Mapping[str, Fault], error: str, lang: str, most: int = 4
) -> str:
    """Return what a source said during a moment: raw messages, the readings in them, what was wrong."""
    if not messages:
        return word("live.heard.nothing", lang) + (f"\n{error}" if error else "")
    lines = [word("live.heard.raw", lang, count=len(messages))]
    lines += [f"  {shown(one.topic, 60)}  {shown(one.payload, 110)}".rstrip() for one in messages[-most:]]
    lines.append(word("live.heard.read", lang, count=len(decoded)))
    rows = list(zip(decoded.sensor, decoded.quantity, decoded.value, decoded.unit, strict=True))
    lines += [f"  {sensor} · {quantity} = {value:g} {unit}".rstrip() for sensor, quantity, value, unit in rows[-most:]]
    return "\n".join([*lines, *_fault_lines(faults, lang)])


def command_log(rows: Sequence[Mapping[str, object]], lang: str) -> str:
    """Return the log of commands, a line each, newest first."""
    lines = []
    for row in rows:
        state = word(f"live.outcome.{row.get('state', 'interrupted')}", lang)
        parts = [
            str(row.get("at", ""))[:19].replace("T", " ") + " UTC",
            *(str(row.get(n, "")) for n in ("who", "source")),
        ]
        lines.append("  ".join(shown(part, 80) for part in [*parts, f"{row.get('topic')} {row.get('payload')}", state]))
    return "\n".join(lines)


def _fault_lines(faults: Mapping[str, Fault], lang: str) -> list[str]:
    return [
        word("live.wrong", lang, kind=word(f"live.fault.{kind}", lang), count=f"{fault.count:,}", first=fault.first)
        for kind, fault in faults.items()
    ]
