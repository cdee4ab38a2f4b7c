"""Shader lines of pipes: a least width on the screen, dashes that keep their length on it, hatch of no data.

A pipe is as wide as it is. From afar it would be less than a pixel: its corners are then pushed outwards, along their
normals, until it is :data:`LEAST_PX` wide; near by nothing is changed. Patterns are measured along the pipe and grow by
powers of two with the distance, so that rain can be told from sewage in a street and in a whole city, and stay when a
theme recolours the pipes. All of it is done by the graphics: no array is written while the eye moves.
"""

from __future__ import annotations

from typing import Any

from vtkmodules.vtkCommonDataModel import vtkDataObject
from vtkmodules.vtkRenderingCore import vtkPolyDataMapper

from viewers.render.palette.lighting import rgb

#: Name of the point array (reach m, along m, pattern, around 0…1).
ARRAY = "pipe"
#: Name of the point array of arrows (width m, distance to the next m).
ARROW_ARRAY = "arrow"
#: An arrow is at least so wide on the screen, and so far from the next, pixels.
ARROW_PX, LEAST_GAP_PX = 7.5, 84.0
#: Arrows are left out where a pixel is more metres than this: a whole city of them would hide the pipes.
FARTHEST_PX_M = 0.7
#: A pipe is at least so wide on the screen, pixels.
LEAST_PX = 2.8
#: Numbers of the patterns; :data:`ASSUMED` is added where the depth is assumed.
SOLID, DASH, DASH_DOT, DOT = 0, 1, 2, 3
ASSUMED = 8

_DECLARED = "in vec4 pipeMC;\nout vec4 cjPipeVS;\n//VTK::Normal::Dec"
_WIDENED = """//VTK::PositionVC::Impl
  float cjThin = 0.5 * cjLeastPx * cjPixelM * gl_Position.w - pipeMC.x;
  gl_Position += MCDCMatrix * vec4(normalMC * max(cjThin, 0.0), 0.0);
  cjPipeVS = pipeMC;
"""
_RECEIVED = "in vec4 cjPipeVS;\n//VTK::Normal::Dec"
_PATTERN = """
  float cjPx = cjPixelM * (cjFlat > 0.5 ? 1.0 : 1.0 / gl_FragCoord.w);
  float cjStep = 1.6 * exp2(ceil(log2(max(9.0 * cjPx / 1.6, 1.0))));
  float cjAlong = cjPipeVS.y / (2.0 * cjStep);
  float cjKind = floor(cjPipeVS.z + 0.5);
  if (cjKind > 7.5) {
    cjKind -= 8.0;
    if (fract(cjAlong * 2.0) > 0.62) discard;
  }
  float cjAt = fract(cjAlong);
  float cjLight = 0.0;
  if (cjKind > 2.5) cjLight = step(0.5, fract(cjAlong * 2.0));
  else if (cjKind > 1.5) cjLight = step(0.62, cjAt) - step(0.74, cjAt) + step(0.88, cjAt);
  else if (cjKind > 0.5) cjLight = step(0.55, cjAt);
  float cjBlank = 1.0 - step(0.006, length(diffuseColor - cjNoData * diffuseIntensity));
  if (cjBlank > 0.5) cjLight = step(0.5, fract(cjPipeVS.y / cjStep + cjPipeVS.w));
  gl_FragData[0].rgb = mix(gl_FragData[0].rgb, vec3(1.0) - 0.42 * (vec3(1.0) - gl_FragData[0].rgb), cjLight);
"""


def shade_pipes(actor: Any, no_data: str) -> str:
    """Give an actor of pipes its shader lines; return those of the fragment, which stand before the haze.

    Parameters
    ----------
    actor : vtkActor
        Its data has the point array :data:`ARRAY`.
    no_data : str
        ``"#rrggbb"``: what has this colour is drawn hatched.
    """
    mapper, shader = actor.GetMapper(), actor.GetShaderProperty()
    # Points are small numbers already, and what is pushed must be in metres.
    mapper.SetVBOShiftScaleMethod(vtkPolyDataMapper.DISABLE_SHIFT_SCALE)
    mapper.MapDataArrayToVertexAttribute("pipeMC", ARRAY, vtkDataObject.FIELD_ASSOCIATION_POINTS, -1)
    shader.AddVertexShaderReplacement("//VTK::Normal::Dec", True, _DECLARED, False)
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _WIDENED, False)
    shader.AddFragmentShaderReplacement("//VTK::Normal::Dec", True, _RECEIVED, False)
    vertex, fragment = shader.GetVertexCustomUniforms(), shader.GetFragmentCustomUniforms()
    vertex.SetUniformf("cjLeastPx", LEAST_PX)
    fragment.SetUniform3f("cjNoData", rgb(no_data))
    follow(actor, 1e-3, False)
    return _PATTERN


_ARROW_DECLARED = "in vec2 arrowMC;\n//VTK::Normal::Dec"
_ARROW_SIZED = """//VTK::PositionVC::Impl
  float cjPx = cjPixelM * gl_Position.w;
  if (arrowMC.y < cjGapPx * cjPx || cjPx > cjFarthestPx) gl_Position = vec4(0.0, 0.0, -9.0, 1.0);
  else gl_Position += MCDCMatrix * vec4(normalMC * max(arrowMC.x, cjArrowPx * cjPx), 0.0);
  gl_Position.z -= 0.0006 * (gl_Position.w - gl_Position.z);
"""


def shade_arrows(actor: Any) -> None:
    """Give an actor of arrows the lines that hold their size on the screen and leave out what stands too close."""
    mapper, shader = actor.GetMapper(), actor.GetShaderProperty()
    mapper.SetVBOShiftScaleMethod(vtkPolyDataMapper.DISABLE_SHIFT_SCALE)
    mapper.MapDataArrayToVertexAttribute("arrowMC", ARROW_ARRAY, vtkDataObject.FIELD_ASSOCIATION_POINTS, -1)
    shader.AddVertexShaderReplacement("//VTK::Normal::Dec", True, _ARROW_DECLARED, False)
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _ARROW_SIZED, False)
    uniforms = shader.GetVertexCustomUniforms()
    uniforms.SetUniformf("cjArrowPx", ARROW_PX)
    uniforms.SetUniformf("cjGapPx", LEAST_GAP_PX)
    uniforms.SetUniformf("cjFarthestPx", FARTHEST_PX_M)
    follow(actor, 1e-3, False)


def follow(actor: Any, pixel_m: float, is_parallel: bool) -> None:
    """Tell an actor of pipes how wide a pixel is, metres at one metre; in a parallel view everywhere."""
    shader = actor.GetShaderProperty()
    shader.GetVertexCustomUniforms().SetUniformf("cjPixelM", pixel_m)
    shader.GetFragmentCustomUniforms().SetUniformf("cjPixelM", pixel_m)
    shader.GetFragmentCustomUniforms().SetUniformf("cjFlat", float(is_parallel))
