"""``package open``: verify a review package and unpack it into a folder of its own."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("package", metavar="city.cjreview", type=Path, help=w("cli.package.package"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, required=True, help=w("cli.package.folder"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Unpack the package."""
    from app.command_line.terminal import session_of, tell
    from app.usecases.delivery import package_opening
    from models.delivery.manifest import PROJECT, Manifest

    session = session_of(arguments, lang)

    def done(manifest: Manifest) -> None:
        tell(lang, "cli.package.opened", count=len(manifest.members), project=arguments.out / PROJECT)

    package_opening.unpack_package(session, arguments.package, arguments.out, done)
    session.close()
