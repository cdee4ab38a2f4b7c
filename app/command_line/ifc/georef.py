"""``ifc georef``: report the georeferencing of models, or write one into a copy of a file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session
    from models.bim.georeference import GeorefReport
    from models.bim.placement_value import Placement


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help=w("cli.ifc.georef.file"))
    parser.add_argument("--crs", metavar="EPSG", default="", help=w("cli.ifc.georef.crs"))
    parser.add_argument("--json", action="store_true", help=w("cli.ifc.georef.json"))
    parser.add_argument("--set", dest="place", metavar="E,N,H,BEARING", default="", help=w("cli.ifc.georef.set"))
    parser.add_argument("--like", metavar="PLACED.ifc", type=Path, default=None, help=w("cli.ifc.georef.like"))
    parser.add_argument("--out", metavar="COPY.ifc", type=Path, default=None, help=w("cli.ifc.georef.out"))


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Report on every file, or write one copy."""
    from models.crs.frame import parse_crs

    if arguments.crs:
        parse_crs(arguments.crs)  # an unknown one is refused before any file is read
    if arguments.place or arguments.out is not None:
        return _write(arguments, lang)
    return _report(arguments, lang)


def _report(arguments: argparse.Namespace, lang: str) -> int:
    import json

    from app.command_line import terminal
    from app.usecases.crs.placement import place_rows
    from models.core.errors import UserError

    found, ending = [], terminal.DONE
    for path in arguments.files:
        session = terminal.session_of(arguments, lang)  # one each: a model without a place stands alone
        try:
            told = _placed(session, path, arguments)
        except UserError as error:
            terminal.say_error(error, lang)
            ending = terminal.CANNOT
            found.append({"file": str(path), "error": error.as_dict()})
            continue
        finally:
            session.close()
        found.append({"file": str(path), **told.as_dict()})
        if not arguments.json:
            if len(arguments.files) > 1:
                print(path.name)
            terminal.print_rows(place_rows(session, told), lang)
            if len(arguments.files) > 1:
                print()
    if arguments.json:
        print(json.dumps(found if len(found) > 1 else found[0], ensure_ascii=False, indent=1))
    return ending


def _placed(session: Session, path: Path, arguments: argparse.Namespace) -> GeorefReport:
    """Open a model, on the origin of another one where that is asked for, and say where it stands."""
    from app.command_line import terminal
    from app.usecases.crs.unsure_place import share_origin, sharing, weighed_report
    from models.bim.georeference import report
    from models.bim.placement import is_lost
    from models.core.errors import UserError

    other = None if arguments.like is None else terminal.open_model(session, arguments.like, arguments.crs)[0]
    layer, data = terminal.open_model(session, path, arguments.crs)
    if other is None:
        return report(data)
    if is_lost(layer, data):
        if other.id not in {one.id for one in sharing(session, layer.id)}:
            raise UserError("place.no_shared_origin", file=path.name, other=arguments.like.name)
        share_origin(session, layer.id, other.id)
    return weighed_report(session, layer.id)


def _write(arguments: argparse.Namespace, lang: str) -> int:
    import json

    from app.command_line import terminal
    from app.usecases.crs.placement import write_file
    from models.bim.placement_value import Placement
    from models.core.errors import UserError

    if len(arguments.files) != 1 or arguments.out is None:
        raise UserError("place.one_file")
    if arguments.place and not arguments.crs:
        raise UserError("place.no_crs")
    session = terminal.session_of(arguments, lang)
    try:
        if arguments.place:
            east, north, height, bearing = _numbers(arguments.place)
            place = Placement(east, north, height, bearing, arguments.crs)
        else:
            place = _believed(session, arguments)
        write_file(session, arguments.files[0], arguments.out, place)
    finally:
        session.close()
    if arguments.json:
        print(json.dumps({"file": str(arguments.out), **place.as_dict()}, ensure_ascii=False, indent=1))
    else:
        terminal.tell(lang, "cli.ifc.georef.written", file=arguments.out.name)
    return terminal.DONE


def _believed(session: Session, arguments: argparse.Namespace) -> Placement:
    """Return the place that is believed of a file, mended where it had to be: what its copy then states.

    Raises
    ------
    UserError
        ``place.unsure``.
    """
    from models.bim.placement_value import Placement
    from models.core.errors import UserError

    path = arguments.files[0]
    found = _placed(session, path, arguments)
    if found.certainty not in ("sure", "likely") or None in (found.east_m, found.north_m, found.bearing_deg):
        raise UserError(
            "place.unsure", file=path.name, certainty=session.word(f"georef.certainty.{found.certainty}")
        )  # fmt: skip
    return Placement(
        found.east_m or 0.0, found.north_m or 0.0, found.height_m or 0.0, found.bearing_deg or 0.0, found.crs,
        scale=found.scale or 1.0,
    )  # fmt: skip


def _numbers(text: str) -> list[float]:
    """Return the four numbers of ``E,N,H,BEARING``; height and bearing may be left out."""
    from models.core.errors import UserError

    try:
        numbers = [float(part) for part in text.replace("，", ",").split(",")]
    except ValueError:
        raise UserError("place.not_finite") from None
    if not 2 <= len(numbers) <= 4:
        raise UserError("place.not_finite")
    return numbers + [0.0] * (4 - len(numbers))
