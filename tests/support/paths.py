"""Where the project and the real files stand."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
IFC_FILES = DATA / "ifc"
CITY_FILES = DATA / "city3d"
CASES = ROOT.parent / "shared" / "cases"
