"""Prepared parts as plain arrays and words, to be kept in a file, and back.

What comes back is not believed: numbers that point into another array must stay inside it, or VTK would read memory
that is none of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from viewers.render.geometry.glyphs import shape_names
from viewers.render.geometry.parts import GlyphPart, LabelPart, LinePart, MeshPart, Part, Prepared
from viewers.render.palette.facade_textures import texture_names

Arrays = dict[str, NDArray[Any]]


class _Form(NamedTuple):
    """What an array of a part must be: its kind, and its shape with names for lengths that must agree."""

    dtype: str
    shape: tuple[str | int, ...]
    #: Name of a length that the values must stay below, and whether -1 is one of them.
    below: str = ""


_FORMS: Mapping[type[Any], Mapping[str, _Form]] = MappingProxyType({
    MeshPart: {
        "points": _Form("f4", ("n", 3)), "faces": _Form("i4", ("f", 3), "n"), "oids": _Form("i4", ("f",)),
        "colours": _Form("u1", ("f", 4)), "uv": _Form("f4", ("n", 2)), "image": _Form("u1", ("h", "w", "c")),
        "normals": _Form("f4", ("n", 3)), "edges": _Form("i4", ("e", 2), "n"), "edge_flags": _Form("u1", ("n",)),
        "pipe": _Form("f4", ("n", 4)), "arrow": _Form("f4", ("n", 2)),
    },
    GlyphPart: {
        "points": _Form("f4", ("n", 3)), "oids": _Form("i4", ("n",)), "colours": _Form("u1", ("n", 4)),
        "scale": _Form("f4", ("n", 3)), "bearing_deg": _Form("f4", ("n",)), "theme_ids": _Form("i4", ("n",)),
    },
    LinePart: {
        "points": _Form("f4", ("n", 3)), "starts": _Form("i8", ("s",)), "oids": _Form("i4", ("k",)),
        "colours": _Form("u1", ("k", 4)),
    },
    LabelPart: {
        "points": _Form("f4", ("n", 3)), "priority": _Form("f4", ("n",)), "half_m": _Form("f4", ("n", 3)),
        "beside_m": _Form("f4", ("n",)),
    },
})  # fmt: skip
_PARTS = MappingProxyType({kind.__name__: kind for kind in _FORMS})
_PREPARED = MappingProxyType(
    {"bounds": _Form("f8", (2, 3)), "parents": _Form("i8", ("p",)), "bulk": _Form("f8", (2, 3))}
)
#: What a word in a part may be: an empty one, a colour, or a name.
_WORD = re.compile(r"(#[0-9a-fA-F]{6}|[\w.:-]{0,64})")


def stored(prepared: Prepared) -> tuple[dict[str, Any], Arrays] | None:
    """Return the words and the arrays of a layer's parts; None for what cannot be kept (streams, building models)."""
    if prepared.stream is not None or any(type(part) not in _FORMS for part in prepared.parts):
        return None
    arrays: Arrays = {name: getattr(prepared, name) for name in _PREPARED if getattr(prepared, name) is not None}
    told = []
    for number, part in enumerate(prepared.parts):
        words: dict[str, Any] = {}
        for one in fields(part):
            value = getattr(part, one.name)
            if isinstance(value, np.ndarray):
                arrays[f"{number}.{one.name}"] = value
            elif one.name in ("elements", "coarse"):
                if value is not None:
                    return None
            elif value is not None:
                words[one.name] = value
        told.append({"part": type(part).__name__, **words})
    about = {"parts": told}
    try:
        restored(about, arrays)
    except ValueError:  # a maker that uses arrays of another kind: right to draw, not to keep
        return None
    return about, arrays


def restored(about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Prepared:
    """Return the parts that were stored.

    Raises
    ------
    ValueError
        They are none, or what they hold cannot be drawn.
    """
    try:
        told = list(about["parts"])
        parts = [_part(number, dict(words), arrays) for number, words in enumerate(told)]
        outer = {name: arrays[name] for name in _PREPARED if name in arrays}
        _check(outer, _PREPARED, {})
        prepared = Prepared(parts, outer["bounds"], parents=outer.get("parents"), bulk=outer.get("bulk"))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"no prepared parts: {error!r}") from error
    return prepared


def _part(number: int, words: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Part:
    kind = _PARTS[words.pop("part")]
    forms = _FORMS[kind]
    prefix = f"{number}."
    own = {name: arrays[prefix + name] for name in forms if prefix + name in arrays}
    sizes: dict[str, int] = {}
    _check(own, forms, sizes)
    _check_words(kind, words)
    part: Part = kind(**own, **words)
    if isinstance(part, LinePart):
        _require(len(part.starts) == len(part.oids) + 1 and part.starts[0] == 0, "lines that begin elsewhere")
        _require(bool((np.diff(part.starts) >= 0).all()) and part.starts[-1] == len(part.points), "lines that overlap")
    elif isinstance(part, LabelPart):
        _require(len(part.texts) == len(part.texts_en) == len(part.points), "names without a place")
    elif isinstance(part, GlyphPart):
        _require(part.shape in shape_names(), "an unknown shape")
    elif isinstance(part, MeshPart):
        _require(not part.texture or part.texture in texture_names(), "an unknown texture")
        _require(part.image is None or part.image.shape[2] in (3, 4), "a picture of other colours")
    return part


def _check(own: Mapping[str, NDArray[Any]], forms: Mapping[str, _Form], sizes: dict[str, int]) -> None:
    """Hold arrays against what they must be; lengths of one name agree."""
    for name, array in own.items():
        form = forms[name]
        _require(array.dtype == np.dtype(form.dtype), f"{name} of another kind")
        _require(array.ndim == len(form.shape), f"{name} of another shape")
        for length, wanted in zip(array.shape, form.shape, strict=True):
            asked = sizes.setdefault(wanted, length) if isinstance(wanted, str) else wanted
            _require(length == asked, f"{name} of another length")
        if array.dtype.kind == "f" and array.size:
            _require(bool(np.isfinite(array).all()), f"{name} beyond all numbers")
    for name, array in own.items():
        below = forms[name].below
        if below and array.size:
            _require(int(array.min()) >= 0 and int(array.max()) < sizes[below], f"{name} points nowhere")


def _check_words(kind: type[Any], words: Mapping[str, Any]) -> None:
    known = {one.name: one.default for one in fields(kind)}
    for name, value in words.items():
        usual = known[name]
        if name in ("texts", "texts_en"):
            _require(isinstance(value, list) and all(isinstance(text, str) for text in value), f"{name} without words")
        elif isinstance(usual, bool):
            _require(isinstance(value, bool), f"{name} is no switch")
        elif isinstance(usual, (int, float)):
            _require(isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value), name)
        else:
            _require(isinstance(value, str) and _WORD.fullmatch(value) is not None, f"{name} is no name")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
