"""Sky, haze and lighting by day and night, from ``resources/theme/scene.toml``.

The sky is a one-pixel-wide picture behind everything, painted again for the pitch of the camera before each frame, so
that the horizon of the sky is the horizon of the ground. Haze is a few lines added to VTK's own shaders: everything
fades with distance into the colour of the horizon, and the world has no edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkTexture
from vtkmodules.vtkRenderingOpenGL2 import vtkShader

from viewers.render.palette.context import scene_theme

RGB = tuple[float, float, float]

_HAZE = """//VTK::TCoord::Impl
  float cjFar = max(1.0 / gl_FragCoord.w - cjHazeStart, 0.0) / cjHazeLength;
  float cjFog = cjHazeMost * (1.0 - exp(-cjFar * cjFar));
  gl_FragData[0].rgb = mix(gl_FragData[0].rgb, cjHaze, cjFog);
"""

# Walls darken a little towards the ground, which stands for the light that a street takes away; at night some windows
# are lit, chosen by a hash of their place in the facade.
_FACADE = """//VTK::TCoord::Impl
  float cjFoot = clamp(tcoordVCVSOutput.y * 1.3 + 0.12, 0.0, 1.0);
  gl_FragData[0].rgb *= 0.86 + 0.14 * sqrt(cjFoot);
  if (cjWindows > 0.0) {
    vec2 cjCell = floor(tcoordVCVSOutput * 4.0);
    float cjDice = fract(sin(dot(cjCell, vec2(12.9898, 78.233))) * 43758.5453);
    float cjGlass = smoothstep(0.04, 0.10, tcolor.b - tcolor.r);
    float cjLit = smoothstep(0.72, 0.76, cjDice) * cjGlass * cjWindows;
    vec3 cjLamp = mix(vec3(1.0, 0.80, 0.48), vec3(0.92, 0.93, 0.88), fract(cjDice * 7.0));
    gl_FragData[0].rgb = mix(gl_FragData[0].rgb, cjLamp * (0.45 + 0.42 * fract(cjDice * 3.0)), cjLit);
  }
"""

# Water mirrors the sky the more, the flatter one looks at it.
_WATER = """//VTK::TCoord::Impl
  float cjTilt = 1.0 - clamp(abs(dot(normalVCVSOutput, normalize(vertexVC.xyz))), 0.0, 1.0);
  gl_FragData[0].rgb = mix(gl_FragData[0].rgb, cjSky, 0.10 + 0.62 * cjTilt * cjTilt * cjTilt);
"""

# The far form of a glyph: a round dot with a dark rim that vanishes near by.
_DOT = """//VTK::TCoord::Impl
  float cjRim = length(gl_PointCoord - vec2(0.5));
  if (cjRim > 0.5 || (1.0 / gl_FragCoord.w < cjDotFrom && cjHazeMost > 0.0)) discard;
  gl_FragData[0].rgb *= 1.0 - 0.35 * smoothstep(0.30, 0.46, cjRim);
"""

# A shell as glass has it: what turns away from the eye is denser. Outlines are seen, whatever the shell's opacity.
_GHOST = """
  float cjAway = 1.0 - clamp(abs(dot(normalVCVSOutput, normalize(vertexVC.xyz))), 0.0, 1.0);
  gl_FragData[0].a *= 0.55 + 1.9 * cjAway * cjAway;
