"""What the model browser shows, made from models: the rows of its tree and the entries of its legend. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from app.usecases.bim import visibility
from models.core.progress import Progress
from models.layers.layer import ModelData
from resources.words import has
from viewers.legend import LegendEntry
from viewers.widgets.common.tree_rows import Branch, Heading, TreeRows

#: Columns that a search looks through.
SEARCHED = ("name", "long_name", "ifc_class", "type_name", "tag", "guid", "description")


class Store:
    """Trees and search lines that were made, by layer; made again when a model's table is another one."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], tuple[object, Any]] = {}

    def get(self, layer_id: str, what: str, data: ModelData, make: Callable[[], Any]) -> Any:
        """Return what was made from the same table before, or make it."""
        kept = self._made.get((layer_id, what))
        if kept is None or kept[0] is not data.elements:
            kept = self._made[layer_id, what] = (data.elements, make())
        return kept[1]

    def keep(self, layers: set[str]) -> None:
        """Forget all but these layers."""
        for name in [name for name in self._made if name[0] not in layers]:
            self._made.pop(name, None)


def rows_of(models: Sequence[tuple[str, str, ModelData]], by: str, store: Store, progress: Progress) -> TreeRows:
    """Return the rows of some models' trees; each stands under its own name where there are several.

    Parameters
    ----------
    models : sequence of (layer id, title, ModelData)
    by : str
        One of :data:`models.bim.tree.BYS`.
    store : Store
    progress : Progress
    """
    from models.bim import tree

    branches = []
    for at, (layer_id, title, data) in enumerate(models):
        progress.step(at / max(len(models), 1), "progress.model_tree")
        node = store.get(layer_id, by, data, lambda data=data: tree.build(data, by))  # type: ignore[misc]
        texts = store.get(layer_id, "texts", data, lambda data=data: _searched(data))  # type: ignore[misc]
        roots = (Heading(title, "model", node.children),) if len(models) > 1 else node.children
        branches.append(Branch(layer_id, roots, visibility.drawn(data), data.elements["ifc_class"].tolist(), texts))
    return TreeRows(branches)


def entries_of(
    shades: Sequence[visibility.Shade], word: Callable[..., str], *, classes: bool = False
) -> tuple[LegendEntry, ...]:
    """Return the lines of a legend; ``classes`` if the values are IFC classes, which have words of their own.

    IfcWall and IfcWallStandardCase are both walls to people: where a word stands for two classes, both are written.
    """
    names = [
        word(shade.word) if shade.word else class_name(word, shade.text) if classes else shade.text for shade in shades
    ]
    often = Counter(names)
    return tuple(
        LegendEntry(
            f"{name} · {shade.text}" if classes and often[name] > 1 and shade.text else name,
            "#{:02x}{:02x}{:02x}".format(*shade.colour[:3]),
            "" if shade.stated else "hatch",
            count=len(shade.keys),
        )
        for name, shade in zip(names, shades, strict=True)
    )


def class_name(word: Callable[..., str], ifc_class: str) -> str:
    """Return a class in the reader's own words, its IFC name where there is none."""
    key = f"ifc_class.{ifc_class}"
    return word(key) if has(key) else ifc_class


def _searched(data: ModelData) -> list[str]:
    """Return one line an element in which a search looks."""
    columns = [data.elements[name].astype(str) for name in SEARCHED if name in data.elements]
    return ["\n".join(parts).casefold() for parts in zip(*columns, strict=True)]
