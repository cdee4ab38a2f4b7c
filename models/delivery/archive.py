"""A review package as a ZIP archive: written always the same, read as a stranger's.

Invariants
----------
1. The same files give the same bytes: sorted, dated 1980, no names of users, the manifest first.
2. Nothing is unpacked before the whole list was looked at: names (:mod:`models.delivery.member_names`), kinds, sizes,
   places in the file; nothing lies under its final name before every hash was found right.
3. What is written is bounded by what the manifest says of a member, whatever the archive says; bytes are counted while
   they are unpacked.

The limits are those of archives that are opened as files (:mod:`models.io.common.archives`).
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from models.core.errors import UserError
from models.core.progress import Progress
from models.delivery import manifest as manifests
from models.delivery.manifest import MANIFEST, Manifest, Member
from models.delivery.member_names import collide, is_safe
from models.io.common.archives import MOST_BYTES, MOST_MEMBERS, MOST_RATIO, SMALL_BYTES
from models.store import atomic
from models.store.steady_files import STEADY_DATE
from models.store.whole_files import of_members

_BLOCK = 1 << 20
#: Files that are small already.
_PACKED = (
    ".jpg",
    ".jpeg",
    ".png",
    ".webp",
    ".zip",
    ".cjreview",
    ".mp4",
    ".docx",
    ".xlsx",
    ".pptx",
    ".glb",
    ".kmz",
    ".3tz",
)
#: Flags of encryption, strong encryption and hidden headers, and of data that is a patch.
_REFUSED_FLAGS = 0x1 | 0x20 | 0x40 | 0x2000
_END, _END64, _LOCATOR = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
#: What the list of an archive of so many members may take at the most, bytes.
_MOST_LIST_BYTES = MOST_MEMBERS * 1024
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, struct.error)


@dataclass(frozen=True, slots=True)
class Difference:
    """A file of a package that is not what the manifest says.

    Parameters
    ----------
    name : str
    what : str
        ``"missing"``, ``"extra"``, ``"size"``, ``"hash"``, ``"unread"``.
    """

    name: str
    what: str


def hashed(path: Path, name: str, progress: Progress | None = None) -> Member:
    """Return what a manifest says of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += len(block)
            if progress is not None:
                progress.step()
    return Member(name, size, digest.hexdigest())


def write(path: Path, files: Mapping[str, Path], manifest: Manifest, progress: Progress | None = None) -> Manifest:
    """Write a package, whole or not at all.

    Parameters
    ----------
    path : Path
    files : mapping of str to Path
        By name in the package.
    manifest : Manifest
        Without its members.
    progress : Progress, optional

    Returns
    -------
    Manifest
        With its members.

    Raises
    ------
    UserError
        As :func:`models.store.atomic.replacing`.
    """
    progress = progress or Progress()
    names = sorted(files)
    bad = next((name for name in names if not is_safe(name)), "") or collide([MANIFEST, *names])
    if bad:
        raise ValueError(bad)
    total = sum(file.stat().st_size for file in files.values()) or 1
    first = progress.part(0.0, 0.3)
    members, done = [], 0
    for name in names:
        first.step(done / total, "progress.package.hashing")
        members.append(hashed(files[name], name, progress))
        done += members[-1].size_bytes
    manifest = replace(manifest, members=tuple(members))
    second, done = progress.part(0.3, 1.0), 0
    with atomic.replacing(path, of_members((MANIFEST, *names))) as fresh, zipfile.ZipFile(fresh, "w") as archive:
        archive.writestr(_info(MANIFEST), manifests.written(manifest))
        for member in members:
            second.step(done / total, "progress.package.packing")
            _add(archive, files[member.name], member, progress)
            done += member.size_bytes
    return manifest


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, STEADY_DATE)
    info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
    info.compress_type = zipfile.ZIP_STORED if name.lower().endswith(_PACKED) else zipfile.ZIP_DEFLATED
    return info


