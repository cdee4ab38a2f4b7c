"""The current layer in the search: it comes first among equals, and pushes no better hit aside."""

from app.usecases.query.search import Hit, current_first
from models.project.selection import ObjectKey


def test_the_current_layer_comes_first_among_hits_that_are_equally_good():
    hits = [Hit(ObjectKey(layer, oid), "泉", "name", score) for layer, oid, score in
            (("roads", 1, 3.0), ("parks", 2, 2.0), ("roads", 3, 2.0), ("parks", 4, 1.0))]  # fmt: skip
    assert [hit.key.oid for hit in current_first(hits, "roads")] == [1, 3, 2, 4]
    assert [hit.key.oid for hit in current_first(hits, "parks")] == [1, 2, 3, 4]
    assert current_first(hits, "") == hits
