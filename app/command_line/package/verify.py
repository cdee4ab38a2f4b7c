"""``package verify``: look whether every file of a review package is the one that its manifest names."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("package", metavar="city.cjreview", type=Path, help=w("cli.package.package"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Look through the package; what differs is named, and the exit code says so."""
    from app.command_line.terminal import CANNOT, print_json, session_of, tell
    from app.usecases.delivery import package_opening
    from resources.words import word

    session = session_of(arguments, lang)
    found: list[tuple[str, str]] = []

    def done(manifest: object, differences: list[tuple[str, str]]) -> None:
        found.extend(differences)
        members, name = getattr(manifest, "members", ()), getattr(manifest, "name", "")
        if arguments.json:
            differing = [{"name": one, "what": what} for one, what in differences]
            print_json({"sound": not differences, "name": name, "files": len(members), "differences": differing})
            return
        for one, what in differences:
            print(f"{word(f'package.difference.{what}', lang)}  {one}")
        key = "cli.package.differs" if differences else "cli.package.sound"
        tell(lang, key, file=arguments.package.name, count=len(differences) or len(members))

    package_opening.verify_package(session, arguments.package, done)
    session.close()
    return CANNOT if found else None