"""
_GHOST_EDGE = "  gl_FragData[0].a = max(gl_FragData[0].a, 0.34 * emix);\n"

_EDGE = "float emix = clamp(0.5 + 0.5*lineWidth - min( min( edist[0], edist[1]), edist[2]), 0.0, 1.0);"

#: One unit of ``offset`` brings a surface nearer by this share of its distance.
NEARER = 2.5e-4


@dataclass(frozen=True, slots=True)
class Look:
    """Lighting of a scene, light or dark; colours 0…1, angles in degrees, see ``scene.toml``."""

    sky_top: RGB
    sky_mid: RGB
    horizon: RGB
    nadir: RGB
    haze: RGB
    haze_strength: float
    sun: RGB
    sun_strength: float
    sun_azimuth: float
    sun_elevation: float
    fill: RGB
    fill_strength: float
    ambient: float
    diffuse: float
    specular: float
    windows: float

    @property
    def unlit(self) -> float:
        """Return the brightness of lines, which no light reaches: at night they do not glow."""
        return 1.0 - 0.38 * self.windows

    @property
    def to_sun(self) -> RGB:
        """Return the unit vector from the ground to the sun (east, north, up)."""
        azimuth, elevation = math.radians(self.sun_azimuth), math.radians(self.sun_elevation)
        flat = math.cos(elevation)
        return flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(elevation)


def look(dark: bool) -> Look:
    """Return the light or the dark look."""
    table: dict[str, Any] = scene_theme()["dark" if dark else "light"]
    return Look(**{name: _value(value) for name, value in table.items()})


def _value(value: Any) -> Any:
    return rgb(value) if isinstance(value, str) else float(value)


def rgb(text: str) -> RGB:
    """Return ``"#rrggbb"`` as 0…1."""
    return int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255


def appearance(
    actor: Any, *, texture: str = "", offset: float = 0.0, dot: bool = False, ghost: bool = False, first: str = ""
) -> None:
    """Add haze (and the facade's or the offset's lines) to the shaders of an actor.

    Parameters
    ----------
    actor : vtkActor
    texture : str
        Name of its texture: facades and water have lines of their own.
    offset : float
        Depth offset in units, see :class:`~viewers.render.geometry.parts.MeshPart`; done in the vertex shader, which
        costs no early depth test, and in proportion to distance, which does not shine through what stands in front.
    dot : bool
        The actor is the far form of a glyph and vanishes when near.
    ghost : bool
        A see-through shell: clear where it is looked at straight, denser where it turns away, with fine outlines.
    first : str
        Lines of the fragment shader that come before the haze.
    """
    shader = actor.GetShaderProperty()
    body = _HAZE + _GHOST if ghost else _HAZE
    if texture.startswith("facade"):
        body = _FACADE + _HAZE.partition("\n")[2]
    elif texture == "water":
        body = _WATER + _HAZE.partition("\n")[2]
    if dot:
        body = _DOT + _HAZE.partition("\n")[2]
    if ghost and actor.GetProperty().GetEdgeVisibility():
        body += _GHOST_EDGE
    if first:
        tag, _, rest = body.partition("\n")
        body = tag + first + rest
    shader.AddFragmentShaderReplacement("//VTK::TCoord::Impl", True, body, False)
    if actor.GetProperty().GetEdgeVisibility():
        shader.AddShaderReplacement(
            vtkShader.Fragment, _EDGE, False, _EDGE + "\nemix *= clamp(cjEdgeReach * gl_FragCoord.w, 0.0, 1.0);", False
        )
    if offset:
        draw_nearer(actor, offset)


def draw_nearer(actor: Any, offset: float) -> None:
    """Draw an actor nearer to the eye by ``offset`` units, see :func:`appearance`."""
    nearer = f"  gl_Position.z -= {offset * NEARER:.7f} * (gl_Position.w - gl_Position.z);\n"
    actor.GetShaderProperty().AddVertexShaderReplacement(
        "//VTK::PositionVC::Impl", True, "//VTK::PositionVC::Impl\n" + nearer, False
    )


class Atmosphere:
    """Sky and haze of one renderer, following its camera.

    Parameters
    ----------
    renderer : vtkRenderer
    current : Look
    """

    _ROWS = 512

    def __init__(self, renderer: Any, current: Look) -> None:
        self._renderer = renderer
        self.look = current
        self._texture = vtkTexture()
        self._texture.InterpolateOn()
        self._painted: tuple[object, ...] = ()
        renderer.SetBackgroundTexture(self._texture)
        renderer.TexturedBackgroundOn()

    def follow(self) -> None:
        """Paint the sky for the camera's pitch; cheap and silent when nothing changed."""
        camera = self._renderer.GetActiveCamera()
        direction = camera.GetDirectionOfProjection()
        pitch = math.degrees(math.asin(max(-1.0, min(1.0, direction[2]))))
        angle = camera.GetViewAngle()
        state = (round(pitch, 2), round(angle, 2), bool(camera.GetParallelProjection()), self.look)
        if state == self._painted:
            return
        self._painted = state
        image = sky_rows(self.look, pitch, 1e-3 if camera.GetParallelProjection() else angle, self._ROWS)
        self._texture.SetInputData(_image(np.repeat(image[:, None], 2, axis=1)))

    def as_new(self) -> None:
        """Paint the sky anew with the next frame: what was painted is true within a hundredth of a degree only."""
        self._painted = ()

    def uniforms(self, actor: Any, values: dict[str, float | RGB]) -> None:
        """Write shader values to one actor."""
        uniforms = actor.GetShaderProperty().GetFragmentCustomUniforms()
        for name, value in values.items():
            if isinstance(value, tuple):
                uniforms.SetUniform3f(name, value)
            else:
                uniforms.SetUniformf(name, value)

    def values(self, size_m: float) -> dict[str, float | RGB]:
        """Return shader values for the camera as it stands.

        Parameters
        ----------
        size_m : float
            Diagonal of the city: haze begins behind what is looked at, and a city fades over a few of its own sizes.
        """
        camera = self._renderer.GetActiveCamera()
        distance = camera.GetDistance()
        length = max(2400.0, 0.9 * size_m, 1.1 * distance) / max(self.look.haze_strength, 1e-3)
        return {
            "cjHaze": self.look.haze,
            "cjSky": self.look.sky_mid,
            "cjHazeStart": 0.5 * distance,
            "cjHazeLength": length,
            "cjHazeMost": 0.0 if camera.GetParallelProjection() else 1.0,
            "cjEdgeReach": 420.0,
            "cjDotFrom": 350.0,
            "cjWindows": self.look.windows,
        }


