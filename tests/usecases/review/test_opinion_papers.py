"""The papers of a review: table of decisions and minutes; what is typed in Excel comes back by its id."""

import html
import zipfile

import openpyxl
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.review import opinion_papers, opinions, topics
from app.usecases.review.opinions import Speaker
from models.core.errors import UserError
from models.project.selection import ObjectKey
from models.review.topics import TopicView, new_guid
from tests.support.review.opinions import manholes, project_of
from viewers.documents.opinions import minutes, workbook
from viewers.documents.opinions.content import Opinion, Review

HEAD_ROW = 5


def picture():
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (800, 450), "#336699").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def session(tmp_path):
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    made.project.replace_all(*project_of(manholes(["MH-1", "MH-2"])), None)
    view = TopicView(new_guid(), snapshot=picture())
    for number, text in enumerate(("井盖缺失 <&> ]]>", '=HYPERLINK("http://x")', "口径请注明")):
        speaker = Speaker("Expert Opinion", f"专家{number}", "示例大学")
        opinions.say(made, text, speaker, view, keys=[ObjectKey("manholes", 1)])
    yield made
    made.close()


def guids(session):
    return [topic.guid for topic in opinions.opinions_of(session.project.state)]


def filled(path, rows):
    """Type into a workbook as a person does: decision, reply, decided by, a row each."""
    book = openpyxl.load_workbook(path)
    page = book.active
    heads = {cell.value: cell.column for cell in page[HEAD_ROW]}
    for at, values in rows.items():
        for head, value in zip(("采纳情况", "答复", "答复人"), values, strict=True):
            page.cell(HEAD_ROW + at, heads[head], value)
    book.save(path)


def brought(session, path):
    found = []
    opinion_papers.read_decisions(session, path, found.extend)
    return found


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "minutes.docx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_paper_says_all_that_was_said_and_has_the_same_bytes_twice(session, tmp_path, name, lang):
    session.set_lang(lang)
    opinions.decide(session, guids(session)[0], "adopted", "已更换", "住建局")
    write = opinion_papers.export_minutes if name == "minutes.docx" else opinion_papers.export_table
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        write(session, tmp_path / folder / name)
    first, second = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
    assert first == second
    with zipfile.ZipFile(tmp_path / "one" / name) as archive:
        raw = b"".join(archive.read(one) for one in archive.namelist() if one.endswith(".xml"))
        text = html.unescape(raw.decode())
        assert sum(one.startswith(("word/media", "xl/media")) for one in archive.namelist()) >= 1
        if name.endswith(".xlsx"):
            assert b"<f>" not in raw
    for said in ("井盖缺失", "口径请注明", "已更换", "住建局", "示例大学", "专家2"):
        assert said in text


def test_the_head_of_the_table_stands_on_each_page_and_no_row_is_cut(session, tmp_path):
    opinion_papers.export_table(session, tmp_path / "a.docx")
    table = Document(str(tmp_path / "a.docx")).tables[0]
    head, *rows = (row._tr.xml for row in table.rows)
    assert "w:tblHeader" in head
    assert len(rows) == 3
    assert all("w:cantSplit" in row for row in rows)


def test_decisions_typed_in_excel_come_back_by_id_also_from_sorted_rows(session, tmp_path):
    path = tmp_path / "a.xlsx"
    opinion_papers.export_table(session, path)
    filled(path, {1: ("采纳", "", "李工"), 3: ("Not adopted", "数据已核实", None)})
    book = openpyxl.load_workbook(path)
    page = book.active
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=HEAD_ROW + 1, max_row=HEAD_ROW + 3)]
    for at, row in enumerate(reversed(rows), HEAD_ROW + 1):
        for column, value in enumerate(row, 1):
            page.cell(at, column, value)
    book.save(path)
    changes = brought(session, path)
    assert [(one.before.text, one.after.verdict, one.problem) for one in changes] == [
        ("口径请注明", "rejected", ""), ("井盖缺失 <&> ]]>", "adopted", "")
    ]  # fmt: skip
    before = session.project.state
    assert opinion_papers.take_over(session, changes) == 2
    decided = topics.find_topic(session, guids(session)[0]).decision
    assert (decided.verdict, decided.author) == ("adopted", "李工")
    assert brought(session, path) == []
    session.history.undo()
    assert session.project.state == before


def test_what_cannot_be_taken_over_is_said_and_takes_nothing_else_along(session, tmp_path):
    path = tmp_path / "a.xlsx"
    opinion_papers.export_table(session, path)
    filled(path, {1: ("也许", "", ""), 2: ("不采纳", "", ""), 3: ("采纳", "好", "")})
    topics.delete_topic(session, guids(session)[2])
    changes = brought(session, path)
    assert [one.problem for one in changes] == [
        "opinions.bad_word", "error.topic.no_reason", "opinions.unknown_row"
    ]  # fmt: skip
    assert opinion_papers.take_over(session, changes) == 0
    assert all(opinion_papers.reason_of(one, session) for one in changes)


def test_an_untouched_workbook_takes_no_later_decision_back(session, tmp_path):
    path = tmp_path / "a.xlsx"
    opinion_papers.export_table(session, path)
    opinions.decide(session, guids(session)[0], "adopted")
    assert brought(session, path) == []
    filled(path, {1: ("部分采纳", "分批", "")})
    (change,) = brought(session, path)
    assert change.also_here
    opinion_papers.take_over(session, [change])
    assert [one.verdict for one in topics.find_topic(session, guids(session)[0]).decisions] == ["adopted", "partly"]


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "io.damaged"), (b"PK\x03\x04broken", "io.damaged"), (None, "opinions.no_table")]
)
def test_what_is_no_table_of_decisions_is_refused_by_name(session, tmp_path, content, code):
    path = tmp_path / "a.xlsx"
    if content is None:
        openpyxl.Workbook().save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(UserError) as error:
        brought(session, path)
    assert error.value.code == code
    assert session.project.state.topics


def test_papers_of_nothing_and_of_foreign_endings_are_refused(session, tmp_path):
    with pytest.raises(UserError, match=r"opinions\.bad_suffix"):
        opinion_papers.export_table(session, tmp_path / "a.pdf")
    with pytest.raises(UserError, match=r"opinions\.bad_suffix"):
        opinion_papers.export_minutes(session, tmp_path / "a.xlsx")
    for guid in guids(session):
        topics.delete_topic(session, guid)
    with pytest.raises(UserError, match=r"opinions\.nothing"):
        opinion_papers.export_table(session, tmp_path / "a.docx")
    assert list(tmp_path.glob("*.docx")) == []


@settings(deadline=None, max_examples=8)
@given(st.text(max_size=60), st.text(max_size=60), st.binary(max_size=80))
def test_any_words_and_any_picture_make_whole_papers(tmp_path_factory, text, name, shot):
    folder = tmp_path_factory.mktemp("papers")
    one = Opinion(new_guid(), "1", "专家意见", name, name, text, name, text, "adopted", text, name, "2026-12-01", shot)
    review = Review(name, "", "", [text], [one, one])
    workbook.write_table(folder / "a.xlsx", review, "zh")
    minutes.write_table(folder / "a.docx", review, "en")
    minutes.write_minutes(folder / "b.docx", review, "zh")
    assert len(Document(str(folder / "a.docx")).tables[0].rows) == 3
    assert [row.guid for row in workbook.read_table(folder / "a.xlsx")] == [one.guid, one.guid]
