"""Watching, selecting, progress, errors and meshes."""

import numpy as np
import pytest
from psygnal import Signal

from models.core.errors import Cancelled, Caution, UserError
from models.core.progress import Progress
from models.core.watch import watch
from models.geometry.meshes import MeshStore
from models.project.selection import ObjectKey, Selection


class Bell:
    rung = Signal(int)


def test_one_listeners_failure_does_not_silence_the_others():
    bell, heard = Bell(), []

    def broken(number: int) -> None:
        raise ValueError(number)

    watch(bell.rung, broken)
    watch(bell.rung, heard.append)
    bell.rung.emit(3)
    assert heard == [3]


def test_a_listener_that_stopped_is_not_told():
    bell, heard = Bell(), []
    stop = watch(bell.rung, heard.append)
    stop()
    bell.rung.emit(3)
    assert heard == []


def test_selecting_the_same_things_again_is_silent():
    selection, told = Selection(), []
    watch(selection.changed, lambda before, after: told.append((before, after)))
    keys = [ObjectKey("a", 1), ObjectKey("b", 2)]
    selection.set(keys)
    selection.set(keys)
    assert len(told) == 1
    assert selection.of_layer("a") == [1]


def test_progress_of_a_part_is_scaled_and_its_cancel_is_shared():
    seen = []
    whole = Progress(lambda fraction, code: seen.append((fraction, code)))
    part = whole.part(0.5, 1.0)
    part.step(0.5, "x")
    assert seen == [(0.75, "x")]
    whole.cancel()
    with pytest.raises(Cancelled):
        part.step()


def test_errors_and_cautions_cross_a_process_border_unchanged():
    error = UserError.from_dict(UserError("io.empty", file="街区.shp").as_dict())
    assert (error.code, error.facts) == ("io.empty", {"file": "街区.shp"})
    caution = Caution("io.x", count=3)
    assert Caution.from_dict(caution.as_dict()) == caution


def test_a_mesh_store_comes_back_from_disk_as_it_was(tmp_path):
    store = MeshStore(
        vertices=np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32),
        faces=np.array([[0, 1, 2]], np.int32),
        face_material=np.array([0], np.int32),
        mesh_vertices=np.array([0, 3], np.int64),
        mesh_faces=np.array([0, 1], np.int64),
        placement_mesh=np.array([0, 0], np.int32),
        placement_element=np.array([4, 5], np.int32),
        placement_matrix=np.stack([np.eye(4), np.eye(4)]),
        materials=np.array([[1, 1, 1, 1]], np.float32),
    )
    store.placement_matrix[1, 0, 3] = 10.0
    store.save(tmp_path)
    again = MeshStore.load(tmp_path)
    assert again.triangle_count == 2
    assert again.bounds() is not None
    assert again.bounds().tolist() == [[0, 0, 0], [11, 1, 0]]
