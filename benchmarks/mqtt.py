"""Messages by MQTT from a real broker on loopback, with kills: is each that the broker took in the store once?

Publisher, broker (mosquitto) and program are a process each. While messages come, the program is killed (SIGKILL)
twice, the broker is ended once and started again, and the disk is full once: the limit on the size of the program's
files (``RLIMIT_FSIZE``) is set to 4 KB for a while, so that every write beyond fails; no file system is needed.
Each message holds its own number and moment, so that what is in the store can be counted and added up exactly.

The broker keeps its queue on disk (``persistence``), at most ``max_queued_messages`` (written below) for a session. It
is ended by SIGTERM, upon which it writes its queue; with ``--broker-signal KILL`` it may lose what it had acknowledged
to the publisher and not yet handed on, and the count says how many: that is the broker's doing.

Run: ``python benchmarks/mqtt.py --rate 5000 --minutes 10 [--json]``
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SENSORS = 50_000
QUEUED = 5_000_000
BASE_US = 1_788_000_000_000_000


def main() -> int:
    """Run, or publish where the first argument says so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=5000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--broker-signal", choices=("TERM", "KILL"), default="TERM")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--publish", nargs=2, metavar=("PORT", "OUT"))
    arguments = parser.parse_args()
    if arguments.publish:
        return publish(int(arguments.publish[0]), Path(arguments.publish[1]), arguments.rate, arguments.minutes * 60)
    folder = Path(tempfile.mkdtemp(prefix="chengjing-mqtt-"))
    try:
        report = run(folder, arguments.rate, arguments.minutes * 60, arguments.broker_signal)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=None if arguments.json else 1))
    return 0 if report["missing"] == 0 and report["sum_fits"] else 1


def publish(port: int, out: Path, rate: float, seconds: float) -> int:
    """Publish numbers at a rate until the time is over and the broker has acknowledged all."""
    import paho.mqtt.client as paho

    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "publisher")
    client.max_inflight_messages_set(1000)
    client.reconnect_delay_set(1, 1)
    acknowledged = 0

    def on_publish(*_: object) -> None:
        nonlocal acknowledged
        acknowledged += 1

    client.on_publish = on_publish
    client.connect("127.0.0.1", port)
    client.loop_start()
    started, number = time.monotonic(), 0
    while (elapsed := time.monotonic() - started) < seconds:
        due = int(elapsed * rate)
        # no more than the broker can take: what waits here would be the publisher's memory, not the broker's queue
        while number < due and number - acknowledged < 20_000:
            payload = b'{"value": %d, "time": %d}' % (number, BASE_US + number)
            client.publish(f"city/D{number % SENSORS}/level", payload, qos=1)
            number += 1
        time.sleep(0.005)
    spent = time.monotonic() - started
    while acknowledged < number:
        time.sleep(0.05)
    out.write_text(json.dumps({"published": number, "seconds": spent, "cpu_s": time.process_time()}))
    client.disconnect()
    client.loop_stop()
    return 0


class Broker:
    """mosquitto on a free port of loopback."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.config = folder / "mosquitto.conf"
        data = folder / "broker"
        data.mkdir()
        user = "user root\n" if os.getuid() == 0 else ""
        self.config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\n{user}"
            f"persistence true\npersistence_location {data}/\n"
            f"max_queued_messages {QUEUED}\nautosave_interval 60\n"
        )
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self.process = subprocess.Popen(
            [program, "-c", str(self.config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.05)
        raise RuntimeError("the broker does not answer")

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it."""
        self.process.send_signal(number)
        self.process.wait(60)


