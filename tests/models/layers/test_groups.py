"""Groups of layers: where they stand, what is moved where, and that no layer is ever lost."""

import itertools

import pytest

from models.layers.groups import Branch, LayerGroup, group_moved, grouped, layers_moved, tree_of
from models.layers.layer import Layer


def stack(names):
    """Return layers bottom to top; ``names`` is written as one sees it, top first."""
    return tuple(Layer(name, name, "vector") for name in reversed(names))


def seen(layers, groups):
    """Return the tree as text, top first: ``"a G(bc) d"``."""
    said = []
    for branch in tree_of(layers, groups):
        inner = "".join(layer.id for layer in branch.layers)
        said.append(f"{branch.group.id}({inner})" if branch.group is not None else inner)
    return " ".join(said)


def test_a_group_stands_where_its_topmost_layer_does_and_an_empty_one_on_top():
    groups = (LayerGroup("G", "g", ("d", "b")), LayerGroup("E", "e"))
    assert seen(stack("abcd"), groups) == "E() a G(bd) c"
    assert tree_of((), ()) == []
    assert tree_of(stack("a"), ())[0] == Branch(None, stack("a"))


def test_a_new_group_takes_its_layers_from_others_to_the_place_of_the_topmost():
    layers, groups = grouped(stack("abcd"), (LayerGroup("G", "g", ("b", "c")),), LayerGroup("H", "h", ("d", "b")))
    assert seen(layers, groups) == "a H(bd) G(c)"
    assert [layer.id for layer in layers] == ["c", "d", "b", "a"], "what is seen together is drawn together"


@pytest.mark.parametrize(
    ("moved", "group", "below", "wanted"),
    [
        ("a", "G", "c", "G(bac) d"),
        ("a", "G", "", "G(bca) d"),
        ("ad", "G", "b", "G(adbc)"),
        ("b", "", "a", "b a G(c) d"),
        ("bc", "", "", "G() a d b c"),
        ("d", "", "G", "a d G(bc)"),
        ("d", "", "c", "a d G(bc)"),
        ("c", "G", "b", "a G(cb) d"),
    ],
)
def test_layers_are_put_into_a_group_out_of_it_and_between_others(moved, group, below, wanted):
    start = stack("abcd"), (LayerGroup("G", "g", ("b", "c")),)
    assert seen(*layers_moved(*start, set(moved), group, below)) == wanted


def test_a_group_is_moved_with_its_layers():
    start = stack("abcd"), (LayerGroup("G", "g", ("b", "c")),)
    assert seen(*group_moved(*start, "G", "a")) == "G(bc) a d"
    assert seen(*group_moved(*start, "G")) == "a d G(bc)"


def test_whatever_is_moved_every_layer_is_there_once():
    groups = (LayerGroup("G", "g", ("b", "c", "gone")), LayerGroup("H", "h", ("c", "e")))
    for moved, group, below in itertools.product(["a", "bc", "ace"], ["", "G", "H", "no"], ["", "a", "b", "e", "G"]):
        layers, after = layers_moved(stack("abcdef"), groups, set(moved), group, below)
        assert sorted(layer.id for layer in layers) == list("abcdef")
        homes = [own for one in after for own in one.layers]
        assert len(homes) == len(set(homes))
