"""Write ``resources/standards/ifc_classes.toml``: which IFC class is a kind of which, over all schemas we read.

Run ``python -m tools.make_ifc_classes`` after a new version of IfcOpenShell knows more schemas.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3_ADD2")
TARGET = Path(__file__).resolve().parents[1] / "resources" / "standards" / "ifc_classes.toml"
HEAD = """\
# IFC classes that stand for objects, each with the classes it is a kind of, in IFC2X3 TC1, IFC4 and IFC4X3 ADD2
# together: a name like IfcWall selects IfcWallStandardCase too. Made by tools/make_ifc_classes.py from the schemas of
# buildingSMART as IfcOpenShell knows them; not edited by hand.
"""


def parents() -> dict[str, list[str]]:
    """Return ``{class: [supertypes, one a schema at most]}`` of all objects."""
    import ifcopenshell

    found: dict[str, list[str]] = {}
    for name in SCHEMAS:
        schema: Any = ifcopenshell.schema_by_name(name)
        for declaration in schema.entities():
            above = declaration.supertype()
            chain = declaration
            while chain is not None and chain.name() not in ("IfcObject", "IfcContext"):
                chain = chain.supertype()
            if above is not None and chain is not None and above.name() not in found.get(declaration.name(), []):
                found.setdefault(declaration.name(), []).append(above.name())
    return dict(sorted(found.items()))


def main() -> None:
    """Write the table."""
    lines = [f"{name} = [{', '.join(f'{one!r}' for one in above)}]" for name, above in parents().items()]
    TARGET.write_text(HEAD + "\n[parents]\n" + "\n".join(lines).replace("'", '"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
