"""A VTK render window inside a Qt widget, which draws only when it is told to.

VTK draws into framebuffers of its own, with the context that Qt gave the widget; the finished frame is copied into the
widget's framebuffer, which Qt puts together with what lies over it. There is no native window, and VTK has no
interactor.

Invariants
----------
1. Qt owns the context, VTK borrows it. When VTK asks for it, it is made current on its surface and nothing is bound:
   ``QOpenGLWidget.makeCurrent`` would bind the widget's framebuffer in the middle of a frame.
2. VTK frees its graphics while the context lives: in :meth:`VTKWidget.free`, or when Qt destroys the context because
   the widget gets another top-level window. A new context then begins anew, with the same scene.
3. Without a context of ours VTK is told that it is not current, so that it leaves alone what belongs to another widget.
4. Nothing that VTK holds keeps the widget alive: observers know it by a weak reference.

References
----------
``QVTKOpenGLNativeWidget`` and ``QVTKRenderWindowAdapter`` of VTK's GUISupport/Qt, which do the same in C++.
"""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

from PySide6.QtCore import QThread
from PySide6.QtGui import QOpenGLContext, QSurfaceFormat
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid
from vtkmodules.vtkRenderingCore import vtkRenderer
from vtkmodules.vtkRenderingOpenGL2 import vtkGenericOpenGLRenderWindow

_DRAW_FRAMEBUFFER = 0x8CA9
_COLOUR_BIT = 0x4000
_NEAREST = 0x2600
_DEPTH_TEST, _NOT_BEHIND = 0x0B71, 0x0203
_SCISSOR_TEST = 0x0C11


def surface_format() -> QSurfaceFormat:
    """Return what VTK's shaders need: desktop OpenGL 3.2, core profile; VTK smooths in framebuffers of its own."""
    wanted = QSurfaceFormat()
    wanted.setRenderableType(QSurfaceFormat.RenderableType.OpenGL)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setVersion(3, 2)
    wanted.setSamples(0)
    return wanted


def _address_of(name: bytes) -> int:
    """Return where a function of OpenGL lies, for the context that is current."""
    return int(QOpenGLContext.currentContext().getProcAddress(name) or 0)


class VTKWidget(QOpenGLWidget):
    """A widget with one VTK renderer; a subclass says when it draws (:meth:`draw_frame`) and shows.

    Attributes
    ----------
    renderer : vtkRenderer
        Without lights until somebody adds them.
    render_window : vtkGenericOpenGLRenderWindow
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        # For all windows, and before the first is shown: a format of the widget's own would not fit the context that
        # Qt shares with the window around it, and the widget would stay black under Wayland.
        QSurfaceFormat.setDefaultFormat(surface_format())
        super().__init__(parent)
        self.setMouseTracking(True)
        self.renderer: Any = vtkRenderer()
        self.renderer.AutomaticLightCreationOff()
        self.render_window: Any = vtkGenericOpenGLRenderWindow()
        self.render_window.SetReadyForRendering(False)
        self.render_window.SetFrameBlitModeToNoBlit()
        self.render_window.SetMultiSamples(0)
        self.render_window.AddRenderer(self.renderer)
        self._lent: QOpenGLContext | None = None
        self._type_factor = 1.0
        ours = weakref.ref(self)

        def ask(answer: str) -> Any:
            def observer(*_: Any) -> None:
                widget = ours()
                if widget is not None:
                    getattr(widget, answer)()

            return observer

        self.render_window.AddObserver("WindowMakeCurrentEvent", ask("_lend_context"))
        self.render_window.AddObserver("WindowIsCurrentEvent", ask("_tell_current"))

    # --- the context ---------------------------------------------------------------------------------------------
    def initializeGL(self) -> None:  # noqa: N802
        """Let VTK begin with a new context."""
        window, context = self.render_window, QOpenGLContext.currentContext()
        self._lent = context
        context.aboutToBeDestroyed.connect(self.free)
        find = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)(_address_of)  # no closure: it would keep the context
        window.SetOpenGLSymbolLoader2(ctypes.cast(find, ctypes.c_void_p).value or 0, 0)
        window.OpenGLInitContext()
        window.SetOpenGLSymbolLoader2(0, 0)
        window.OpenGLInit()
        window.SetForceMaximumHardwareLineWidth(1)
        window.SetOwnContext(0)
        window.SetReadyForRendering(True)
        self._fit()

    def _lend_context(self) -> None:
        # Qt ends the program when a context is made current on a thread that is not its own.
        if self._lent is not None and isValid(self._lent) and QThread.currentThread() is self.thread():
            self._lent.makeCurrent(self._lent.surface())

    def _tell_current(self) -> None:
        lent = self._lent
        self.render_window.SetIsCurrent(lent is not None and QOpenGLContext.currentContext() is lent)

    def free(self) -> None:
        """Let VTK free its graphics; nothing is drawn until Qt gives a context again."""
        if self._lent is not None:
            self._lend_context()
            self.render_window.Finalize()
            self.render_window.SetReadyForRendering(False)
            # A kept wrapper outlives what it wraps, and whatever Qt creates at the same address comes to Python as it;
            # ``self.context()`` would keep one until the widget goes.
            self._lent = None

    # --- frames --------------------------------------------------------------------------------------------------
    def resizeGL(self, w: int, h: int) -> None:  # noqa: N802
        """Follow the widget's size."""
        self._fit()

    def _fit(self) -> None:
        """Give VTK the widget's size in device pixels."""
        ratio = self.devicePixelRatioF()
        self.render_window.SetSize(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))
        self.render_window.SetDPI(round(72 * ratio * self._type_factor))

    def set_type_factor(self, factor: float) -> None:
        """Draw names, signs and lines so many times larger than on a desk, for who sits far away."""
        if factor != self._type_factor:
            self._type_factor = factor
            self._fit()

    def paintGL(self) -> None:  # noqa: N802
        """Draw a frame and show it."""
        self.draw_frame()
        self.show_frame()

    def draw_frame(self) -> None:
        """Let VTK draw a frame into its own framebuffer; to be called by :meth:`paintGL`."""
        if self.render_window.GetReadyForRendering():
            self._resume().Push()
            self.render_window.Render()
            self.render_window.GetState().Pop()

    def show_frame(self) -> None:
        """Copy the last frame into the widget's framebuffer; to be called by :meth:`paintGL`."""
        window = self.render_window
        if not window.GetReadyForRendering():
            return
        self.makeCurrent()  # drawing bound VTK's framebuffers, and progress may have let another widget draw
        self._resume()
        gl = QOpenGLContext.currentContext().functions()
        gl.glBindFramebuffer(_DRAW_FRAMEBUFFER, self.defaultFramebufferObject())
        gl.glDisable(_SCISSOR_TEST)
        width, height = window.GetSize()
        gl.glViewport(0, 0, width, height)
        window.BlitDisplayFramebuffer(0, 0, 0, width, height, 0, 0, width, height, _COLOUR_BIT, _NEAREST)
        # Where the picture were not opaque, the desktop would shine through the window.
        gl.glColorMask(False, False, False, True)
        gl.glClearColor(0.0, 0.0, 0.0, 1.0)
        gl.glClear(_COLOUR_BIT)
        gl.glColorMask(True, True, True, True)

    def _resume(self) -> Any:
        """Return VTK's memory of OpenGL's state, made true again after Qt's own drawing."""
        state = self.render_window.GetState()
        state.Reset()
        state.vtkglEnable(_DEPTH_TEST)
        state.vtkglDepthFunc(_NOT_BEHIND)
        return state
