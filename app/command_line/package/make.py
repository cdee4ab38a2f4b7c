"""``package make``: write a review package of a project."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from models.delivery.choices import REDACTIONS

    add_project(parser, w)
    parser.add_argument("--out", metavar="city.cjreview", type=Path, required=True, help=w("cli.package.out"))
    parser.add_argument("--without", action="append", metavar=w("cli.meta.layer"), help=w("cli.package.without"))
    parser.add_argument(
        "--redact", action="append", choices=(*REDACTIONS, "all"), help=w("cli.package.redact"), default=[]
    )
    parser.add_argument("--field", action="append", metavar="buildings:owner", help=w("cli.package.field"), default=[])
    parser.add_argument(
        "--keep-field", action="append", metavar="cases:address", help=w("cli.package.keep_field"), default=[]
    )
    parser.add_argument("--dry-run", action="store_true", help=w("cli.package.dry_run"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Write the package, or say what would go in."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, session_of, tell
    from app.usecases.delivery import packages
    from app.usecases.project import opening
    from models.core.value_text import byte_size
    from models.delivery.choices import REDACTIONS, Choices
    from models.delivery.manifest import written
    from resources.words import word
    from viewers.documents.package_page import left_out_text, redacted_text

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    redact = REDACTIONS if "all" in arguments.redact else tuple(dict.fromkeys(arguments.redact))
    if arguments.field and "fields" not in redact:
        redact = (*redact, "fields")
    state = session.project.state
    without = tuple(packages.layer_named(session, one).id for one in arguments.without or ())
    kept, more = (
        {packages.field_named(session, one) for one in named} for named in (arguments.keep_field, arguments.field)
    )
    proposed = {(one.layer, one.field) for one in packages.proposals(session)} if "fields" in redact else set()
    choices = Choices(without, redact, tuple(sorted((proposed | more) - kept)))
    if arguments.dry_run:
        found = packages.preview(session, choices)
        titles = {layer.id: layer.title(lang) for layer in state.layers}
        if arguments.json:
            print_json({
                "layers": [{"layer": one.layer, "how": one.how, "why": one.why, "bytes": one.size_bytes}
                           for one in found.parts],
                "fields": [list(one) for one in choices.fields], "evidence": found.evidence,
                "bytes": found.size_bytes,
            })  # fmt: skip
        else:
            print_rows(
                [[titles[one.layer], word(f"package.how.{one.how}", lang),
                  left_out_text(one.why, lang) if one.why else byte_size(one.size_bytes)] for one in found.parts], lang,
            )  # fmt: skip
            for layer, name in choices.fields:
                tell(lang, "cli.package.would_drop", layer=titles[layer], field=name)
        session.close()
        return
    made: list[packages.Made] = []
    packages.make_package(session, arguments.out, choices, made.append)
    manifest, path = made[0].manifest, made[0].path
    if arguments.json:
        print(written(manifest).decode())
    else:
        say_synthetic(session)
        for gone in manifest.left_out:
            tell(lang, "cli.package.left_out", what=gone.what, why=left_out_text(gone.why, lang))
        for one in manifest.redacted:
            print(redacted_text(one.kind, one.what, one.count, lang))
        size = byte_size(path.stat().st_size)
        tell(lang, "cli.package.made", file=path, count=len(manifest.members), size=size)
    session.close()
