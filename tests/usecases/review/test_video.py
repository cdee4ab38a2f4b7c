"""Videos: the right frames, parts that outlive a kill, nothing half-written that looks whole."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from app.usecases.review import agenda
from app.usecases.review.video import making
from app.usecases.review.video.making import folder_of, make_video
from app.usecases.review.video.plan import VideoSpec, parts_of
from app.usecases.views import annotations_and_flights as views
from models.core.errors import Cancelled, UserError
from models.views.camera import Camera
from models.views.flight_paths import FlightPath
from models.views.sun import SunTime
from tests.support.review.opinions import manholes, project_of
from viewers.documents import video_file
from viewers.sheets.video_frames import band, mixed, title_card

SMALL = VideoSpec((320, 180), fps=30, seconds=2.0, title=False)
FIRST = Camera((500010.0, 4058950.0, 60.0), (500011.0, 4059001.0, 0.0))
SECOND = Camera((500060.0, 4058950.0, 90.0), (500011.0, 4059001.0, 0.0))


@pytest.fixture
def session(tmp_path):
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    made.project.replace_all(*project_of(manholes(["MH-1", "MH-2", "MH-3"])), None)
    yield made
    made.close()


def with_stops(session, *cameras):
    for number, camera in enumerate(cameras):
        agenda.add_stop(session, agenda.view_of_now(session, camera, (640, 360)), title=f"环节 {number + 1}")


def test_a_video_of_two_seconds_decodes_with_its_frames_and_leaves_nothing_beside(session, tmp_path):
    with_stops(session, FIRST)
    make_video(session, SMALL, tmp_path / "a.mp4")
    assert video_file.frames_in(tmp_path / "a.mp4") == 60
    assert not folder_of(tmp_path / "a.mp4").exists()
    import imageio_ffmpeg

    about = next(imageio_ffmpeg.read_frames(str(tmp_path / "a.mp4")))
    assert (about["codec"], about["pix_fmt"].split("(")[0], about["source_size"]) == ("h264", "yuv420p", (320, 180))


def test_stops_that_differ_in_the_camera_are_flown_between_and_others_dissolve(session):
    with_stops(session, FIRST, SECOND)
    stop = agenda.view_of_now(session, SECOND, (640, 360))
    agenda.add_stop(session, replace(stop, sun=SunTime("2026-06-21", 750)), title="夏至")
    parts = parts_of(session, replace(SMALL, title=True))
    assert [part.kind for part in parts] == ["title", "dissolve", "hold", "moves", "hold", "dissolve", "hold"]
    assert parts[-1].shots[0].told == "2026-06-21 12:30"
    flown = parts[3].cameras
    assert 0 < flown[0].position[0] - FIRST.position[0] < 5
    assert 0 < SECOND.position[0] - flown[-1].position[0] < 5


def test_a_flight_lasts_as_long_as_is_asked(session):
    path = views.save_path(session, FlightPath("", "巡河", cameras=(FIRST, SECOND)))
    parts = parts_of(session, replace(SMALL, path="巡河", seconds=2.5))
    assert [part.frames for part in parts] == [30, 30, 15]
    assert parts[0].cameras[0].position == pytest.approx(FIRST.position, abs=1e-6)
    assert parts[-1].cameras[-1].position == pytest.approx(SECOND.position, abs=1e-6)
    assert parts_of(session, replace(SMALL, path=path.id))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"path": "没有"}, "video.no_path"), ({}, "video.no_agenda"), ({"size": (20, 20)}, "video.bad_size"),
        ({"fps": 0}, "video.bad_number"), ({"seconds": float("nan")}, "video.bad_number"),
    ],
)  # fmt: skip
def test_what_makes_no_video_is_refused_by_name(session, tmp_path, change, code):
    with pytest.raises(UserError) as error:
        make_video(session, replace(SMALL, **change), tmp_path / "a.mp4")
    assert error.value.code == code
    with_stops(session, FIRST)
    with pytest.raises(UserError, match=r"video\.bad_suffix"):
        make_video(session, SMALL, tmp_path / "a.avi")
    with pytest.raises(UserError, match=r"video\.too_long"):
        make_video(session, replace(SMALL, seconds=3600), tmp_path / "a.mp4")
    assert list(tmp_path.glob("*.mp4")) == []


def test_killed_while_it_is_made_the_next_run_keeps_the_parts_and_completes_it(session, tmp_path, monkeypatch):
    project, out = tmp_path / "city.gpkg", tmp_path / "a.mp4"
    views.save_path(session, FlightPath("", "tour", cameras=(FIRST, SECOND)))
    opening.save_project(session, project)
    root = Path(__file__).parents[3]
    command = [sys.executable, str(root / "main.py"), "--lang", "zh", "video", str(project), "--out", str(out),
               "--path", "tour", "--size", "320x180", "--fps", "20", "--seconds", "6", "--no-title"]  # fmt: skip
    running = subprocess.Popen(command, env={**os.environ, "CHENGJING_HOME": str(tmp_path / "home")},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    end = time.monotonic() + 60
    while len(list(folder_of(out).glob("[0-9]*.mp4"))) < 2 and running.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not out.exists()
    kept = sorted(folder_of(out).glob("[0-9]*.mp4"))
    assert len(kept) >= 2
    kept[0].write_bytes(kept[0].read_bytes()[:-500])  # as a disk may lose it
    drawn = []
    write = video_file.write_part

    def counted(path, frames, size, fps, count):
        drawn.append(path.name)
        # the other parts need not be drawn to see which are
        write(path, (np.zeros((180, 320, 3), np.uint8) for _ in range(count)), size, fps, count)

    monkeypatch.setattr(video_file, "write_part", counted)
    opening.open_project(session, project)
    make_video(session, VideoSpec((320, 180), 20, 6.0, "tour", title=False), out)
    assert kept[0].name in drawn
    assert not {one.name for one in kept[1:]} & set(drawn)
    assert len(drawn) == 6 - len(kept) + 1
    assert video_file.frames_in(out) == 120
    assert not folder_of(out).exists()


def test_cancelled_or_failed_it_leaves_the_old_video(session, tmp_path, monkeypatch):
    with_stops(session, FIRST)
    out = tmp_path / "a.mp4"
    out.write_bytes(b"old")

    class Stopped:
        def step(self, *_):
            raise Cancelled

    with pytest.raises(Cancelled):
        making.draw(session, SMALL, out, Stopped())
    assert out.read_bytes() == b"old"
    monkeypatch.setattr(video_file, "CRF", "nonsense")
    with pytest.raises(UserError):
        make_video(session, SMALL, out)
    assert out.read_bytes() == b"old"


def test_captions_of_any_length_stay_in_their_band_and_pictures_dissolve():
    for words in ("", "很长的标题" * 60):
        for size in ((320, 18), (1920, 108)):
            assert band(size, words, words, dark=False).shape == (size[1], size[0], 3)
    assert title_card((320, 180), [words, words], words, dark=True).shape == (180, 320, 3)
    black, white = np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)
    assert mixed(black, white, 0.0).max() == 0
    assert mixed(black, white, 1.0).min() == 255
    assert mixed(black, white, 0.5).mean() == pytest.approx(127, abs=1)
