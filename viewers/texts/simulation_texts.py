"""Findings of model checks and messages of engines in words."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from models.network.hydraulics.checks import Issue
from models.network.hydraulics.report import Message
from models.network.hydraulics.results import Results, Variable
from models.network.hydraulics.run import engine_of, messages_in
from resources.words import has, word


def issue_text(issue: Issue, lang: str) -> str:
    """Return a finding in one sentence, with section and line where it has them."""
    sentence = word(f"network.check.{issue.code}", lang, name=issue.name, what=issue.what, count=f"{issue.count:,}")
    place = " ".join(filter(None, [f"[{issue.section}]" if issue.section else "", _line(issue.line, lang)]))
    return f"{sentence} {place}".rstrip()


def message_text(message: Message, dialect: str, lang: str) -> str:
    """Return what an engine said in our words where it is a usual message that names its object, else in its own."""
    key = f"network.engine.{dialect}.{message.number}"
    if not has(key) or ("{name}" in word(key, lang, name="{name}", line=0, text="") and not message.name):
        return word("network.engine.other", lang, text=message.text)
    return word(key, lang, name=message.name, line=message.line, text=message.text)


def severity_text(severity: str, lang: str) -> str:
    """Return what a severity is called."""
    return word(f"network.severity.{severity}", lang)


def variable_text(variable: Variable, lang: str) -> str:
    """Return the name of a quantity with its unit; a pollutant has its own name."""
    key = f"network.variable.{variable.element}.{variable.name}"
    name = word(key, lang) if has(key) else variable.name
    return f"{name} ({variable.unit})" if variable.unit else name


def _line(line: int, lang: str) -> str:
    return word("network.check.at", lang, line=f"{line:,}") if line else ""


def field_text(name: str, lang: str) -> str:
    """Return the heading of a column of figures."""
    key = f"network.figure.{name}"
    return word(key, lang) if has(key) else name


def run_rows(results: Results, totals: Mapping[str, float], lang: str) -> list[tuple[str, str]]:
    """Return how a run was made and what it came to in all, as pairs of label and text."""
    facts = results.facts
    rows = [
        (word("network.run.model", lang), str(facts["model"])),
        (word("network.run.engine", lang), engine_of(facts)),
        (word("network.run.period", lang), f"{results.clock(0)} – {results.clock(results.count - 1)}"),
        (word("network.run.steps", lang), f"{results.count:,}"),
        (word("network.run.cpu", lang), f"{float(facts['cpu_s']):.2f} s"),
    ]
    balance = {name: float(value) for name, value in facts["continuity_percent"].items() if value is not None}
    rows += [(word(f"network.run.continuity.{name}", lang), f"{value:+.3f} %") for name, value in balance.items()]
    rows += [(word(f"network.total.{name}", lang), _figure(value) if name.endswith("m3") else f"{int(value):,}")
             for name, value in totals.items()]  # fmt: skip
    if warnings := len([one for one in messages_in(facts) if one.severity == "warning"]):
        rows.append((word("network.run.warnings", lang), f"{warnings:,}"))
    return rows


def message_rows(results: Results, lang: str) -> list[tuple[str, str]]:
    """Return what the engine said during a run."""
    return [
        (severity_text(one.severity, lang), message_text(one, results.dialect, lang))
        for one in messages_in(results.facts)
    ]


def worst_rows(worst: pd.DataFrame, lang: str) -> list[tuple[str, str, str, str]]:
    """Return the worst places: name, what is wrong, how much, for how long."""
    rows = []
    for code, reason, value, hours in worst[["code", "reason", "value", "hours"]].itertuples(index=False):
        figure = word(f"network.worst.{reason}.value", lang, value=_figure(value))
        lasted = "" if hours != hours else word("network.worst.hours", lang, hours=f"{hours:.2f}")
        rows.append((str(code), word(f"network.worst.{reason}", lang), figure, lasted))
    return rows


def _figure(value: float) -> str:
    """Return a volume or a pressure with what four digits tell, never with an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
