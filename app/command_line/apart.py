"""A verb of the command line in a child process: ``python -m app.command_line.apart <verb> …``.

It ends when its parent does, however that ends: its standard input closes then. Progress is told on standard output, a
JSON object a line, results too; whoever starts it reads the last line of standard error where it fails.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time

#: Seconds between two words of progress.
_REPORT_EVERY_S = 0.2


def main(argv: list[str]) -> int:
    """Run a verb and return its exit code."""
    from app.command_line import terminal
    from app.command_line.main import run

    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what the verb prints is for whoever reads its words
    threading.Thread(target=_end_with_parent, daemon=True).start()
    last = [0.0]

    def report(title: str, fraction: float, code: str) -> None:
        now = time.monotonic()
        if now - last[0] > _REPORT_EVERY_S:
            last[0] = now
            out.write(json.dumps({"fraction": fraction, "code": code, "title": title}, ensure_ascii=False) + "\n")

    terminal.reporting.append(report)
    return run(argv)


def _end_with_parent() -> None:
    while sys.stdin.read(1 << 16):
        pass
    os._exit(1)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # native libraries have crashed while they were being torn down
