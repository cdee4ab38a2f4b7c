"""``video``: an mp4 along the agenda of the review, or along a flight path."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from app.command_line.options import add_project, add_trust_and_json


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_project(parser, w)
    parser.add_argument("--out", metavar="video.mp4", type=Path, required=True, help=w("cli.video.out"))
    along = parser.add_mutually_exclusive_group()
    along.add_argument("--path", default="", help=w("cli.video.path"))
    along.add_argument("--agenda", action="store_true", help=w("cli.video.agenda"))
    parser.add_argument("--fps", type=int, default=30, metavar="30", help=w("cli.video.fps"))
    parser.add_argument("--size", type=_size, default=(1920, 1080), metavar="1920x1080", help=w("cli.video.size"))
    parser.add_argument("--seconds", type=float, default=0.0, metavar="5", help=w("cli.video.seconds"))
    parser.add_argument("--no-title", action="store_true", help=w("cli.video.no_title"))
    parser.add_argument("--no-captions", action="store_true", help=w("cli.video.no_captions"))
    parser.add_argument("--dark", action="store_true", help=w("cli.video.dark"))
    add_trust_and_json(parser, w)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Make the video; run again after it was stopped, it goes on."""
    from app.command_line.terminal import print_json, say_synthetic, session_of, since, tell
    from app.usecases.project import opening
    from app.usecases.review.video.making import make_video
    from app.usecases.review.video.plan import VideoSpec
    from viewers.documents.video_file import frames_in

    start = time.perf_counter()
    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    spec = VideoSpec(
        arguments.size, arguments.fps, arguments.seconds, arguments.path, not arguments.no_title,
        not arguments.no_captions, arguments.dark,
    )  # fmt: skip
    make_video(session, spec, arguments.out)
    frames, megabytes = frames_in(arguments.out), arguments.out.stat().st_size / 1e6
    if arguments.json:
        told = {"synthetic": session.project.state.synthetic, "out": str(arguments.out), "frames": frames}
        print_json(told | {"fps": spec.fps, "size_mb": round(megabytes, 2)})
    else:
        say_synthetic(session)
        size = f"{megabytes:.1f}"
        tell(lang, "cli.video.done", file=arguments.out.name, frames=frames, size=size, seconds=since(start))
    session.close()


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    return int(width), int(height)
