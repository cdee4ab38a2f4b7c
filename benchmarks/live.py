"""From message to colour array: 200,000 facilities, 50,000 sensors, 5,000 messages a second.

Messages of 100 ms (500) are committed to the journal, read, understood, put into the live table, and the colours of
all facilities made, as the window does it; what a frame takes beyond that is the scene's. Printed: median and 95th
percentile of the time for one such batch, of processor time too, and memory at the start, in the middle and at the end.

Run: ``python benchmarks/live.py [--batches 600]``
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SENSORS, FACILITIES, BATCH = 50_000, 200_000, 500


def main() -> None:
    """Measure."""
    from models.project.selection import ObjectKey
    from models.readings.channel import Channel
    from models.readings.live_table import LiveTable
    from models.readings.messages.channels import Channels
    from models.readings.messages.decoding import Decoder
    from models.readings.messages.message import Message
    from models.readings.source import LiveSource
    from models.store.readings.journal import Journal
    from models.timeline.city_state import Places, city_state
    from viewers.render.symbology.moment_colours import with_moment

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=600)
    batches = parser.parse_args().batches
    source = LiveSource("s", "s", "mqtt", "mqtt://h", ("city/{sensor}/{quantity}",))
    known = [Channel(n, f"D{n}", "level", "m") for n in range(SENSORS)]
    channels, decoder, table = Channels(known, lambda _: []), Decoder(source), LiveTable()
    oids = np.arange(FACILITIES, dtype=np.int64)
    places = Places(known, {n: ObjectKey("a", 4 * n) for n in range(SENSORS)}, watched={"a": oids})
    base = oids, np.zeros((FACILITIES, 4), np.uint8)
    alarms = {ObjectKey("a", n): 1 + n % 3 for n in range(0, FACILITIES, 400)}
    walls, processor, memory, number = [], [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.sqlite")
        for batch in range(batches):
            now_us = time.time_ns() // 1_000
            ids = np.random.default_rng(batch).integers(0, SENSORS, BATCH)
            messages = [
                Message("s", f"city/D{n}/level", json.dumps({"value": batch, "time": now_us}).encode(), now_us)
                for n in ids
            ]
            wall, used = time.perf_counter(), time.process_time()
            journal.write(messages)
            rows = journal.after(number)
            number = rows[-1][0]
            readings = channels.batch(decoder.decode(message for _, message in rows), decoder.faults)
            table.put(readings)
            state = city_state(table, places, now_us + 1, alarms)
            colours = with_moment(base, state.layers["a"])
            assert colours is not None
            walls.append(time.perf_counter() - wall)
            processor.append(time.process_time() - used)
            journal.done(number)
            if batch in (batches // 20, batches // 2, batches - 1):
                memory.append(_memory_mb())
        journal.close()
    for name, found in (("wall", walls), ("processor", processor)):
        print(f"{name}: median {np.median(found) * 1e3:.1f} ms, 95 % {np.percentile(found, 95) * 1e3:.1f} ms")
    print("plus up to", 40 + 100, "ms of waiting for company (LINGER_S of the receiver, LEAST_S of the live city)")
    print("memory:", ", ".join(f"{one:.0f} MB" for one in memory))


def _memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
