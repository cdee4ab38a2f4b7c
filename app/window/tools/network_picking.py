"""The tool that points at pipes and nodes of one network; also through the ground, where nothing is drawn to be hit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt

from app.usecases.network.graph import LayerNetwork
from app.usecases.network.questions import Place
from app.window.tools.tool import Tool
from models.network.ends import IN_LINE
from viewers.widgets.canvas.tool_overlay import Drawing

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: A click on the ground means the pipe below it within so many pixels, and never less than so many metres.
REACH_PX, REACH_M = 14.0, 1.5

OnPlace = Callable[[Place, bool], object]


class NetworkPicking(Tool):
    """Points at places of a network.

    Parameters
    ----------
    context : WindowContext
    network : callable
        The network that is pointed at, None while there is none.
    on_place : callable
        ``on_place(place, beside)``: a pipe or node was clicked, with ``beside`` next to what was clicked before.
    on_leave : callable
        Esc was pressed.
    on_miss : callable
        There is nothing of the network where the person clicked.
    """

    def __init__(
        self,
        context: WindowContext,
        network: Callable[[], LayerNetwork | None],
        on_place: OnPlace,
        on_leave: Callable[[], object],
        on_miss: Callable[[], object],
    ) -> None:
        super().__init__(context, "network")
        self._network, self._on_place, self._on_leave, self._on_miss = network, on_place, on_leave, on_miss
        #: Kind of pipe that a click on the ground may mean, empty for any.
        self.kind = ""
        #: Whether only valves are meant.
        self.only_valves = False

    def on_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Take the pipe or node under the cursor."""
        place = self.place_at(at)
        if place is None:
            self._on_miss()
        else:
            held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            self._on_place(place, bool(keys & held))
        return True

    def wants_key(self, key: int) -> bool:
        """Take Esc."""
        return key == Qt.Key.Key_Escape

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """Leave."""
        self._on_leave()

    def place_at(self, at: QPointF) -> Place | None:
        """Return the pipe or node at a position of the view, None where there is none of this network."""
        made, view = self._network(), self.view
        if made is None:
            return None
        pick = view.pick_at(at)
        if pick is not None and pick.key is not None:
            for layer, is_node in ((made.pipes, False), (made.nodes, True)):
                if layer is not None and pick.key.layer == layer.id and self._is_meant(made, is_node, pick.key.oid):
                    return Place(is_node, int(pick.key.oid))
        local = view.ground_point(at)
        if local is None or view.frame is None or view.pose is None:
            return None
        world = np.asarray(view.frame.to_world(local), dtype=np.float64)
        reach_m = max(view.pose.pixel_m(local, max(view.height(), 1)) * REACH_PX, REACH_M)
        if self.only_valves:
            if pick is not None and pick.key is not None and pick.key.layer == made.pipes.id and pick.world is not None:
                world = np.asarray(pick.world)  # on a pipe: the valve beside it
            return nearest_valve(made, world[:2], 2 * reach_m, self.kind)
        return nearest_place(made, world[:2], reach_m, self.kind)

    def show(self, points: NDArray[np.float64]) -> None:
        """Mark world points (n, 3) over the picture."""
        self.draw(Drawing(dots=tuple(points)) if len(points) else None)

    def _is_meant(self, made: LayerNetwork, is_node: bool, oid: int) -> bool:
        table = made.node_table if is_node else made.pipe_table
        if table is None or oid not in table.index:
            return False
        if self.only_valves:
            return is_node and str(table.get("node_type", {}).get(oid, "")) == "valve"
        return not self.kind or "kind" not in table.columns or str(table.at[oid, "kind"]) == self.kind


def nearest_valve(made: LayerNetwork, xy: NDArray[np.float64], reach_m: float, kind: str = "") -> Place | None:
    """Return the valve of a network that is nearest to a place in plan, None beyond the reach."""
    network = made.network
    valves = np.flatnonzero(network.is_type(IN_LINE) & (network.node_oid >= 0))
    if kind and made.node_table is not None and "kind" in made.node_table.columns:
        kinds = made.node_table["kind"].reindex(network.node_oid[valves]).astype(str).to_numpy()
        valves = valves[kinds == kind]
    if not len(valves):
        return None
    away = np.hypot(*(network.node_xy[valves] - xy).T)
    best = int(np.nanargmin(away)) if np.isfinite(away).any() else -1
    return Place(True, int(network.node_oid[valves[best]])) if best >= 0 and away[best] <= reach_m else None


def nearest_place(made: LayerNetwork, xy: NDArray[np.float64], reach_m: float, kind: str = "") -> Place | None:
    """Return the node, else the pipe, of a network that is nearest to a place in plan, None beyond the reach.

    A node wins where it lies within a third of the reach.
    """
    point = shapely.Point(xy)
    found: list[tuple[float, Place]] = []
    for table, is_node, near_m in ((made.node_table, True, reach_m / 3), (made.pipe_table, False, reach_m)):
        if table is None or not len(table):
            continue
        rows = np.asarray(table.sindex.query(point.buffer(near_m)), dtype=np.int64)
        if kind and "kind" in table.columns:
            rows = rows[(table["kind"].iloc[rows].astype(str) == kind).to_numpy()]
        if not len(rows):
            continue
        away = shapely.distance(table.geometry.to_numpy()[rows], point)
        best = int(np.argmin(away))
        if away[best] <= near_m:
            found.append((float(away[best]), Place(is_node, int(table.index[rows[best]]))))
    return found[0][1] if found else None
