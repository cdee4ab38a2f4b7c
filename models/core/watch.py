"""Connect a listener so that its failure is logged and silences nobody else.

psygnal stops at the first listener that raises, and the others are never told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from psygnal import SignalInstance

log = logging.getLogger(__name__)


def watch(signal: SignalInstance, listener: Callable[..., Any]) -> Callable[[], None]:
    """Connect ``listener`` to ``signal``; return a function that takes it off again.

    Notes
    -----
    The listener is held strongly: whoever watches must also stop (a widget does so when it closes).
    """

    def safe(*args: Any) -> None:
        try:
            listener(*args)
        except Exception:  # one listener's failure is not the others'
            log.exception("listener %r failed on %s", listener, signal.name)

    signal.connect(safe, check_nargs=False)

    def stop() -> None:
        signal.disconnect(safe, missing_ok=True)

    return stop
