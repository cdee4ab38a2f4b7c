"""The lights of a scene: a warm sun from the south-west and a cool headlight."""

from __future__ import annotations

from typing import Any

from vtkmodules.vtkRenderingCore import vtkLight

from viewers.render.palette.lighting import Look


class Lights:
    """The two lights of a renderer.

    Parameters
    ----------
    renderer : vtkRenderer
    current : Look
    """

    def __init__(self, renderer: Any, current: Look) -> None:
        renderer.RemoveAllLights()
        renderer.SetAutomaticLightCreation(False)
        self._sun, self._fill = vtkLight(), vtkLight()
        self._sun.SetLightTypeToSceneLight()
        self._fill.SetLightTypeToHeadlight()
        for light in (self._sun, self._fill):
            light.PositionalOff()
            renderer.AddLight(light)
        self.set(current)

    def set(self, current: Look) -> None:
        """Take the colours and strengths of a look."""
        self._sun.SetFocalPoint(0, 0, 0)
        self._sun.SetPosition(*current.to_sun)
        self._sun.SetColor(*current.sun)
        self._sun.SetIntensity(current.sun_strength)
        self._fill.SetColor(*current.fill)
        self._fill.SetIntensity(current.fill_strength)
