"""Groups of layers: the tree in which layers stand, and its layers and groups put elsewhere.

The order in which layers are drawn stays that of the project; a group stands where its topmost layer does, its layers
together. A group without layers stands on top.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from models.layers.layer import Layer
from resources.visible_text import visible_text


@dataclass(frozen=True, slots=True)
class LayerGroup:
    """A named group of layers.

    Parameters
    ----------
    id : str
    name, name_en : str
        As shown; ``name_en`` may be empty.
    layers : tuple of str
        Ids of its layers, in any order; a layer is in one group at most.
    """

    id: str
    name: str
    layers: tuple[str, ...] = ()
    name_en: str = ""

    def title(self, lang: str) -> str:
        """Return the name in a language, falling back to the one there is."""
        return visible_text(self.name_en if lang == "en" and self.name_en else self.name)


@dataclass(frozen=True, slots=True)
class Branch:
    """What stands at the top level of the tree: a group with its layers, or one layer without a group.

    Parameters
    ----------
    group : LayerGroup or None
    layers : tuple of Layer
        Top first.
    """

    group: LayerGroup | None
    layers: tuple[Layer, ...]

    @property
    def id(self) -> str:
        """Return the id of the group, else of the layer."""
        return self.group.id if self.group is not None else self.layers[0].id


Groups = tuple[LayerGroup, ...]
Layers = tuple[Layer, ...]


def new_group_id() -> str:
    """Return a fresh id."""
    return f"group_{uuid.uuid4().hex[:8]}"


def tree_of(layers: Sequence[Layer], groups: Iterable[LayerGroup]) -> list[Branch]:
    """Return the tree, top first.

    Parameters
    ----------
    layers : sequence of Layer
        Bottom to top, as a project has them.
    groups : iterable of LayerGroup
    """
    groups = list(groups)
    home: dict[str, LayerGroup] = {}
    for group in groups:
        for layer_id in group.layers:
            home.setdefault(layer_id, group)
    top_first = list(reversed(layers))
    members: dict[str, list[Layer]] = {group.id: [] for group in groups}
    for layer in top_first:
        if (own := home.get(layer.id)) is not None:
            members[own.id].append(layer)
    tree = [Branch(group, ()) for group in groups if not members[group.id]]
    placed: set[str] = set()
    for layer in top_first:
        own = home.get(layer.id)
        if own is None:
            tree.append(Branch(None, (layer,)))
        elif own.id not in placed:
            placed.add(own.id)
            tree.append(Branch(own, tuple(members[own.id])))
    return tree


def layers_moved(
    layers: Layers, groups: Groups, moved: Collection[str], group_id: str, below: str = ""
) -> tuple[Layers, Groups]:
    """Put layers, in the order they have, into a group or out of all.

    Parameters
    ----------
    layers : tuple of Layer
        Bottom to top.
    groups : tuple of LayerGroup
    moved : collection of str
        Ids of layers.
    group_id : str
        Empty, or unknown, for no group.
    below : str
        Id of the layer, or outside of groups of the group, on top of which they come; empty for the bottom.
    """
    group_id = group_id if any(group.id == group_id for group in groups) else ""
    carried = [layer for layer in reversed(layers) if layer.id in moved]
    rest = [
        Branch(branch.group, tuple(layer for layer in branch.layers if layer.id not in moved))
        for branch in tree_of(layers, groups)
    ]
    rest = [branch for branch in rest if branch.group is not None or branch.layers]
    if not group_id:
        rest[_place(rest, below) : _place(rest, below)] = [Branch(None, (layer,)) for layer in carried]
    else:
        for at, branch in enumerate(rest):
            if branch.group is not None and branch.group.id == group_id:
                order = [layer.id for layer in branch.layers]
                cut = order.index(below) if below in order else len(order)
                rest[at] = Branch(branch.group, (*branch.layers[:cut], *carried, *branch.layers[cut:]))
    return _flat(rest)


def group_moved(layers: Layers, groups: Groups, group_id: str, below: str = "") -> tuple[Layers, Groups]:
    """Put a group with its layers on top of a group or of a layer without a group; empty for the bottom."""
    tree = tree_of(layers, groups)
    carried = [branch for branch in tree if branch.id == group_id and branch.group is not None]
    rest = [branch for branch in tree if branch not in carried]
    rest[_place(rest, below) : _place(rest, below)] = carried
    return _flat(rest)


def grouped(layers: Layers, groups: Groups, group: LayerGroup) -> tuple[Layers, Groups]:
    """Add a group of layers, at the place of the topmost of them."""
    wanted = set(group.layers)
    return _flat(tree_of(layers, (*(_without(one, wanted) for one in groups), group)))


def _place(tree: Sequence[Branch], below: str) -> int:
    """Return where in a tree something comes that is to lie on top of a branch, or of the layer within one."""
    found = (
        at for at, branch in enumerate(tree) if below and (branch.id == below or below in {a.id for a in branch.layers})
    )
    return next(found, len(tree))


def _without(group: LayerGroup, gone: Collection[str]) -> LayerGroup:
    return replace(group, layers=tuple(layer_id for layer_id in group.layers if layer_id not in gone))


def _flat(tree: Sequence[Branch]) -> tuple[Layers, Groups]:
    """Return layers bottom to top, and the groups with the layers that stand in them."""
    layers = tuple(layer for branch in reversed(tree) for layer in reversed(branch.layers))
    groups = tuple(
        replace(branch.group, layers=tuple(layer.id for layer in branch.layers))
        for branch in tree
        if branch.group is not None
    )
    return layers, groups
