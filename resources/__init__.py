"""Words, fonts, pictures, standards as data. Knows nobody."""

from pathlib import Path

HERE = Path(__file__).parent
