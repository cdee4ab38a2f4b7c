"""The ways in which indicators are measured: a module a method, found by its name in the edition's ``method``.

A module holds one :class:`~models.health.partition.Method` as ``METHOD``. To add one, put a module here; nothing lists
them.
"""

from __future__ import annotations

import importlib
import pkgutil

from models.health.partition import Method


def names() -> tuple[str, ...]:
    """Return the names of the methods that there are."""
    return tuple(found.name for found in pkgutil.iter_modules(__path__))


def method(name: str) -> Method:
    """Return a method by its name.

    Raises
    ------
    KeyError
        If there is none of that name: an edition's row is wrong.
    """
    if name not in names():
        raise KeyError(name)
    found = importlib.import_module(f"{__name__}.{name}").METHOD
    if not isinstance(found, Method):
        raise TypeError(name)
    return found
