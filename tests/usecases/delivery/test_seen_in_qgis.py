"""QGIS, where it is installed, gives every object the colour that it has here."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from models.core.progress import Progress
from models.layers.layer import Layer, Style, VectorData
from models.store.styled_geopackage import write_styled
from models.style.kinds import Class, Labels, ScaleRange, Symbology
from viewers.render.symbology.style_colours import style_colours

TOOL = Path(__file__).parents[3] / "tools" / "see_in_qgis.py"
PYTHON = "/usr/bin/python3"
GRADES = (Class("#fee0a0", high=10.5), Class("#f08040", low=10.5, high=30.0), Class("#a02010", low=30.0))
KINDS = (
    Class("#4e79a7", value="a"),
    Class("#e15759", value="b", opacity=0.6),
    Class("#59a14f", value="a'x", visible=False),
)
RULES = (Class("#123456", expression="v > 20"), Class("#654321", expression="kind = 'a' or n < 5"), Class("#999999"))
STYLES = {
    "single": Symbology(classes=(Class("#aa5511"),)),
    "categorised": Symbology(kind="categorised", field="kind", classes=KINDS, other=Class("#112233")),
    "truths": Symbology(
        kind="categorised", field="b", classes=(Class("#ff0000", value="True"), Class("#00ff00", value="False"))
    ),
    "graduated": Symbology(kind="graduated", field="v", method="manual", classes=GRADES),
    "complete": Symbology(kind="graduated", field="n", method="manual", classes=GRADES),
    "rules": Symbology(kind="rules", classes=RULES),
}


def has_qgis():
    try:
        found = subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, timeout=60, check=False)
    except OSError:
        return False
    return found.returncode == 0


def table():
    at = np.arange(36)
    kind = [None if k % 7 == 0 else "abc"[k % 3] + "'x" if k % 5 == 0 else "abc"[k % 3] for k in at]
    return gpd.GeoDataFrame(
        {"kind": kind, "v": np.where(at % 9 == 0, np.nan, at * 1.5), "n": at, "b": at % 2 == 0, "name": "物"},
        geometry=[box(5e5 + 20 * k, 4.059e6, 5e5 + 20 * k + 16, 4.059e6 + 16) for k in at], crs="EPSG:4548",
        index=pd.Index(at + 1, name="fid"),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not has_qgis(), reason="QGIS is not installed")
def test_every_object_has_the_colour_in_qgis_that_it_has_here_and_no_data_is_hatched(tmp_path):
    layers = {
        name: Layer(name, name, "vector", "other", style=Style(
            symbology=symbology, labels=Labels("name"), scales=ScaleRange(500, 50_000)))
        for name, symbology in STYLES.items()
    }  # fmt: skip
    file = tmp_path / "styles.gpkg"
    write_styled(
        file, [(name, table(), layer) for name, layer in layers.items()], "2026-01-01T00:00:00.000Z", Progress()
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "QT_"))}
    ran = subprocess.run(
        [PYTHON, str(TOOL), str(file), str(tmp_path / "seen.png")], capture_output=True, text=True, check=True,
        env=plain | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}, timeout=120,
    )  # fmt: skip
    seen = json.loads(ran.stdout[ran.stdout.index("{") :])
    for name, layer in layers.items():
        oids, rgba = style_colours(layer, VectorData(table()), None)
        own = rgba[oids < 1 << 29]
        drawn = own[own[:, 3] > 0]
        ours = Counter("#{:02x}{:02x}{:02x}/{:.2f}".format(*row[:3], row[3] / 255) for row in drawn.tolist())
        theirs = Counter()
        for colour, count in seen[name]["counts"].items():
            theirs[colour.rsplit("/", 1)[0]] += count
        assert theirs == ours, name
        assert seen[name]["undrawn"] == len(own) - len(drawn)
        assert (seen[name]["labels"], seen[name]["scales"]) == ("name", [50_000.0, 500.0])
    blank = [colour for colour in seen["graduated"]["counts"] if colour.endswith("/2")]  # grey, and the hatch over it
    assert blank == ["#9aa1a5/1.00/2"]
    assert (tmp_path / "seen.png").stat().st_size > 1000
