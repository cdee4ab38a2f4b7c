"""``scenes``: which scene presets a project can show, and what the others lack."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.project"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print a line a scene."""
    from app.command_line.terminal import print_json, print_rows, say_error, say_synthetic, session_of
    from app.usecases.project import opening
    from app.usecases.scenes import scenes
    from resources.words import word

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    if arguments.json:
        print_json({"synthetic": session.project.state.synthetic, "scenes": scenes.scene_rows(session, lang)})
    else:
        say_synthetic(session)
        found = scenes.presets(session)
        rows = [[word(f"cli.scenes.head.{name}", lang) for name in ("id", "name", "state", "missing")]]
        for preset in found.presets:
            match = scenes.ready(session, preset)
            missing = ("；" if lang == "zh" else "; ").join(one.wanted.name.in_(lang) for one in match.missing)
            rows.append([preset.id, preset.name.in_(lang), word(f"scenes.state.{match.state}", lang), missing or "—"])
        print_rows(rows, lang)
        for error in found.errors:
            say_error(error, lang)
    session.close()