class Program:
    """``live run`` as a process."""

    def __init__(self, project: Path, home: Path) -> None:
        environment = {**os.environ, "CHENGJING_HOME": str(home), "PYTHONPATH": str(ROOT)}
        self.errors = (home / "stderr.txt").open("a")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "live", "run", str(project), "--every", "1s", "--trust"],
            env=environment, stdout=subprocess.PIPE, stderr=self.errors, text=True, cwd=home,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.process.stdout.readline()  # the first state: it is there
        os.set_blocking(self.process.stdout.fileno(), False)

    def memory_mb(self) -> float:
        """Return resident memory."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def fill_disk(self, is_full: bool) -> None:
        """Let every write beyond 4 KB fail, or none."""
        hard = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (4096 if is_full else hard, hard))

    def lines(self) -> str:
        """Return what it said since."""
        try:
            return (self.process.stdout.read() if self.process.stdout else "") or ""
        except (OSError, TypeError):
            return ""

    def end(self, number: int) -> None:
        """End it."""
        self.process.send_signal(number)
        self.lines()
        self.process.wait(120)
        self.errors.close()


def make_project(path: Path, port: int) -> None:
    """Save a project that has one source."""
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.project import opening
    from app.usecases.readings import feeds
    from models.readings.source import LiveSource

    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=path.parent / "cache")
    feeds.put_source(
        session, LiveSource("s", "loopback", "mqtt", f"mqtt://127.0.0.1:{port}", ("city/{sensor}/{quantity}",))
    )
    opening.save_project(session, path)
    session.close()


def run(folder: Path, rate: float, seconds: float, broker_signal: str) -> dict[str, object]:
    """Publish, kill, count."""
    from models.store.readings.store import ReadingStore

    home, project, out = folder / "home", folder / "city.gpkg", folder / "published.json"
    home.mkdir()
    broker = Broker(folder)
    make_project(project, broker.port)
    program = Program(project, home)
    publisher = subprocess.Popen([
        sys.executable, __file__, "--publish", str(broker.port), str(out), "--rate", str(rate),
        "--minutes", str(seconds / 60),
    ])  # fmt: skip
    started, done, memory, said, speaks = time.monotonic(), set[str](), [], "", False
    plan = [(0.15, "kill"), (0.3, "fill"), (0.45, "empty"), (0.55, "broker"), (0.75, "kill again")]
    while publisher.poll() is None:
        time.sleep(min(1.0, seconds / 60))
        heard = program.lines()
        said, speaks = said + heard, speaks or bool(heard)
        share = (time.monotonic() - started) / seconds
        memory.append(program.memory_mb())
        for at, what in plan:
            if (
                share < at
                or what in done
                or (what == "fill" and not speaks)
                or (what == "empty" and "fill" not in done)
            ):
                continue
            done.add(what)
            if what.startswith("kill"):
                program.end(signal.SIGKILL)
                program, speaks = Program(project, home), False
            elif what == "broker":
                broker.end(signal.SIGKILL if broker_signal == "KILL" else signal.SIGTERM)
                time.sleep(1.0)
                broker.start()
            else:
                program.fill_disk(what == "fill")
    if "fill" in done and "empty" not in done:
        program.fill_disk(False)
        done.add("empty")
    told = json.loads(out.read_text())
    published, count, total, rounds = told["published"], 0, 0.0, 0
    while rounds < 4 and count < published:  # what waits at the broker is fetched
        rounds += 1
        time.sleep(3.0)
        memory.append(program.memory_mb())
        program.end(signal.SIGINT)
        with ReadingStore.open(folder / "city.readings") as store:
            count = store.count()
            batches = store.scan(BASE_US, BASE_US + published + 1)
            total = float(sum(batch.value.sum() for batch in batches))
        if count < published and rounds < 4:
            program = Program(project, home)
    broker.end()
    from models.store.readings.journal import Journal

    journal = Journal(folder / "city.readings" / "journal.sqlite")
    left = journal.waiting
    journal.close()
    size = sum(file.stat().st_size for file in (folder / "city.readings").iterdir() if "journal" not in file.name)
    return {
        "asked_rate": rate, "reached_rate": round(published / told["seconds"]), "seconds": round(told["seconds"], 1),
        "published": published, "in_store": count, "missing": published - count,
        "sum_fits": total == published * (published - 1) / 2,
        "left_in_journal": left, "rounds": rounds, "events": sorted(done), "broker_signal": broker_signal,
        "max_queued_messages": QUEUED, "paused_was_said": "paused" in said.lower() or "暂停" in said,
        "memory_mb": [round(memory[int(at * (len(memory) - 1))]) for at in (0.05, 0.5, 1)] if memory else [],
        "publisher_cpu_share": round(told["cpu_s"] / told["seconds"], 2),
        "store_bytes_a_reading": round(size / max(1, count), 1),
        "stderr": (home / "stderr.txt").read_text()[-600:],
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
