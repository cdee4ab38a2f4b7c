"""Every text of a project's state, wherever it stands: found and changed without knowing what each part is.

A state is frozen dataclasses, tuples, mappings and plain values; a part that nothing changes stays the very object that
it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from models.project.selection import Keys, ObjectKey

T = TypeVar("T")
Change = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def mapped(
    value: T, *, text: Callable[[str, str], str] | None = None, raw: Callable[[bytes, str], bytes] | None = None,
    whole: Change = _same,
) -> T:  # fmt: skip
    """Return a state with its texts changed.

    Parameters
    ----------
    value : frozen dataclass, tuple, mapping or plain value
    text : callable
        Of each text and the name of the field in which it stands, at whatever depth; what it returns takes its place.
        Keys of mappings and ids of layers in keys of objects are no texts.
    raw : callable
        Likewise of bytes.
    whole : callable
        Of each dataclass, before its fields are looked at.
    """
    return _mapped(value, "", text, raw, whole)  # type: ignore[no-any-return]


def _mapped(value: Any, name: str, text: Any, raw: Any, whole: Change) -> Any:
    if isinstance(value, str):
        return text(value, name) if text is not None and value else value
    if isinstance(value, bytes):
        return raw(value, name) if raw is not None and value else value
    if value is None or isinstance(value, (int, float, ObjectKey, Keys)):
        return value
    if isinstance(value, tuple):
        made = tuple(_mapped(item, name, text, raw, whole) for item in value)
        if all(new is old for new, old in zip(made, value, strict=True)):
            return value
        return type(value)(*made) if hasattr(value, "_fields") else made
    if isinstance(value, Mapping):
        changed = {key: _mapped(item, name, text, raw, whole) for key, item in value.items()}
        return value if all(changed[key] is item for key, item in value.items()) else changed
    if is_dataclass(value) and not isinstance(value, type):
        before, value = value, whole(value)
        found = {}
        for one in fields(value):
            old = getattr(value, one.name)
            new = _mapped(old, one.name, text, raw, whole)
            if new is not old:
                found[one.name] = new
        return replace(value, **found) if found else value if value != before else before
    return value


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text of a state."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_of(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_of(item)
    elif is_dataclass(value) and not isinstance(value, (type, ObjectKey)):
        for one in fields(value):
            yield from texts_of(getattr(value, one.name))
