"""Servers that tests start for themselves: a PostGIS cluster in a folder, and small web services."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


def postgres_folder() -> Path | None:
    """Return where the newest PostgreSQL with PostGIS has its programs, None if there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    share = Path("/usr/share/postgresql")
    fit = [one.parent for one in found if (share / one.parts[-3] / "extension" / "postgis.control").exists()]
    return fit[0] if fit else None


@contextlib.contextmanager
def postgis(folder: Path) -> Iterator[int]:
    """Run a fresh cluster with PostGIS on a free port of this machine; user and database are ``city``."""
    programs = postgres_folder()
    assert programs is not None
    data = folder / "cluster"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    prefix: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        owner = pwd.getpwnam("postgres")
        for one in (folder, *folder.parents):
            if one == Path("/tmp"):
                break
            one.chmod(one.stat().st_mode | 0o055)
        data.mkdir()
        os.chown(data, owner.pw_uid, owner.pw_gid)
        prefix = ["runuser", "-u", "postgres", "--"]

    def run(*words: str) -> None:
        subprocess.run([*prefix, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    run(str(programs / "initdb"), "-D", str(data), "-U", "city", "-A", "trust", "-E", "UTF8", "--no-sync")
    with (data / "pg_hba.conf").open("a") as file:
        file.write("host secret all 127.0.0.1/32 scram-sha-256\n")
    text = (data / "pg_hba.conf").read_text().splitlines()
    (data / "pg_hba.conf").write_text("\n".join([text[-1], *text[:-1]]) + "\n")
    run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(data / "log"), "-o",
        f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off", "start")  # fmt: skip
    try:
        run(str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "city", "city")
        run(str(programs / "psql"), "-h", "127.0.0.1", "-p", str(port), "-U", "city", "-c",
            "CREATE EXTENSION postgis", "city")  # fmt: skip
        yield port
    finally:
        run(str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(data, ignore_errors=True)


#: From path and query to (status, headers, body).
Answer = Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]]


@contextlib.contextmanager
def web(answer: Answer) -> Iterator[str]:
    """Run a web server and give its address; query names come in lower case."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name.lower(): values[-1] for name, values in parse_qs(parts.query).items()}
            status, headers, body = answer(parts.path, query)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def as_json(document: object, status: int = 200) -> tuple[int, dict[str, str], bytes]:
    """Return an answer in JSON."""
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()
