"""Break review packages and open what is left: ``python tools/fuzz_package.py --count 1000``.

Half of the mutants are the bytes of a sound package, changed; half are archives written anew with something wrong in
them: names that lead out, links, devices, bombs, names twice, sizes and hashes that lie, manifests that lie. Each is
verified and unpacked. Counted are escapes (anything that is written outside the folder, or
stays when the package is refused), deaths (anything but a :class:`UserError`), and what was let through.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import io
import json
import random
import stat
import struct
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from models.core.errors import UserError
from models.delivery import archive
from models.delivery.manifest import MANIFEST, PROJECT, Manifest

Members = list[tuple[zipfile.ZipInfo, bytes]]

EVIL_NAMES = (
    "../escaped.txt", "../../escaped.txt", "/etc/escaped.txt", "//server/share/a", "C:/escaped.txt", "C:escaped.txt",
    "..\\escaped.txt", "sources\\..\\..\\escaped.txt", "a\x00b.txt", "a\nb.txt", "con.txt", "sources/NUL",
    "aux", "LPT1.gpkg", "sources/a.", "sources/a ", " a", ".hidden", "a/./b", "a/../../b", "a//b",
    "", ".", "..", "a:stream", "a|b", "a*", "a?",
    "\u202egpj.exe", "sources/\ufeffa", "PROJECT.GPKG", "Manifest.json", "project.gpkg/inside", "é" * 200,
    "/".join("d" * 3 for _ in range(40)), "x" * 300, "a\u0301.txt", "\ud800",
)  # fmt: skip


@dataclass
class Outcome:
    """What became of the mutants."""

    endings: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def sound_package(folder: Path) -> Path:
    """Return a small package that is as it should be."""
    project, note = folder / "project.bin", folder / "note.bin"
    project.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    note.write_bytes(b"dem" * 3000)
    package = folder / "sound.cjreview"
    archive.write(package, {PROJECT: project, "sources/01/dem.tif": note}, Manifest(name="城", counts={"layers": 1}))
    return package


def mutant(sound: bytes, number: int) -> tuple[str, bytes]:
    """Return one mutant and how it was made, always the same for a number."""
    chance = random.Random(number)
    name, make = MUTATIONS[number % len(MUTATIONS)]
    return name, make(sound, chance)


# --- bytes of a sound package, changed --------------------------------------------------------------------------------


def flipped(sound: bytes, chance: random.Random) -> bytes:
    """Change a few bytes anywhere."""
    raw = bytearray(sound)
    for _ in range(chance.randint(1, 8)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def flipped_list(sound: bytes, chance: random.Random) -> bytes:
    """Change bytes of the list of members and of its end."""
    raw = bytearray(sound)
    start = raw.find(b"PK\x01\x02")
    for _ in range(chance.randint(1, 6)):
        raw[chance.randrange(start, len(raw))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    return bytes(raw)


def flipped_heads(sound: bytes, chance: random.Random) -> bytes:
    """Change bytes of the heads before members."""
    raw = bytearray(sound)
    heads = [at for at in range(len(raw) - 30) if raw[at : at + 4] == b"PK\x03\x04"]
    for _ in range(chance.randint(1, 4)):
        raw[chance.choice(heads) + chance.randrange(30)] = chance.randrange(256)
    return bytes(raw)


def cut(sound: bytes, chance: random.Random) -> bytes:
    """Cut it short, or cut a piece out."""
    at = chance.randrange(len(sound))
    return sound[:at] if chance.random() < 0.5 else sound[:at] + sound[at + chance.randint(1, 400) :]


def surrounded(sound: bytes, chance: random.Random) -> bytes:
    """Put something before or behind it."""
    more = chance.randbytes(chance.randint(1, 3000))
    return more + sound if chance.random() < 0.5 else sound + more


def false_end(sound: bytes, chance: random.Random) -> bytes:
    """Let the end of the list claim other counts and places, with and without a record of 64 bits."""
    at = sound.rfind(b"PK\x05\x06")
    big = chance.choice((0, 1, 2, 0xFFFF, chance.randrange(0xFFFF)))
    size = chance.choice((0, 1, 0xFFFFFFFF, chance.randrange(0xFFFFFFFF)))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, big, big, size, chance.choice((0, size)), 0)
    if chance.random() < 0.5:
        count = chance.choice((0, 3, 2**40, 2**63))
        record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, chance.choice((9, 2**40)), at)
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, chance.choice((at, 2**50)), 1)
        return sound[:at] + record + locator + end
    return sound[:at] + end


# --- archives written anew --------------------------------------------------------------------------------------------


def _members(sound: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(sound)) as held:
        return [(info, held.read(info)) for info in held.infolist()]


def _packed(members: Members, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with contextlib.suppress(UserWarning), zipfile.ZipFile(out, "w") as fresh:
        fresh.comment = comment
        for info, content in members:
            new = zipfile.ZipInfo(info.filename, info.date_time)
            new.external_attr, new.compress_type, new.create_system = info.external_attr, info.compress_type, 3
            with contextlib.suppress(UnicodeEncodeError):
                fresh.writestr(new, content)
    return out.getvalue()


def _with_manifest(members: Members, told: Any) -> Members:
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    return [(info, raw if info.filename == MANIFEST else content) for info, content in members]


def _told(members: Members) -> dict[str, Any]:
    return dict(json.loads(next(content for info, content in members if info.filename == MANIFEST)))


def _row(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def evil_name(sound: bytes, chance: random.Random) -> bytes:
    """Add a member whose name leads out, in the archive, in the manifest, or in both."""
    members, name, content = _members(sound), chance.choice(EVIL_NAMES), b"escaped"
    how = chance.randrange(3)
    if how != 1:
        info = zipfile.ZipInfo("x" * max(len(name.encode("utf-8", "replace")), 1), (1980, 1, 1, 0, 0, 0))
        members.append((info, content))
    if how != 0:
        told = _told(members)
        told["members"].append(_row(name.encode("utf-8", "replace").decode(), content))
        members = _with_manifest(members, told)
    raw = _packed(members)
    if how != 1:  # the library mends names, so that the bytes are changed
        old = members[-1][0].filename.encode()
        new = name.encode("utf-8", "surrogatepass").ljust(len(old), b"_")[: len(old)]
        raw = raw.replace(old, new)
    return raw


def special(sound: bytes, chance: random.Random) -> bytes:
    """Make a member a link, a device, a folder, or mark it as encrypted."""
    members = _members(sound)
    info, content = members[chance.randrange(1, len(members))]
    kind = chance.choice((stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFDIR, stat.S_IFSOCK, 0xF000))
    info.external_attr = (kind | 0o777) << 16
    raw = bytearray(_packed([(one, b"/etc/passwd" if one is info else old) for one, old in members] if content else []))
    if chance.random() < 0.4:
        at = raw.rfind(b"PK\x01\x02")
        raw[at + 8] |= chance.choice((0x01, 0x20, 0x40))
    return bytes(raw)


def bomb(sound: bytes, chance: random.Random) -> bytes:
    """Add much of nothing: one large member, many small ones, one inside another, or several over the same bytes."""
    members, how = _members(sound), chance.randrange(4)
    told = _told(members)
    if how == 0:
        content = bytes(140 * 1024**2 if chance.random() < 0.05 else 4 * 1024**2)
        info = zipfile.ZipInfo("sources/02/zero.tif")
        info.compress_type = zipfile.ZIP_DEFLATED
        members.append((info, content))
        lie = chance.choice((len(content), 10, 2**40))
        told["members"].append(_row("sources/02/zero.tif", content[:10]) | {"size": lie})
        return _packed(_with_manifest(members, told))
    if how == 1:
        members += [(zipfile.ZipInfo(f"sources/{number}"), b"") for number in range(chance.choice((300, 2_000)))]
        return _packed(members)
    if how == 2:
        members.append((zipfile.ZipInfo("sources/inner.zip"), sound))
        told["members"].append(_row("sources/inner.zip", sound))
        return _packed(_with_manifest(members, told))
    raw = bytearray(_packed(members))
    places = [at for at in range(len(raw) - 46) if raw[at : at + 4] == b"PK\x01\x02"]
    first = raw[places[1] + 42 : places[1] + 46]
    raw[places[2] + 42 : places[2] + 46] = first
    return bytes(raw)


def twice(sound: bytes, chance: random.Random) -> bytes:
    """Let a name stand twice: the same, in capitals, or as the folder of another."""
    members = _members(sound)
    info, content = members[chance.randrange(len(members))]
    name = chance.choice((info.filename, info.filename.upper(), f"{info.filename}/x", info.filename.split("/")[0]))
    return _packed([*members, (zipfile.ZipInfo(name), chance.choice((content, b"other")))])


def lying(sound: bytes, chance: random.Random) -> bytes:
    """Let content, size or hash be another, or let a member be missing or too many."""
    members, how = _members(sound), chance.randrange(5)
    told = _told(members)
    row = chance.choice(told["members"])
    if how == 0:
        row["sha256"] = chance.choice((hashlib.sha256(b"x").hexdigest(), "0" * 64, "", "Z" * 64))
    elif how == 1:
        row["size"] = chance.choice((0, row["size"] + 1, -1, 2**60, 1.5, "9", None, True))
    elif how == 2:
        members = [(info, content) for info, content in members if info.filename != row["name"]]
    elif how == 3:
        members.append((zipfile.ZipInfo("sources/extra.tif"), b"extra"))
    else:
        members = [
            (info, content[:-1] + b"!" if info.filename == row["name"] else content) for info, content in members
        ]
    return _packed(_with_manifest(members, told))


def manifest_lies(sound: bytes, chance: random.Random) -> bytes:
    """Write a manifest that is no manifest: deep, huge, of other kinds, with names twice."""
    members = _members(sound)
    told = _told(members)
    key = chance.choice(sorted(told))
    odd: Any = chance.choice((None, 1, -1, "", "x" * 5_000, [], {}, [1], [[]], {"a": {}}, True, 2**70, [None] * 50))
    raw: bytes | dict[str, Any] = chance.choice((
        b"[" * 100_000, b'{"a":' * 50_000, b"", b"null", b"\xff\xfe", b"NaN", b"9" * 10_000, b" " * (9 * 1024**2),
        json.dumps(told).encode().replace(b"{", b'{"format": "chengjing-review", "format": "x",', 1),
        told | {key: odd}, told | {key: odd}, told | {key: odd},
        {name: value for name, value in told.items() if name != key},
    ))  # fmt: skip
    return _packed(_with_manifest(members, raw))


def odd_packing(sound: bytes, chance: random.Random) -> bytes:
    """Pack members by other means, with a comment, or with a damaged stream."""
    members = _members(sound)
    kind = chance.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    for info, _ in members:
        info.compress_type = kind
    raw = bytearray(_packed(members, chance.choice((b"", b"PK\x05\x06" * 20, chance.randbytes(500)))))
    if chance.random() < 0.5:
        at = raw.find(zlib.compress(b"")[:1])
        raw[max(at, 60) : max(at, 60) + 3] = b"\0\0\0"
    return bytes(raw)


MUTATIONS: tuple[tuple[str, Callable[[bytes, random.Random], bytes]], ...] = tuple(
    (one.__name__, one)
    for one in (
        flipped, evil_name, flipped_list, special, flipped_heads, bomb, cut, twice, surrounded, lying, false_end,
        manifest_lies, odd_packing, evil_name, lying, manifest_lies,
    )
)  # fmt: skip


def fuzz(count: int, folder: Path, seed: int = 0) -> Outcome:
    """Break so many packages in a folder and return what became of them."""
    outcome = Outcome()
    sound = sound_package(folder).read_bytes()
    for path in folder.iterdir():
        path.unlink()
    home, package = folder / "a" / "b" / "c", folder / "mutant.cjreview"
    home.mkdir(parents=True)
    for number in range(seed, seed + count):
        how, raw = mutant(sound, number)
        package.write_bytes(raw)
        before = _files(folder)
        target = home / "out"
        for work in (archive.differences, functools.partial(archive.unpack, folder=target)):
            try:
                work(package)
                ending = "sound" if raw == sound else "let through"
            except UserError as error:
                ending = error.code
            except BaseException as error:  # whatever it is
                ending = "death"
                outcome.wrong.append(f"{number} {how}: {type(error).__name__} {error}")
        outcome.endings[ending] += 1
        new = {path for path in _files(folder) - before if not path.is_relative_to(target)}
        if new:
            outcome.wrong.append(f"{number} {how}: wrote {sorted(map(str, new))}")
        if target.exists():
            if ending not in ("let through", "sound"):
                outcome.wrong.append(f"{number} {how}: left {target}")
            elif (strange := _strange(target)) or {p.name for p in target.rglob("*") if p.is_file()} - {
                MANIFEST, PROJECT, "dem.tif", "inner.zip", "zero.tif"
            }:  # fmt: skip
                outcome.wrong.append(f"{number} {how}: let through {strange}")
            _remove(target)
    return outcome


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def _strange(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())]


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()


def main() -> int:
    """Fuzz and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chengjing_fuzz_") as name:
        outcome = fuzz(arguments.count, Path(name), arguments.seed)
    for ending, count in outcome.endings.most_common():
        print(f"{count:6d}  {ending}")
    print("\n".join(outcome.wrong) or "0 escapes, 0 deaths")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
