"""The point cloud formats: LAS and LAZ."""

from __future__ import annotations

from pathlib import Path

from models.io.format import Format


def is_las(head: bytes, path: Path) -> bool:
    """Whether it begins with the signature of LAS."""
    return head[:4] == b"LASF"


FORMATS = (Format("pointcloud", (".las", ".laz"), ("cloud",), "models.io.pointcloud.reader:read", is_las),)
