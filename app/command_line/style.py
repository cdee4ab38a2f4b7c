"""``style``: style a layer by its data, list the classes, and save the project or a picture."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session

#: Written out so that help needs no NumPy; a test compares them with the models.
KINDS = ("single", "categorised", "graduated", "ramp", "rules", "heat", "hex")
METHODS = ("quantiles", "equal", "jenks", "pretty", "deviation")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("files", nargs="+", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.files"))
    parser.add_argument("--layer", default="", metavar=w("cli.meta.sublayer"), help=w("cli.style.layer"))
    parser.add_argument("--by", default="", metavar=w("cli.meta.field"), help=w("cli.style.by"))
    parser.add_argument("--kind", choices=KINDS, help=w("cli.style.kind"))
    parser.add_argument("--method", choices=METHODS, default="", help=w("cli.style.method"))
    parser.add_argument("--classes", metavar="N", type=int, default=0, help=w("cli.style.classes"))
    parser.add_argument("--ramp", default="", metavar=w("cli.meta.ramp"), help=w("cli.style.ramp"))
    parser.add_argument("--reverse", action="store_true", help=w("cli.style.reverse"))
    parser.add_argument("--from", dest="style_file", metavar="QML", type=Path, help=w("cli.style.from"))
    parser.add_argument("--out", metavar=w("cli.meta.out"), type=Path, help=w("cli.style.out"))
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Style a layer, print its classes, and write a project, a picture or a QGIS style."""
    from app.command_line.terminal import print_rows, session_of, since, tell
    from app.usecases.project import opening
    from app.usecases.style import styles
    from app.usecases.views import snapshots
    from models.style.classify import is_number

    started = time.perf_counter()
    session = session_of(arguments, lang)
    opening.open_files(session, arguments.files, arguments.crs)
    layer_id = _layer(session, arguments.layer)
    if arguments.style_file is not None:
        styles.load_style(session, layer_id, arguments.style_file)
    else:
        table = styles.data_of(session, layer_id).attributes
        kind = arguments.kind or ("graduated" if is_number(table, arguments.by) else "categorised")
        styles.style_by(
            session, layer_id, kind, arguments.by, method=arguments.method, count=arguments.classes,
            ramp_name=arguments.ramp, reverse=arguments.reverse,
        )  # fmt: skip
    layer = session.project.state.layer(layer_id)
    rows = styles.legend_rows(session, layer)
    texts = [row.text or " – ".join(row.ends) for row in rows]
    counts = ["" if row.count is None else f"{row.count:,}" for row in rows]
    print_rows(list(zip(texts, counts, strict=True)), lang)
    out = arguments.out or session.project.path
    if out is None:
        return
    if out.suffix.lower() in (".png", ".pdf"):
        snapshots.take_snapshot(session, snapshots.make_spec(session), out)
    elif out.suffix.lower() == ".qml":
        styles.save_style(session, layer_id, out)
    else:
        opening.save_project(session, out)
    session.close()
    tell(lang, "cli.wrote", file=out, seconds=since(started))


def _layer(session: Session, wanted: str) -> str:
    """Return the id of a layer named by id or name, the topmost with features where none is named.

    Raises
    ------
    UserError
        ``style.no_layer``.
    """
    from app.usecases.style import styles
    from models.core.errors import UserError

    known = styles.styled_layers(session)
    found = [layer.id for layer in known if not wanted or wanted in (layer.id, layer.name, layer.name_en)]
    if not found:
        raise UserError("style.no_layer", layer=wanted or "—", known=", ".join(layer.id for layer in known) or "—")
    return found[0]
