"""Write docs/actions.md from the table of actions, so that the page never lags behind the program.

Run: ``.venv/bin/python tools/make_action_page.py``. A test fails when the page is not what the table says.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "actions.md"

HEAD = """# Every action of the window

Made by `tools/make_action_page.py` from the table of actions (`app/actions` and `app/window/features/*/actions.py`);
menus, tool bar, keyboard and the command palette (Ctrl+K) read the same table.

| id | 中文 | English | keys |
|---|---|---|---|
"""


def page() -> str:
    """Return the page as the table says it."""
    sys.path.insert(0, str(ROOT))
    from app.actions import actions
    from resources.words import has, word

    lines = []
    for action in actions():
        tips = [word(action.tip, lang) if has(action.tip) else "" for lang in ("zh", "en")]
        names = [word(action.word, lang) for lang in ("zh", "en")]
        cells = [f"**{name}**" + (f"<br>{tip}" if tip else "") for name, tip in zip(names, tips, strict=True)]
        lines.append(f"| `{action.id}` | {cells[0]} | {cells[1]} | {action.shortcut.replace('; ', ', ')} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
