"""A renderer over that of the city, in which what is selected is outlined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from vtkmodules.vtkRenderingCore import vtkRenderer

from models.project.selection import Keys
from viewers.render.drawing.drawn_layer import DrawnLayer, Marked
from viewers.render.geometry.parts import layer_of
from viewers.render.scene.frame_updates import width_factor


class MarksLayer:
    """Draws over the finished picture through the same camera; it leaves the picture as it is where nothing is drawn.

    Parameters
    ----------
    window : vtkRenderWindow
    below : vtkRenderer
        Of the city.
    trim : callable
        ``trim(actor, kind of layer, number of the plane)`` cuts an actor as its layer is cut.
    """

    def __init__(self, window: Any, below: Any, trim: Callable[[Any, str, int], object]) -> None:
        self._window, self._below, self._trim = window, below, trim
        self._marks: dict[Any, Marked] = {}
        self._renderer = vtkRenderer()
        self._renderer.SetLayer(1)
        self._renderer.SetInteractive(False)
        self._renderer.SetAutomaticLightCreation(False)
        self._renderer.SetPreserveDepthBuffer(True)  # depths of the city are asked after the frame
        self._renderer.SetActiveCamera(below.GetActiveCamera())
        self._renderer.DrawOff()
        window.SetNumberOfLayers(2)
        window.AddRenderer(self._renderer)

    def __iter__(self) -> Iterator[Any]:
        """Yield the actors."""
        return iter(self._marks)

    def __len__(self) -> int:
        """Return how many actors there are."""
        return len(self._marks)

    def show(self, layers: Iterable[DrawnLayer], selection: Keys) -> None:
        """Build the highlight of what is selected again; masks are drawn first."""
        for actor in self._marks:
            self._renderer.RemoveActor(actor)
        self._marks, by_layer = {}, selection.by_layer()
        for shown in layers:
            oids = by_layer.get(layer_of(shown.layer.id), ()) if shown.visible else ()
            self._marks |= shown.mark(np.asarray(oids, dtype=np.int64))
        for actor in sorted(self._marks, key=lambda actor: not self._marks[actor].is_mask):
            self._renderer.AddActor(actor)
        self.trim()

    def trim(self) -> None:
        """Cut everything as its layer is cut."""
        for actor, held in self._marks.items():
            self._trim(actor, held.kind, held.cap_of)

    def drop_caps(self) -> None:
        """Take away what marks cut faces, which are gone."""
        for actor in [actor for actor, held in self._marks.items() if held.cap_of >= 0]:
            del self._marks[actor]
            self._renderer.RemoveActor(actor)

    def follow(self) -> None:
        """Look as the city is looked at, with lines as wide as they were meant."""
        camera = self._below.GetActiveCamera()
        if self._renderer.GetActiveCamera() is not camera:
            self._renderer.SetActiveCamera(camera)
        self._renderer.SetDraw(bool(self._marks))
        factor = width_factor(self._below)
        for actor, held in self._marks.items():
            if held.width_px:
                actor.GetProperty().SetLineWidth(held.width_px * factor)
                actor.GetProperty().SetPointSize(held.width_px * factor)

    def close(self) -> None:
        """Take the layer off the window."""
        self._renderer.RemoveAllViewProps()
        self._marks = {}
        self._window.RemoveRenderer(self._renderer)
        self._window.SetNumberOfLayers(1)
