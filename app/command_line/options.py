"""What many verbs take in the same way."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

Words = Callable[[str], str]


def add_project(parser: argparse.ArgumentParser, w: Words) -> None:
    """Let a verb be told which project it is about."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.project"))


def add_trust_and_json(parser: argparse.ArgumentParser, w: Words) -> None:
    """Let a project reach what it names outside its folder, and let the answer be JSON."""
    parser.add_argument("--trust", action="store_true", help=w("cli.option.trust"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))
