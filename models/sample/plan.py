"""The master plan of the sample city, drawn once by hand: river, hill, main roads and what each block is for.

All numbers are metres from the city's centre, x east and y north. Main roads are *functions*: an east–west road is
y = g(x), a north–south road x = f(y). A branch road between two of them is their weighted mean, which is why the whole
network bends with the river and the hill as one fabric. A seed moves the control points by a few metres, never so far
that the blocks lose their purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from models.sample.city import stream

Array = NDArray[np.float64]
Curve = Callable[[Array], Array]

#: Roads run out to here, so that the world does not end at the city's edge.
REACH_M = 1_400.0

#: Carriageway width (m), lanes, footway width (m) and roadside green (m) of each road class.
ROAD_CLASSES: dict[str, tuple[float, int, float, float]] = {
    "expressway": (26.0, 6, 0.0, 4.0),
    "arterial": (30.0, 6, 4.0, 5.0),
    "sub_arterial": (21.0, 4, 3.5, 3.0),
    "branch": (13.0, 2, 2.5, 1.0),
    "lane": (5.0, 1, 0.0, 0.0),
}

RIVER = (
    (-1450, 170),
    (-1050, 30),
    (-650, -200),
    (-250, -190),
    (80, 0),
    (420, 130),
    (800, 60),
    (1120, -130),
    (1450, -210),
)
RIVER_LEVEL_M = 24.2

EAST_WEST: dict[str, tuple[tuple[float, float], ...]] = {
    "e0": ((-1450, 1060), (-300, 1015), (200, 985), (600, 1010), (1000, 1030), (1450, 1010)),
    "e1": ((-1450, 760), (-330, 745), (0, 700), (400, 705), (760, 760), (1100, 790), (1450, 800)),
    "e2": ((-1450, 430), (-1000, 345), (-620, 300), (-200, 345), (200, 405), (600, 445), (1000, 425), (1450, 400)),
    "e3": ((-1450, -420), (-900, -490), (-480, -545), (0, -480), (400, -400), (800, -390), (1450, -430)),
    "e4": ((-1450, -1000), (-600, -965), (0, -1000), (600, -975), (1450, -1010)),
}
NORTH_SOUTH: dict[str, tuple[tuple[float, float], ...]] = {
    "n0": ((-1450, -1010), (-500, -985), (0, -1005), (500, -1030), (1450, -1040)),
    "n1": ((-1450, -690), (-900, -690), (-400, -660), (0, -700), (320, -730), (1450, -700)),
    "n2": ((-1450, -400), (-900, -395), (-500, -375), (-50, -400), (330, -390), (560, -335), (780, -285), (1450, -290)),
    "n3": ((-1450, 20), (-700, 5), (-200, -25), (200, 0), (600, 50), (1000, 35), (1450, 20)),
    "n4": ((-1450, 470), (-800, 425), (-400, 400), (100, 385), (500, 405), (1000, 425), (1450, 430)),
    "n6": ((-1450, 1020), (-400, 1000), (200, 1015), (700, 1005), (1450, 1030)),
}
RING = (
    (-1450, -850), (-1000, -770), (-600, -755), (-200, -775), (150, -745), (430, -640), (630, -430), (735, -150),
    (778, 150), (782, 480), (768, 800), (775, 1100), (790, 1450),
)  # fmt: skip

#: Main roads: curve, class, stretch (from, to: another curve or the reach), name index in sample_names.toml.
MAIN_ROADS: tuple[tuple[str, str, str, str, str], ...] = (
    ("e0", "branch", "n2", "n6", "keyuan"),
    ("e1", "sub_arterial", "n2", "", "linyuan"),
    ("e2", "arterial", "", "", "shanqian"),
    ("nr", "sub_arterial", "", "", "binhe_north"),
    ("sr", "sub_arterial", "", "", "binhe_south"),
    ("e3", "arterial", "", "", "renmin"),
    ("e4", "sub_arterial", "", "", "wuliu"),
    ("n0", "branch", "e4", "e2", "xiyuan"),
    ("n1", "sub_arterial", "", "e2", "quanfu"),
    ("n2", "arterial", "", "", "heping"),
    ("n3", "sub_arterial", "", "", "wenhua"),
    ("n4", "arterial", "", "", "century"),
    ("n6", "branch", "e4", "e0", "dongyuan"),
)

#: Branch roads: mean of two curves with a weight, from one crossing curve to another.
BRANCH_ROADS: tuple[tuple[str, str, float, str, str, str], ...] = (
    ("n2", "n3", 0.50, "e1", "e0", "songyuan"),
    ("n3", "n4", 0.50, "e1", "e0", "baihua"),
    ("n4", "ring", 0.52, "e1", "e0", "kangfu"),
    ("n2", "n3", 0.48, "e2", "e1", "songyuan"),
    ("n3", "n4", 0.50, "nr", "e1", "baihua"),
    ("n4", "ring", 0.50, "nr", "e1", "kangfu"),
    ("e2", "e1", 0.50, "n2", "n4", "xueyuan"),
    ("e2", "e1", 0.52, "n4", "n6", "guangming"),
    ("nr", "e2", 0.50, "n0", "n2", "xinghua"),
    ("nr", "e2", 0.47, "n2", "n3", "guyi"),
    ("n2", "n3", 0.47, "nr", "e2", "laojie"),
    ("n1", "n2", 0.50, "nr", "e2", "taoyuan"),
    ("n2", "n3", 0.52, "e3", "sr", "chunhui"),
    ("n3", "n4", 0.48, "e3", "sr", "minsheng"),
    ("e3", "sr", 0.50, "n3", "minsheng", "jiankang"),
    ("e3", "sr", 0.48, "n4", "ring", "hexie"),
    ("n4", "ring", 0.50, "e3", "sr", "jinxiu"),
    ("n2", "n3", 0.48, "ring", "e3", "chunhui"),
    ("n3", "n4", 0.45, "ring", "e3", "minsheng"),
    ("n0", "n1", 0.52, "ring", "sr", "xianghe"),
    ("n1", "n2", 0.50, "ring", "e3", "taoyuan"),
    ("n4", "n6", 0.50, "e4", "e3", "fazhan"),
    ("e4", "e3", 0.52, "n4", "n6", "chuangye"),
    ("n3", "n4", 0.55, "e4", "ring", "gongye"),
)


#: What each block is for: a point in the block and a word that `fabric.FILLERS` knows. A block takes the label that
#: lies in it; blocks on the river are found by themselves.
LABELS: tuple[tuple[float, float, str], ...] = (
    (-185, 890, "villa"), (-35, 870, "slab11"), (145, 850, "tower"), (325, 850, "middle_school"),
    (520, 880, "hospital"), (685, 900, "slab11"), (890, 920, "construction"),
    (-225, 640, "slab6"), (-50, 630, "primary_school"), (145, 630, "slab11"), (300, 640, "tower"),
    (510, 670, "pocket_office"), (680, 690, "slab6"), (895, 710, "slab6"),
    (-270, 440, "slab11"), (-75, 450, "slab6"), (135, 470, "tower"), (310, 500, "office"),
    (510, 550, "office"), (680, 560, "tower"), (895, 540, "slab6"),
    (-865, 260, "slab6"), (-650, 230, "slab6"), (-490, 220, "slab11"),
    (-840, 110, "tower_ifc"), (-615, 30, "slab11"), (-465, 10, "tower"),
    (-300, 230, "slab6_old"), (-110, 270, "old_quarter"), (-120, 90, "old_quarter"), (-300, 10, "old_quarter"),
    (130, 280, "cbd_plaza"), (300, 330, "cbd"), (505, 350, "cbd"), (675, 330, "mall"), (900, 280, "mixed"),
    (-910, -290, "mixed"), (-745, -370, "slab6"), (-520, -440, "primary_park"), (-275, -390, "slab6"),
    (-110, -330, "tower"), (80, -160, "slab11"), (80, -330, "market"), (280, -200, "city_park"),
    (490, -50, "tower"), (645, -70, "slab6"), (475, -250, "slab6"), (615, -260, "slab6"), (860, -220, "mixed"),
    (-900, -610, "slab6"), (-745, -620, "slab11"), (-590, -620, "slab6"), (-455, -620, "clinic"),
    (-280, -640, "slab6"), (-100, -620, "nine_year_school"), (90, -590, "slab6"), (280, -550, "tower"),
    (500, -480, "fire_station"), (620, -570, "nursery"), (850, -530, "village"),
    (-840, -870, "industrial"), (-540, -870, "industrial"), (-180, -890, "logistics"), (130, -880, "construction"),
    (330, -860, "industrial"), (580, -800, "industrial"), (860, -800, "village_fields"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """The master plan for one seed.

    Parameters
    ----------
    curves : dict of str to callable
        ``y = g(x)`` for "e…", "nr", "sr", "river"; ``x = f(y)`` for "n…".
    ring : ndarray, shape (n, 2)
        The expressway's centre line, west to north.
    """

    curves: dict[str, Curve]
    ring: Array

    def line(self, name: str, start: float = -REACH_M, stop: float = REACH_M, step_m: float = 12.0) -> Array:
        """Return points along a named curve."""
        if name == "ring":
            return self.ring
        t = np.linspace(start, stop, int((stop - start) / step_m) + 1)
        values = self.curves[name](t)
        return np.column_stack([values, t] if name.startswith("n") and name != "nr" else [t, values])


def make_plan(seed: int) -> Plan:
    """Return the master plan, its control points moved a little by the seed."""
    rng = stream(seed, "plan")

    def curve(points: tuple[tuple[float, float], ...], move_m: float) -> Curve:
        array = np.asarray(points, dtype=np.float64)
        array[:, 1] += rng.uniform(-move_m, move_m, len(array))
        spline = CubicSpline(array[:, 0], array[:, 1], bc_type="natural")
        return lambda t: np.asarray(spline(t), dtype=np.float64)

    river = curve(RIVER, 8.0)
    curves: dict[str, Curve] = {"river": river}
    curves["nr"] = lambda x: river(x) + 92.0 + 34.0 * np.exp(-(((x - 170.0) / 190.0) ** 2))
    curves["sr"] = lambda x: river(x) - 92.0 - 12.0 * np.exp(-(((x + 560.0) / 160.0) ** 2))
    for name, points in EAST_WEST.items():
        curves[name] = curve(points, 6.0)
    for name, points in NORTH_SOUTH.items():
        curves[name] = curve(points, 6.0)
    control = np.asarray(RING, dtype=np.float64) + rng.uniform(-5.0, 5.0, (len(RING), 2))
    chord = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(control, axis=0).T))])
    t = np.arange(0.0, chord[-1], 10.0)
    ring = np.column_stack([CubicSpline(chord, control[:, i], bc_type="natural")(t) for i in (0, 1)])
    return Plan(curves, ring)
