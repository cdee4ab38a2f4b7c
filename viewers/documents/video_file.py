"""Videos as files: H.264 in MP4 (yuv420p, which every player knows), parts that are put together without coding again.

The encoder is the program that imageio-ffmpeg carries; it runs as a process of its own.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError, first_line
from models.store.atomic import replacing
from models.store.whole_files import NotWhole

#: Quality (0 best … 51) and speed of the encoder.
CRF, PRESET = 20, "veryfast"
_OUT_OF_TIME_S = 600


def write_part(path: Path, frames: Iterable[NDArray[np.uint8]], size: tuple[int, int], fps: int, count: int) -> None:
    """Write frames (h, w, 3) as a part; whole or not at all.

    Raises
    ------
    UserError
        ``video.failed``, or what :func:`models.store.atomic.replacing` raises.
    """
    with replacing(path, lambda file: _require(file, count)) as fresh:
        writer = imageio_ffmpeg.write_frames(
            str(fresh), size, fps=fps, codec="libx264", quality=None, macro_block_size=2, ffmpeg_log_level="error",
            output_params=["-crf", str(CRF), "-preset", PRESET, "-video_track_timescale", "90000", "-f", "mp4"],
        )  # fmt: skip
        writer.send(None)
        try:
            for frame in frames:
                writer.send(np.ascontiguousarray(frame))
        except OSError as error:
            raise UserError("video.failed", file=path.name, reason=first_line(error)) from error
        finally:
            writer.close()


def join(path: Path, parts: Sequence[Path], count: int) -> None:
    """Put parts together; whole or not at all.

    Raises
    ------
    UserError
        ``video.failed``, or what :func:`models.store.atomic.replacing` raises.
    """
    listed = parts[0].with_name("parts.txt")
    listed.write_text("".join(f"file {one.name}\n" for one in parts), encoding="ascii")
    with replacing(path, lambda file: _require(file, count)) as fresh:
        command = [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "concat", "-i", listed.name, "-c", "copy",
            "-movflags", "+faststart", "-f", "mp4", str(fresh.absolute()),
        ]  # fmt: skip
        done = subprocess.run(
            command,
            cwd=listed.parent,
            capture_output=True,
            timeout=_OUT_OF_TIME_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
            raise UserError("video.failed", file=path.name, reason=reason[0])


def is_whole(path: Path, count: int) -> bool:
    """Whether a part is there with so many frames that can be decoded."""
    try:
        _require(path, count)
    except (NotWhole, OSError):
        return False
    return True


def frames_in(path: Path) -> int:
    """Return how many frames of a file can be decoded."""
    count, _ = imageio_ffmpeg.count_frames_and_secs(str(path))
    return int(count)


def _require(path: Path, count: int) -> None:
    if not path.is_file():
        raise NotWhole("no file")
    try:
        found = frames_in(path)
    except (RuntimeError, ValueError, OSError) as error:
        raise NotWhole(str(error)) from error
    if found != count:
        raise NotWhole(f"{found} / {count} frames")
