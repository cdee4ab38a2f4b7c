"""Synchronises what styles draw beside the layers (bars, hexagons, heat, discs, hatch, labels) with the project.

Made on job threads, put one by one; a layer's own geometry is never touched. See
:mod:`viewers.render.symbology.style_shapes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.background.jobs import Job
from models.core.errors import Cancelled
from models.core.progress import Progress
from models.layers.layer import Layer, LayerData
from models.project.project import ProjectState
from models.terrain.ground import Ground
from viewers.render.geometry.parts import form_id
from viewers.render.palette.context import PrepareContext
from viewers.render.scene.scene import Scene
from viewers.render.symbology.style_colours import form_key
from viewers.render.symbology.style_shapes import form_layer, is_laid, make_form, silent_layers, waters_of

if TYPE_CHECKING:
    from app.session import Session


@dataclass(slots=True)
class _Made:
    """What a form was made from."""

    key: object
    data: LayerData
    ground: Ground
    scene: Scene
    waters: tuple[LayerData, ...] = ()

    def same(self, other: _Made) -> bool:
        return (
            self.key == other.key and self.data is other.data and self.ground is other.ground
            and self.scene is other.scene and [id(one) for one in self.waters] == [id(one) for one in other.waters]
        )  # fmt: skip


class StyleShapesSync(QObject):
    """What styles draw in one scene.

    Parameters
    ----------
    session : Session
    parent : QObject
    colours_of : callable
        Returns the colours that theme and style give to something drawn, None for its own.
    """

    def __init__(self, session: Session, parent: QObject, colours_of: Callable[[str], Any]) -> None:
        super().__init__(parent)
        self._session, self._colours_of = session, colours_of
        self._scene: Scene | None = None
        self._made: dict[str, _Made] = {}
        self._jobs: dict[str, Job] = {}
        self._keep_out: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def busy(self) -> bool:
        """Whether something is being made."""
        return bool(self._jobs)

    def set_scene(self, scene: Scene | None) -> None:
        """Follow with another scene."""
        self._scene = scene

    def keep_out(self, boxes: tuple[tuple[float, float, float, float], ...]) -> None:
        """Write no labels in some boxes of the picture, pixels from the lower left."""
        if boxes != self._keep_out:
            self._keep_out = boxes
            self._silence()

    def follow(self, state: ProjectState, ground: Ground) -> None:
        """Compare what is drawn with what should be, and start what is missing."""
        scene, data = self._scene, self._session.project.data
        if scene is None:
            return
        wanted = {layer.id: layer for layer in state.layers}
        waters = waters_of(state.layers, data)
        for gone in [layer_id for layer_id in self._made if layer_id not in wanted]:
            self._drop(gone, scene)
        for layer in state.layers:
            scene.set_scales(layer.id, layer.style.scales)
            scene.set_scales(form_id(layer.id), layer.style.scales)
            key = form_key(layer)
            if key is None or layer.id not in data:
                if layer.id in self._made:
                    self._drop(layer.id, scene)
                continue
            scene.set_visible(form_id(layer.id), layer.visible)
            fresh = _Made(key, data[layer.id], ground, scene, waters if is_laid(layer) else ())
            held = self._made.get(layer.id)
            if layer.visible and (held is None or not held.same(fresh)):
                self._start(layer, fresh)
        self._silence()

    def close(self) -> None:
        """Stop what is at work."""
        for job in self._jobs.values():
            job.cancel()
        self._jobs.clear()
        self._made.clear()

    def _silence(self) -> None:
        scene = self._scene
        if scene is not None:
            scene.set_labels(silent_layers(self._session.project.state.layers), self._keep_out)

    def _drop(self, layer_id: str, scene: Scene) -> None:
        del self._made[layer_id]
        if (job := self._jobs.pop(layer_id, None)) is not None:
            job.cancel()
        scene.remove(form_id(layer_id))

    def _start(self, layer: Layer, fresh: _Made) -> None:
        if (old := self._jobs.pop(layer.id, None)) is not None:
            old.cancel()
        self._made[layer.id] = fresh
        scene, named = fresh.scene, form_layer(layer)

        def work(progress: Progress) -> Any:
            progress.step(0.0)
            made = make_form(layer, fresh.data, PrepareContext(scene.frame, fresh.ground), fresh.waters)
            progress.step(0.7)
            return made, None if made is None else scene.draw(made)

        def done(result: Any) -> None:
            self._jobs.pop(layer.id, None)
            if self._made.get(layer.id) is not fresh or self._scene is not scene:
                return
            state = self._session.project.state
            current = next((one for one in state.layers if one.id == layer.id), None)
            if current is None:
                return
            scene.put(form_layer(current), *result)
            colours = self._colours_of(form_id(layer.id))
            if colours is not None:
                scene.set_colours(form_id(layer.id), colours)

        def failed(error: BaseException) -> None:
            self._jobs.pop(layer.id, None)
            if not isinstance(error, Cancelled):
                self._session.fail(error)

        job = self._session.jobs.run("job.style_form", work, done, failed=failed, name=named.title(self._session.lang))
        if not job.is_over:
            self._jobs[layer.id] = job
