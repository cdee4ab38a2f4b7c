"""Messages over the city: they fade, wait for who reads them, keep clear of everything, and are kept in a list."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from app.notices import Notice
from tests.support.window import spin
from viewers.widgets.shell import notices
from viewers.widgets.shell.notices import GAP_PX, places

ROOM = QRect(14, 14, 700, 600)


def say(window, level="info", name="a"):
    key = {"info": "notice.saved", "caution": "caution.recovery.not_kept", "error": "error.io.empty"}[level]
    facts = {"folder": name} if level == "caution" else {"file": name}
    window.session.notices.add(Notice(level, key, facts))


def banners(window):
    return window.features["messages"].banners.shown


def test_banners_stand_in_the_lower_right_the_newest_lowest():
    old, new = places(ROOM, [QSize(400, 80), QSize(400, 60)], [])
    assert new.bottomRight() == ROOM.bottomRight()
    assert old.bottom() == new.top() - 1 - GAP_PX
    assert old.right() == new.right()


def test_banners_keep_clear_of_what_stands_there_and_of_each_other():
    taken = [QRect(500, 540, 214, 74), QRect(640, 14, 74, 300), QRect(14, 300, 200, 300)]
    found = places(ROOM, [QSize(400, 60)] * 2, taken)
    assert not any(box.intersects(one) for box in found for one in taken)
    assert not found[0].intersects(found[1])
    assert all(ROOM.contains(box) for box in found)


def test_a_banner_stays_in_its_room_where_nothing_is_free():
    (box,) = places(ROOM, [QSize(400, 60)], [QRect(0, 0, 800, 700)])
    assert ROOM.contains(box)


def test_no_banner_covers_anything_that_floats_over_the_city(window):
    for name in "abc":
        say(window, "error", name)
    spin(seconds=0.3)
    canvas = window.context.canvas
    pieces = [canvas.compass, canvas.buttons, canvas.legend, canvas.badge]
    boxes = [QRect(one.mapToGlobal(QPoint(0, 0)), one.size()) for one in (*pieces, *banners(window)) if one.isVisible()]
    assert not [(a, b) for at, a in enumerate(boxes) for b in boxes[at + 1 :] if a.intersects(b)]


def test_a_message_fades_and_goes_by_itself_and_an_error_stays(window, monkeypatch):
    monkeypatch.setattr(notices, "STAYS_MS", {"info": 50, "caution": 50, "error": 0, "fault": 0})
    say(window)
    say(window, "error")
    first = banners(window)[0]
    assert spin(lambda: first.graphicsEffect() is not None and not first.is_waiting, 3), "it fades"
    assert spin(lambda: len(banners(window)) == 1, 3)
    assert banners(window)[0].notice.level == "error"
    spin(seconds=0.6)
    assert banners(window)
    shut = [one for one in banners(window)[0].findChildren(QToolButton) if one.accessibleName() == "关闭"]
    QTest.mouseClick(shut[0], Qt.MouseButton.LeftButton)
    assert not banners(window)


def test_a_message_waits_while_the_cursor_is_on_it(window, monkeypatch):
    monkeypatch.setattr(notices, "STAYS_MS", {"info": 300, "caution": 300, "error": 0, "fault": 0})
    monkeypatch.setattr(notices, "AFTER_HOVER_MS", 100)
    say(window)
    (banner,) = banners(window)
    banner.enterEvent(_enter())
    spin(seconds=0.8)
    assert banners(window) == [banner]
    assert banner.graphicsEffect() is None, "it is whole while it is read"
    banner.leaveEvent(QEvent(QEvent.Type.Leave))
    assert spin(lambda: not banners(window), 3)


def _enter():
    return QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5))


def test_at_most_three_are_shown_and_errors_are_the_last_to_give_way(window):
    for name in "abc":
        say(window, "error" if name == "a" else "caution", name)
    say(window, "caution", "d")
    assert len(banners(window)) == 3 or len({one.notice.level for one in banners(window)}) == 2
    assert "error" in {one.notice.level for one in banners(window)}


def test_the_bell_counts_what_was_not_seen_and_opens_the_list(window):
    bell = window.context.status.bell
    assert bell.text() == ""
    say(window)
    say(window, "error")
    assert bell.text() == "2"
    QTest.mouseClick(bell, Qt.MouseButton.LeftButton)
    assert spin(lambda: window.context.docks["messages"].is_on_top, 3)
    assert spin(lambda: window.features["messages"].panel.list.count() == 2, 3)
    assert bell.text() == ""
    say(window, "error", "b")
    assert bell.text() == "", "who has the list open sees it there"
