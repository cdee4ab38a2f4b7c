"""``ifc tree``: a model's elements by place, class, type, system, material, classification or storey."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.bim.tree import Node

_BYS = ("spatial", "class", "type", "system", "material", "classification", "storey")


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    parser.add_argument("file", metavar=w("cli.meta.file"), type=Path, help=w("cli.option.ifc_file"))
    parser.add_argument("--by", choices=_BYS, default="spatial", help=w("cli.option.ifc_by"))
    parser.add_argument("--all", action="store_true", help=w("cli.option.ifc_all"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))


def run(arguments: argparse.Namespace, lang: str) -> int | None:
    """Print the tree; elements only with ``--all`` or as JSON, else how many there are."""
    from app.command_line.terminal import open_model, print_json, session_of
    from models.bim import tree
    from resources.words import word

    session = session_of(arguments, lang)
    _, data = open_model(session, arguments.file)
    root = tree.build(data, arguments.by)
    if arguments.json:
        guids = data.elements["guid"].tolist()
        print_json(_as_dict(root, guids))
    else:
        for depth, node in tree.walk(root):
            leaf = node.oid is not None and not node.children and node.kind not in tree.SPATIAL
            if not depth or (leaf and not arguments.all):
                continue
            kind = "" if node.label == node.kind or node.kind in tree.BYS else node.kind
            name = node.label or word(f"bim.tree.{node.kind}", lang)
            count = f"  ({len(node.oids):,})" if not leaf else ""
            print(f"{'  ' * (depth - 1)}{name}{f'  {kind}' if kind and node.label else ''}{count}")
    session.close()
    return None


def _as_dict(node: Node, guids: list[str]) -> dict[str, Any]:
    """Return a node and all below; made without recursion, as deep as files are."""
    root: dict[str, Any] = {}
    stack = [(node, root)]
    while stack:
        here, made = stack.pop()
        made |= {"name": here.label, "kind": here.kind, "count": len(here.oids)}
        if here.oid is not None:
            made["guid"] = guids[here.oid]
        if here.children:
            made["children"] = [{} for _ in here.children]
            stack.extend(zip(here.children, made["children"], strict=True))
    return root
