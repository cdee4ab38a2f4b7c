"""Where the project and the data of others stand."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
