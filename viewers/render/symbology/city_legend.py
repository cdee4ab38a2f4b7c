"""The legend of city models: default colours by surface type, with counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from models.layers.layer import Layer, LayerData, ModelData, is_city_model
from resources.standards import standard
from resources.words import has, word
from viewers.legend import LegendEntry
from viewers.render.layers.building_models import toned

#: Lines for one picture; the rest is summed up.
MOST_LINES = 9
_PLAIN = "#c3c1bc"


def is_told(layer: Layer, data: Mapping[str, LayerData]) -> bool:
    """Return whether a layer is a city model, which :func:`entries_of` speaks of."""
    return is_city_model(data.get(layer.id))


def entries_of(layers: Iterable[Layer], data: Mapping[str, LayerData], lang: str) -> list[LegendEntry]:
    """Return the lines of all city models among some layers.

    Surfaces are counted by what they are; objects are counted where their surfaces say nothing. A model that brings its
    own colours or pictures, or that wears one colour, has one line with its name.
    """
    surfaces: Counter[str] = Counter()
    objects: Counter[str] = Counter()
    named: list[LegendEntry] = []
    for layer in layers:
        model = data.get(layer.id)
        if not isinstance(model, ModelData) or not is_city_model(model):
            continue
        worn = {} if layer.style.colour else model.info.get("worn") or {}
        surfaces.update({str(k): int(v) for k, v in (worn.get("surfaces") or {}).items()})
        for kind, count in (worn.get("objects") or {}).items():
            objects[str(kind).removesuffix("Part")] += int(count)
        if not worn.get("surfaces") and not worn.get("objects"):
            named.append(LegendEntry(layer.title(lang), layer.style.colour or _PLAIN))
    rows = standard("city3d")
    lines = [
        *_lines(surfaces, rows["surface"], "value.surface", lang), *_lines(objects, rows["object"], "ifc_class", lang)
    ]  # fmt: skip
    if len(lines) > MOST_LINES:
        rest = sum(line.count or 0 for line in lines[MOST_LINES - 1 :])
        lines = [*lines[: MOST_LINES - 1], LegendEntry(word("city3d.legend.rest", lang), _PLAIN, count=rest)]
    return [*lines, *named]


def _lines(counts: Counter[str], colours: Mapping[str, str], topic: str, lang: str) -> list[LegendEntry]:
    """Return a line for each name, in the order of the standard; names that look and read alike are one."""
    order = {name: at for at, name in enumerate(colours)}
    found: dict[tuple[str, str], int] = {}
    for name in sorted(counts, key=lambda name: order.get(name, len(order))):
        key = f"{topic}.{name}"
        text = word(key, lang) if has(key) else name
        line = text, toned(colours.get(name, _PLAIN))
        found[line] = found.get(line, 0) + counts[name]
    return [LegendEntry(text, colour, count=count) for (text, colour), count in found.items() if text]
