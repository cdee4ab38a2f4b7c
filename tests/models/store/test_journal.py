"""The journal of messages: what it acknowledges it holds, whatever happens then."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from models.core.errors import UserError
from models.readings.messages.message import Message
from models.store.readings.journal import Journal
from tests.support.paths import ROOT


def some(count, first=0):
    return [Message("s", f"city/{n}/level", b'{"value": 1}', n) for n in range(first, first + count)]


def fill(journal, payload):
    for n in range(100):
        journal.write([Message("s", "t", payload, n)])


def test_messages_stay_in_their_order_until_they_are_done_and_numbers_are_never_used_again(tmp_path):
    journal = Journal(tmp_path / "j.sqlite")
    assert journal.write(some(3), {("s", "page"): "7"}) == 3
    assert [message for _, message in journal.after(0)] == some(3)
    assert journal.after(1, 1)[0][0] == 2
    journal.done(3)
    journal.close()
    again = Journal(tmp_path / "j.sqlite")
    assert (again.waiting, again.after(0), again.mark("s", "page"), again.mark("s", "x")) == (0, [], "7", "")
    assert again.write(some(1)) == 4
    again.close()


def test_what_was_committed_outlives_a_process_that_is_killed(tmp_path):
    path = tmp_path / "j.sqlite"
    code = f"""
    import sys
    sys.path.insert(0, {str(ROOT)!r})
    from pathlib import Path
    from models.readings.messages.message import Message
    from models.store.readings.journal import Journal
    journal = Journal(Path({str(path)!r}))
    for n in range(10**9):
        journal.write([Message("s", "t", b"x", n)])
        print(n, flush=True)
    """
    child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    acknowledged = [int(child.stdout.readline()) for _ in range(20)]
    os.kill(child.pid, signal.SIGKILL)
    acknowledged += [int(line) for line in child.communicate()[0].split() if line.isdigit()]
    journal = Journal(path)
    kept = [message.received_us for _, message in journal.after(0, 10**6)]
    journal.close()
    assert kept[: len(acknowledged)] == acknowledged


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are of POSIX")
def test_a_full_disk_refuses_the_whole_batch_and_it_goes_on_when_there_is_space(tmp_path):
    import resource

    journal = Journal(tmp_path / "j.sqlite")
    journal.write(some(10))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        with pytest.raises(UserError) as full:
            fill(journal, b"x" * 20_000)
        assert full.value.code == "journal.full"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    held = journal.waiting
    assert held == len(journal.after(0)) >= 10
    journal.write(some(5, 100))
    assert journal.waiting == held + 5 == len(journal.after(0))
    journal.close()


def test_a_journal_that_holds_as_much_as_it_may_refuses_until_something_is_taken_out(tmp_path):
    journal = Journal(tmp_path / "j.sqlite", most_bytes=100_000)
    with pytest.raises(UserError) as full:
        fill(journal, b"x" * 10_000)
    assert full.value.code == "journal.full"
    last = journal.after(0)[-1][0]
    journal.done(last)
    assert journal.write(some(1)) == last + 1
    journal.close()


def test_a_file_that_is_no_journal_is_named(tmp_path):
    path = tmp_path / "j.sqlite"
    path.write_bytes(b"not a database, but long enough to be looked at" * 40)
    with pytest.raises(UserError) as told:
        Journal(path)
    assert told.value.code == "journal.damaged"


def test_a_journal_of_a_later_version_is_left_alone(tmp_path):
    path = tmp_path / "j.sqlite"
    base = sqlite3.connect(path)
    base.execute("PRAGMA user_version=99")
    base.close()
    with pytest.raises(UserError) as told:
        Journal(path)
    assert told.value.code == "journal.later"
