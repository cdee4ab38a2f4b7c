"""Children that read IFC models and never have their cuts in time for the first picture."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from app.background import workers

_SCRIPT = """
import os, sys, time
import models.io.ifc.preview as preview, models.io.ifc.reader as reader, models.io.worker as worker
tessellate = preview.tessellate
def late(raw, only=None):
    if only is not None:
        time.sleep(0.4)
        {then}
    return tessellate(raw, only)
preview.tessellate, reader._GRACE, reader._GRACE_S = late, 0.0, 0.0
worker.main(["-"])
"""


def let_cuts_come_late(monkeypatch: pytest.MonkeyPatch, then: str = "pass") -> None:
    """Let all children take their time with what is cut, and then do something else first."""
    real = subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        return real([command[0], "-c", _SCRIPT.format(then=then)], **options)

    monkeypatch.setattr(workers.subprocess, "Popen", popen)
