"""Start 城镜 Chengjing: words on the command line run a command, none opens the window.

Neither Qt nor VTK is imported before the choice is made, so that ``--help`` and ``info`` answer at once.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from app.session import Session


def main() -> int:
    """Run the program and return its exit code (0 done, 2 usage, 3 cannot work, 4 our fault, 130 stopped)."""
    from app.command_line.main import run

    return run(sys.argv[1:], open_window)


def open_window(paths: "list[Path]", session: "Session") -> int:
    """Open the window; handed to the command line, which never reaches a widget itself."""
    from app.command_line.main import leave_folder

    leave_folder()
    if any(path.suffix.lower() == ".gpkg" for path in paths):  # it comes up while Qt and VTK do
        session.workers.expect("models.store.project_contents")
    # Before PySide6, which looks into the source of each module that is imported after it: a fifth of a second.
    import viewers.render.scene.scene  # noqa: F401
    from app.gui import start

    return start(paths, session)


if __name__ == "__main__":
    sys.exit(main())
