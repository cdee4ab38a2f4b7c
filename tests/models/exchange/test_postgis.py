"""A database as a meeting place: no package is passed over, however late it is committed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.core.errors import UserError
from models.exchange.divisions import Party
from models.exchange.records import Package, Version
from models.io.exchange.files import as_json
from models.store.exchange.postgis import PostgisPlace

_BIN = next((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), None)


def _as_postgres(*words: str) -> None:
    before = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*before, *words], check=True, capture_output=True, timeout=60, cwd="/")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Start a server of its own that listens on a socket in its folder only."""
    if _BIN is None or (os.geteuid() == 0 and shutil.which("runuser") is None):
        pytest.skip("no PostgreSQL server on this machine")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        _as_postgres(str(_BIN / "initdb"), "-D", str(folder / "data"), "-U", "tester", "-A", "trust", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        _as_postgres(
            str(_BIN / "pg_ctl"), "-D", str(folder / "data"), "-o", options, "-l", str(folder / "log"), "-w", "start"
        )
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start: {error}")
    yield f"postgresql://tester@/postgres?host={folder}"
    _as_postgres(str(_BIN / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def package(number: int) -> Package:
    version = Version("cases", f"case {number}", {"state": "立案"}, time_us=number, sender="370102")
    return Package(Party("370102", "历下"), number, "", {}, {"cases": "taskNum"}, (version,))


def test_a_package_lies_there_once_and_is_read_as_it_was(address: str) -> None:
    one, other = PostgisPlace(address), PostgisPlace(address)
    assert one.put(package(1))
    assert not other.put(package(1))
    assert other.get(package(1).hash) == package(1)
    assert package(1).hash in one.names()
    with pytest.raises(UserError):
        one.get("0" * 32)
    one.close()
    other.close()


def test_a_package_that_is_committed_late_is_not_missed(address: str) -> None:
    import psycopg

    place = PostgisPlace(address)
    late, early = package(10), package(11)
    with psycopg.connect(address) as slow:
        slow.execute(
            "INSERT INTO chengjing_exchange (name, sender, made, content) VALUES (%s, %s, now(), %s)",
            (late.hash, "370102", as_json(late)),
        )  # begun first, committed last
        place.put(early)
        seen = place.news()
        assert early.hash in seen
        assert late.hash not in seen
        slow.commit()
    assert late.hash in place.news()
    place.close()


def test_a_database_that_is_not_there_is_said() -> None:
    with pytest.raises(UserError, match=r"exchange\.no_database"):
        PostgisPlace("postgresql://nobody@/none?host=/tmp/there-is-none")
