"""Break IFC files on purpose and see that the reader takes it: no death, no hang, a name for every failure.

Run: ``python tools/fuzz_ifc.py SEED.ifc … --count 2000 --processes 2 [--stage parse|place|whole] [--limit 30]``.
Mutants are made from the seeds by number, so that ``--only 137`` makes the very same file again (``--keep FOLDER``
writes it). Each is read in a process that a watchdog kills after the limit: see ``tools/fuzz_reading.py`` for what the
stages do. ``whole`` is all that the app does but for drawing; a death there would be the app's. The last lines sum up;
the exit status is 1 where something was not named.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, cast

ROOT = Path(__file__).resolve().parents[1]
_NUMBERS = (
    b"1E308",
    b"-1E308",
    b"1E999",
    b"NAN",
    b"INF",
    b"99999999999999999999",
    b"-1",
    b"0.",
    b"1E-300",
    b"2147483648",
)
_STATEMENT = re.compile(rb"#\d+\s*=[^;]*;")

Mutation = Callable[[bytes, random.Random], bytes]


def _flip(data: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 4, 32, 256))):
        out[dice.randrange(len(out))] = dice.randrange(256)
    return bytes(out)


def _lines(data: bytes, dice: random.Random) -> bytes:
    lines = data.split(b"\n")
    for _ in range(dice.choice((1, 3, 30))):
        at, other = dice.randrange(len(lines)), dice.randrange(len(lines))
        match dice.choice(("drop", "double", "swap")):
            case "drop":
                lines[at] = b""
            case "double":
                lines.insert(at, lines[other])
            case _:
                lines[at], lines[other] = lines[other], lines[at]
    return b"\n".join(lines)


def _numbers(data: bytes, dice: random.Random) -> bytes:
    share = dice.choice((0.001, 0.02, 0.3))
    return re.sub(
        rb"(?<=[(,])-?\d+\.?\d*(?:E[-+]?\d+)?(?=[,)])",
        lambda match: dice.choice(_NUMBERS) if dice.random() < share else match.group(0), data,
    )  # fmt: skip


def _references(data: bytes, dice: random.Random) -> bytes:
    """Point references elsewhere: to themselves, to nothing, in circles."""
    ids = re.findall(rb"#\d+(?=\s*=)", data) or [b"#1"]
    share = dice.choice((0.0005, 0.01, 0.2))

    def turned(match: re.Match[bytes]) -> bytes:
        return dice.choice((*ids[:40], dice.choice(ids), b"#999999999")) if dice.random() < share else match.group(0)

    return re.sub(rb"(?<=[(,])#\d+(?=[,)])", turned, data)


def _circles(data: bytes, dice: random.Random) -> bytes:
    """Placements, aggregations and mapped items that lead back to themselves."""
    ids: dict[bytes, list[bytes]] = {}
    for key, name in re.findall(rb"(#\d+)\s*=\s*(IFC\w+)", data):
        ids.setdefault(name, []).append(key)

    def turned(match: re.Match[bytes]) -> bytes:
        return match.group(1) + dice.choice(ids[match.group(2)]) + match.group(4)

    data = re.sub(rb"(#\d+\s*=\s*(IFCLOCALPLACEMENT)\()(#\d+|\$)(,)", turned, data)
    products = [
        key for name in (b"IFCBUILDING", b"IFCBUILDINGSTOREY", b"IFCSITE", b"IFCSPACE") for key in ids.get(name, ())
    ]
    if products:
        data = re.sub(
            rb"(IFCRELAGGREGATES\([^;]*?),#\d+,\(#\d+",
            lambda match: match.group(1) + b"," + dice.choice(products) + b",(" + dice.choice(products), data,
        )  # fmt: skip
    return data


def _deep(data: bytes, dice: random.Random) -> bytes:
    depth = dice.choice((50, 500, 50_000))
    return data.replace(b"(0.,0.", b"(" * depth + b"0." + b")" * depth + b",(0.,0.", dice.choice((1, 5)))


def _nested(data: bytes, dice: random.Random) -> bytes:
    """A tower of placements and of aggregations, hundreds deep."""
    depth, first = dice.choice((100, 1000, 5000)), 90_000_000
    chain = [b"#%d=IFCLOCALPLACEMENT(#%d,$);" % (first + i, first + i + 1) for i in range(depth)]
    chain.append(b"#%d=IFCLOCALPLACEMENT($,$);" % (first + depth))
    data = re.sub(rb"(IFCLOCALPLACEMENT\()\$,", rb"\g<1>#%d," % first, data)
    return data.replace(b"ENDSEC;\nEND-ISO", b"\n".join(chain) + b"\nENDSEC;\nEND-ISO")


def _cut(data: bytes, dice: random.Random) -> bytes:
    end = dice.randrange(len(data))
    return data[:end] + dice.choice((b"", b"\nENDSEC;\nEND-ISO-10303-21;\n", b"'", b"/*", bytes(5000)))


def _types(data: bytes, dice: random.Random) -> bytes:
    """Text where numbers belong, numbers where text belongs, lists, enumerations, nothing at all."""
    values = (
        b"$",
        b"*",
        b"'x'",
        b"7",
        b"3.5",
        b".T.",
        b".NOSUCH.",
        b"()",
        b"(())",
        b"#1",
        b"IFCLABEL('x')",
        b"IFCREAL(1.)",
        b'"0F"',
    )
    share = dice.choice((0.001, 0.02, 0.2))
    return re.sub(
        rb"(?<=[(,])[^(),;']+(?=[,)])",
        lambda match: dice.choice(values) if dice.random() < share else match.group(0), data,
    )  # fmt: skip


def _classes(data: bytes, dice: random.Random) -> bytes:
    names = list(dict.fromkeys(re.findall(rb"IFC[A-Z0-9]+(?=\()", data))) or [b"IFCWALL"]
    share = dice.choice((0.002, 0.05))
    return re.sub(
        rb"(?<==)\s*IFC[A-Z0-9]+(?=\()",
        lambda match: dice.choice((*names, b"IFCNOSUCHCLASS")) if dice.random() < share else match.group(0), data,
    )  # fmt: skip


_ODD_NAMES = (
    "中文名称".encode("gbk"), "構造".encode("cp932"), "é".encode("latin-1"), b"\xff\xfe\x00\xd8", b"\\X2\\4E",
    b"\\X2\\D800\\X0\\", b"\\X4\\FFFFFFFF\\X0\\", b"\\S\\", b"\\", b"''", b"'", b"\x00", b"\\PZ\\", b"C:\\new\\x",
    b"\\X0\\", b"\\X2\\\\X0\\",
)  # fmt: skip
_LABELS = (
    b"IFC4X3_RC1", b"IFC4X3_RC2", b"IFC4X3", b"ifc4x1", b"IFC2X_FINAL", b"IFC4RC4", b"", b"IFC9", b"IFC 2x3 ", b"AP203",
    b"IFC3X2",
)  # fmt: skip


def _encodings(data: bytes, dice: random.Random) -> bytes:
    share = dice.choice((0.01, 0.2))

    def odd(match: re.Match[bytes]) -> bytes:
        return dice.choice(_ODD_NAMES) if dice.random() < share else match.group(0)

    return re.sub(rb"(?<=')[^'\n]{1,60}(?=')", odd, data)


def _header(data: bytes, dice: random.Random) -> bytes:
    match dice.choice(("label", "none", "comment", "twice", "crlf", "bom", "utf16")):
        case "label":
            return re.sub(
                rb"FILE_SCHEMA\s*\(\('[^']*'", lambda _: b"FILE_SCHEMA\n((  '" + dice.choice(_LABELS) + b"'", data
            )
        case "none":
            return re.sub(rb"FILE_SCHEMA[^;]*;", b"", data)
        case "comment":
            return data.replace(b"FILE_SCHEMA", b"/* FILE_SCHEMA(('IFC2X3')); */ FILE_SCHEMA /* '*/")
        case "twice":
            return data + data
        case "crlf":
            return data.replace(b"\n", dice.choice((b"\r\n", b"\r", b"", b"\n\n\n")))
        case "bom":
            return b"\xef\xbb\xbf" + data
    return data.decode("latin-1").encode("utf-16")


MUTATIONS: dict[str, Mutation] = {
    "flip": _flip, "lines": _lines, "numbers": _numbers, "references": _references, "circles": _circles, "deep": _deep,
    "nested": _nested, "cut": _cut, "types": _types, "classes": _classes, "encodings": _encodings, "header": _header,
}  # fmt: skip


def mutant(seeds: Sequence[bytes], number: int) -> tuple[str, bytes]:
    """Return what was done, and the bytes, of the mutant with this number: always the same ones."""
    dice = random.Random(number)
    data = seeds[number % len(seeds)]
    names = [list(MUTATIONS)[number // len(seeds) % len(MUTATIONS)]]
    if dice.random() < 0.3:
        names.append(dice.choice(list(MUTATIONS)))
    for name in names:
        data = MUTATIONS[name](data, dice) or b" "
    return "+".join(names), data


# ------------------------------------------------------------------------------------------------ the runner


class Child:
    """A reading process that can be killed and comes back.

    Parameters
    ----------
    stage : str
    limit_s : float
    """

    def __init__(self, stage: str, limit_s: float) -> None:
        self._stage, self._limit_s = stage, limit_s
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-X", "utf8", str(ROOT / "tools" / "fuzz_reading.py"), self._stage], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
        )  # fmt: skip
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process.stdout, self._answers), daemon=True).start()
        self._answers.get(timeout=120)

    @staticmethod
    def _listen(stream: Any, answers: queue.Queue[str]) -> None:
        for line in stream:
            answers.put(line)
        answers.put("")

    def read(self, path: Path) -> dict[str, Any]:
        """Return the answer, ``{"death": signal}`` or ``{"hang": limit}``."""
        with contextlib.suppress(OSError):
            stdin = cast("IO[str]", self._process.stdin)
            stdin.write(f"{path}\n")
            stdin.flush()
        try:
            line = self._answers.get(timeout=self._limit_s)
        except queue.Empty:
            self.close()
            self._start()
            return {"hang": self._limit_s}
        if not line:
            status = self._process.wait()
            self._start()
            return {"death": status}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def run(
    seeds: Sequence[bytes], numbers: Sequence[int], stage: str, limit_s: float, processes: int
) -> list[dict[str, Any]]:
    """Read mutants; return one row each with ``number``, ``how``, ``seconds`` and the answer."""
    rows: list[dict[str, Any]] = []
    left: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in numbers:
        left.put(number)

    def work() -> None:
        child = Child(stage, limit_s)
        with tempfile.TemporaryDirectory(prefix="chengjing_fuzz_") as folder:
            path = Path(folder) / "mutant.ifc"
            while True:
                try:
                    number = left.get_nowait()
                except queue.Empty:
                    break
                how, data = mutant(seeds, number)
                path.write_bytes(data)
                started = time.perf_counter()
                answer = child.read(path)
                rows.append({"number": number, "how": how, "seconds": time.perf_counter() - started, **answer})
        child.close()

    threads = [threading.Thread(target=work) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(rows, key=lambda row: row["number"])


def _where(row: dict[str, Any]) -> str:
    """Return where in our code it happened, and what."""
    if "fault" not in row:
        return f"death, status {row['death']}" if "death" in row else "hang"
    lines = row["fault"].strip().splitlines()
    ours = [line.strip() for line in lines if "/models/" in line] or [""]
    return f"{ours[-1].replace(str(ROOT) + '/', '')}: {lines[-1][:100]}"


def main() -> int:
    """Return 0 where every mutant was read or refused by name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--only", type=int)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--stage", choices=("parse", "place", "whole"), default="whole")
    parser.add_argument("--limit", type=float, default=30.0)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    seeds = [path.read_bytes() for path in arguments.seeds]
    numbers = (
        [arguments.only] if arguments.only is not None else range(arguments.start, arguments.start + arguments.count)
    )
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        for number in numbers:
            (arguments.keep / f"{number}.ifc").write_bytes(mutant(seeds, number)[1])
        return 0
    rows = run(seeds, numbers, arguments.stage, arguments.limit, arguments.processes)
    bad = [row for row in rows if not row.get("ok") and "code" not in row]
    groups: dict[str, list[int]] = {}
    for row in bad:
        groups.setdefault(_where(row), []).append(row["number"])
    for where, found in sorted(groups.items(), key=lambda item: -len(item[1])):
        print(f"{len(found)} × {where}: mutants {found[:6]}")
    ends = Counter(
        row.get("code") or next(key for key in ("ok", "fault", "death", "hang") if key in row) for row in rows
    )
    print(f"{len(rows)} mutants, slowest {max(row['seconds'] for row in rows):.1f} s: {dict(ends.most_common())}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
