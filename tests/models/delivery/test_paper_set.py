"""The paper set: kept where it is whole and of the same project, put aside where a person changed it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from models.delivery import paper_set
from models.delivery.paper_set import BY_ID, Made, Record
from models.project.about import About
from models.project.project import ProjectState
from models.store import project_file


def a_part(folder: Path, text: str = "report") -> Made:
    work = folder / paper_set.WORK / "report"
    work.mkdir(parents=True)
    (work / "报告 1.docx").write_text(text, encoding="utf-8")
    (work / ".report-saving-1").write_text("half", encoding="utf-8")
    files = paper_set.files_of(work, "report")
    (work / ".report-saving-1").unlink()
    paper_set.take_place(folder, "report", work)
    return Made("report", "made", "key", files)


def test_a_part_is_whole_until_a_file_is_changed_cut_or_gone(tmp_path: Path) -> None:
    made = a_part(tmp_path)
    assert [one.name for one in made.files] == ["report/报告 1.docx"]
    file = tmp_path / "report" / "报告 1.docx"
    assert paper_set.is_whole(tmp_path, made)
    assert not paper_set.is_whole(tmp_path, replace(made, state="making"))
    file.write_text("repoRt", encoding="utf-8")
    assert not paper_set.is_whole(tmp_path, made)
    file.unlink()
    assert not paper_set.is_whole(tmp_path, made)


def test_what_a_person_changed_is_put_aside_and_the_rest_replaced(tmp_path: Path) -> None:
    made = a_part(tmp_path)
    assert paper_set.put_aside(tmp_path, made) is None
    (tmp_path / "report" / "报告 1.docx").write_text("my own words", encoding="utf-8")
    aside = paper_set.put_aside(tmp_path, made)
    assert aside is not None
    assert (aside / "报告 1.docx").read_text(encoding="utf-8") == "my own words"
    a_part(tmp_path, "again")
    assert (tmp_path / "report" / "报告 1.docx").read_text(encoding="utf-8") == "again"
    a_part(tmp_path, "and again")
    assert not (tmp_path / paper_set.WORK / "old-report").exists()


def test_a_record_says_again_what_was_written_and_a_broken_one_says_nothing(tmp_path: Path) -> None:
    record = (
        Record("城", "1", "zh", True).with_part(a_part(tmp_path)).with_part(Made("deck", "skipped", reason="no_stops"))
    )
    paper_set.write_record(tmp_path, record)
    assert paper_set.read_record(tmp_path) == record
    for broken in (
        "",
        "[" * 5000,
        "null",
        '{"format": "chengjing-paper-set", "version": 1, "parts": [{"id": "report"}]}',
    ):
        (tmp_path / paper_set.RECORD).write_text(broken, encoding="utf-8")
        assert paper_set.read_record(tmp_path) == Record()


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_reads_the_list_of_checksums(tmp_path: Path) -> None:
    paper_set.write_sums(tmp_path, a_part(tmp_path).files)
    subprocess.run(["sha256sum", "-c", "--strict", paper_set.SUMS], cwd=tmp_path, check=True, capture_output=True)


def test_the_digest_of_a_project_outlives_saving_and_tells_of_a_change(tmp_path: Path) -> None:
    state, path = ProjectState("城"), tmp_path / "city.gpkg"
    project_file.save_project(state, {}, path, stamp="2026-01-01")
    first = paper_set.project_digest(path)
    project_file.save_project(state, {}, path, stamp="2026-02-01", previous=path)
    assert paper_set.project_digest(path) == first
    project_file.save_project(replace(state, about=About(author="院")), {}, path, stamp="2026-02-01")
    assert paper_set.project_digest(path) != first


def test_options_language_and_project_decide_whether_a_part_is_made_again() -> None:
    part = BY_ID["atlas"]
    keys = {
        paper_set.key_of(part, "a", {"dpi": "150"}, "1", "zh"), paper_set.key_of(part, "b", {"dpi": "150"}, "1", "zh"),
        paper_set.key_of(part, "a", {"dpi": "300"}, "1", "zh"), paper_set.key_of(part, "a", {"dpi": "150"}, "2", "zh"),
        paper_set.key_of(part, "a", {"dpi": "150"}, "1", "en"), paper_set.key_of(BY_ID["report"], "a", {}, "1", "zh"),
    }  # fmt: skip
    assert len(keys) == 6