def sky_rows(current: Look, pitch_deg: float, angle_deg: float, rows: int) -> NDArray[np.uint8]:
    """Return the colours of the sky from the bottom row of the picture to the top, (rows, 3) uint8.

    Parameters
    ----------
    current : Look
    pitch_deg : float
        Elevation of the viewing direction, negative when looking down.
    angle_deg : float
        Vertical opening angle.
    rows : int
    """
    reach = math.tan(math.radians(angle_deg) / 2)
    elevation = pitch_deg + np.degrees(np.arctan(np.linspace(-reach, reach, rows)))
    stops = np.array([-90.0, -4.0, -0.3, 0.6, 7.0, 30.0, 90.0])
    colours = np.array(
        [current.nadir, current.haze, current.haze, current.horizon, current.sky_mid, current.sky_top, current.sky_top]
    )
    painted = np.stack([np.interp(elevation, stops, colours[:, c]) for c in range(3)], axis=1)
    rows_rgb: NDArray[np.uint8] = np.clip(painted * 255, 0, 255).astype(np.uint8)
    return rows_rgb


def _image(pixels: NDArray[np.uint8]) -> Any:
    """Wrap (h, w, c) uint8, bottom row first, as a VTK image."""
    height, width, bands = pixels.shape
    image = vtkImageData()
    image.SetDimensions(width, height, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(pixels.reshape(-1, bands), deep=True))
    return image


def texture_of(pixels: NDArray[np.uint8], repeat: bool, smooth: bool = True) -> Any:
    """Return a texture of (h, w, 3|4) uint8, bottom row first; a smooth one is mip-mapped."""
    texture = vtkTexture()
    texture.SetInputData(_image(np.ascontiguousarray(pixels)))
    texture.SetInterpolate(smooth)
    texture.SetMipmap(smooth)
    texture.SetMaximumAnisotropicFiltering(1.0)  # more doubles the cost of a frame without a GPU
    texture.SetRepeat(repeat)
    texture.SetColorModeToDirectScalars()
    if not repeat:
        texture.EdgeClampOn()
    return texture