def _add(archive: zipfile.ZipFile, file: Path, member: Member, progress: Progress) -> None:
    info, digest = _info(member.name), hashlib.sha256()
    info.file_size = member.size_bytes
    with file.open("rb") as source, archive.open(info, "w", force_zip64=member.size_bytes > 0xF0000000) as target:
        while block := source.read(_BLOCK):
            progress.step()
            digest.update(block)
            target.write(block)
    if digest.hexdigest() != member.sha256:  # somebody writes to the source while it is packed
        raise UserError("package.source_changed", file=file.name)


def differences(path: Path, progress: Progress | None = None) -> tuple[Manifest, list[Difference]]:
    """Look through a package without unpacking it.

    Returns
    -------
    Manifest
    list of Difference
        What is not as the manifest says; empty for a sound package.

    Raises
    ------
    UserError
        ``package.missing``, ``package.damaged`` for what is no package or cut short, ``package.unsafe`` for names that
        could lead out of it, links, devices, encryption, ``package.bomb`` for implausible sizes,
        ``package.bad_manifest``, ``package.newer``.
    """
    progress = progress or Progress()
    with _opened(path) as (archive, listed):
        manifest = _manifest(archive, listed, path)
        found = _unlike(manifest, listed)
        bad = {one.name for one in found}
        done, total = 0, manifest.size_bytes or 1
        for member in manifest.members:
            progress.step(min(done / total, 1.0), "progress.package.verifying")
            if member.name not in bad and (what := _read(archive, member, None, progress)):
                found.append(Difference(member.name, what))
            done += member.size_bytes
    return manifest, sorted(found, key=lambda one: one.name)


def unpack(path: Path, folder: Path, progress: Progress | None = None) -> Manifest:
    """Unpack a package into a folder that is not there yet, verified, whole or not at all.

    Raises
    ------
    UserError
        As :func:`differences`; ``package.differs`` where a file is not what the manifest says, ``package.folder_taken``
        for a folder that holds something, and as :func:`models.store.atomic.translated`.
    """
    progress, folder = progress or Progress(), Path(folder).absolute()
    with _opened(path) as (archive, listed):
        manifest = _manifest(archive, listed, path)
        refuse(path, _unlike(manifest, listed))
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError("package.folder_taken", file=path.name, folder=str(folder))
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(folder.parent).free < manifest.size_bytes + atomic.FULL_BYTES:
                raise UserError("store.disk_full", file=path.name, folder=str(folder.parent))
        except OSError as error:
            raise atomic.translated(error, folder) from error
        with atomic.replacing_together(folder) as work:
            inside = work / folder.name
            inside.mkdir()
            _unpack_all(archive, manifest, path, inside, progress)
            (inside / MANIFEST).write_bytes(_raw(archive, listed, path))
    return manifest


def refuse(path: Path, found: list[Difference]) -> None:
    """Refuse a package that is not what its manifest says.

    Raises
    ------
    UserError
        ``package.differs``, naming what differs.
    """
    if found:
        names = ", ".join(one.name[:120] for one in found[:5]) + (" …" if len(found) > 5 else "")
        raise UserError("package.differs", file=path.name, count=len(found), names=names)


def _unpack_all(archive: zipfile.ZipFile, manifest: Manifest, path: Path, work: Path, progress: Progress) -> None:
    done, total = 0, manifest.size_bytes or 1
    for member in manifest.members:
        progress.step(min(done / total, 1.0), "progress.package.unpacking")
        target = work.joinpath(*member.name.split("/"))
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as stream:
            what = _read(archive, member, stream.write, progress)
        if what:
            refuse(path, [Difference(member.name, what)])
        done += member.size_bytes


def _read(archive: zipfile.ZipFile, member: Member, take: Callable[[bytes], object] | None, progress: Progress) -> str:
    """Read a member to its end and hand its bytes on; return how it differs, empty where it does not."""
    digest, size = hashlib.sha256(), 0
    try:
        source: IO[bytes]
        with archive.open(member.name) as source:
            while block := source.read(_BLOCK):
                progress.step()
                size += len(block)
                if size > member.size_bytes:
                    return "size"
                digest.update(block)
                if take is not None:
                    take(block)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        return "unread"
    except _DAMAGE:
        return "unread"
    if size != member.size_bytes:
        return "size"
    return "" if digest.hexdigest() == member.sha256 else "hash"


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    if not path.is_file():
        raise UserError("package.missing", file=path.name)
    try:
        _require_short_list(path)
        archive = zipfile.ZipFile(path)
    except (*_DAMAGE, OSError) as error:
        raise UserError("package.damaged", file=path.name, reason=str(error)[:120]) from error
    with archive:
        yield archive, _listed(archive, path)


