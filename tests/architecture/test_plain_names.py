"""Tool tips and labels take data through one door, so that no name is drawn as markup."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.support.paths import ROOT


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for folder in ("app", "viewers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", name, node


def _is_plain(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Call) and getattr(argument.func, "id", "") == "plain_tip"


def test_every_tool_tip_is_plain() -> None:
    wrong = [
        where
        for where, name, node in calls()
        if (name == "setToolTip" and not any(_is_plain(argument) for argument in node.args))
        or (
            name == "showText"
            and "QToolTip" in ast.unparse(node.func)
            and not any(_is_plain(argument) for argument in node.args)
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_every_label_is_made_by_the_one_function_that_makes_plain_ones() -> None:
    wrong = [where for where, name, _ in calls() if name in ("QLabel", "QTextBrowser", "QTextEdit", "QMessageBox")]
    assert not wrong, "\n".join(wrong)


def test_no_widget_reads_markup_but_the_links_we_write_ourselves() -> None:
    found = [where for where, name, node in calls() if name in ("setHtml", "setMarkdown", "insertHtml", "appendHtml")]
    rich = [where for where, name, node in calls() if name == "setTextFormat" and "RichText" in ast.unparse(node)]
    # the guide's pages are our own, and fetch nothing
    assert {where.split(":")[0] for where in found} <= {"viewers/widgets/shell/guide.py"}
    assert {where.split(":")[0] for where in rich} <= {"viewers/widgets/layers/properties_panel.py"}


def test_every_choice_is_one_that_shows_plain_names() -> None:
    wrong = [where for where, name, _ in calls() if name == "QComboBox"]
    assert not wrong, "make a PlainCombo instead:\n" + "\n".join(wrong)