def _require_short_list(path: Path) -> None:
    """Refuse an archive whose list alone would fill the memory, before it is read."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(size - 65_557, 0))
        tail = stream.read()
        at = tail.rfind(_END)
        if at < 0 or len(tail) - at < 22:
            raise zipfile.BadZipFile("no end of the list")
        *_, count, list_bytes, _offset, _comment = struct.unpack("<4s4H2LH", tail[at : at + 22])
        if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR:
            (place,) = struct.unpack("<Q", tail[at - 12 : at - 4])
            if place + 56 > size:
                raise zipfile.BadZipFile("no end of the list")
            stream.seek(place)
            record = stream.read(56)
            if record[:4] != _END64:
                raise zipfile.BadZipFile("no end of the list")
            count, list_bytes = struct.unpack("<QQ", record[32:48])
    if count > MOST_MEMBERS or list_bytes > _MOST_LIST_BYTES:
        raise UserError("package.bomb", file=path.name)


def _listed(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the members of an archive by name, all of which could be unpacked without harm."""
    infos = archive.infolist()
    packed = path.stat().st_size
    if len(infos) > MOST_MEMBERS:
        raise UserError("package.bomb", file=path.name)
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        plain = info.orig_filename == info.filename and (info.flag_bits & 0x800 or info.filename.isascii())
        if not plain or not is_safe(info.filename) or kind not in (0, stat.S_IFREG) or info.flag_bits & _REFUSED_FLAGS:
            raise UserError("package.unsafe", file=path.name, name=info.orig_filename[:120])
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UserError("package.unsafe", file=path.name, name=info.filename[:120])
        if info.file_size > SMALL_BYTES and info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise UserError("package.bomb", file=path.name)
    if twice := collide([info.filename for info in infos]):
        raise UserError("package.unsafe", file=path.name, name=twice[:120])
    total = sum(info.file_size for info in infos)
    if total > MOST_BYTES or (total > SMALL_BYTES and total > MOST_RATIO * packed):
        raise UserError("package.bomb", file=path.name)
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):  # bytes that serve two members are a bomb
        if info.header_offset < end or info.compress_size > packed:
            raise UserError("package.bomb", file=path.name)
        end = info.header_offset + 30 + info.compress_size
    if infos and min(info.header_offset for info in infos) != 0:  # something stands before the archive
        raise UserError("package.damaged", file=path.name, reason="0")
    return {info.filename: info for info in infos}


def _raw(archive: zipfile.ZipFile, listed: Mapping[str, zipfile.ZipInfo], path: Path) -> bytes:
    """Return the bytes of the manifest."""
    info = listed.get(MANIFEST)
    if info is None:
        raise UserError("package.damaged", file=path.name, reason=MANIFEST)
    if info.file_size > manifests.MOST_BYTES:
        raise UserError("package.bad_manifest", file=path.name, reason="size")
    try:
        with archive.open(info) as stream:
            return stream.read(manifests.MOST_BYTES + 1)
    except (*_DAMAGE, OSError) as error:
        raise UserError("package.damaged", file=path.name, reason=str(error)[:120]) from error


def _manifest(archive: zipfile.ZipFile, listed: Mapping[str, zipfile.ZipInfo], path: Path) -> Manifest:
    manifest = manifests.manifest_of(_raw(archive, listed, path), path.name)
    if manifest.size_bytes > MOST_BYTES:
        raise UserError("package.bomb", file=path.name)
    return manifest


def _unlike(manifest: Manifest, listed: Mapping[str, zipfile.ZipInfo]) -> list[Difference]:
    named = {one.name: one for one in manifest.members}
    found = [Difference(name, "missing") for name in named if name not in listed]
    found += [Difference(name, "extra") for name in listed if name != MANIFEST and name not in named]
    found += [
        Difference(name, "size")
        for name, one in named.items()
        if name in listed and listed[name].file_size != one.size_bytes
    ]
    return found
