"""Playing a run over a network of 10,000 nodes, against drawing the same scene still, in one run.

Run: ``python benchmarks/playback.py [side]``; a grid of ``side`` × ``side`` nodes (100) with a pipe along every street.
Off-screen, 1280 × 720. A frame that is played takes the colours of pipes and nodes from a run of SWMM's shape, gives
them to the scene and draws it; a still frame draws it. Aim at most 1.3 times, and ten frames a second.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import geopandas as gpd
import numpy as np
import shapely

from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData
from models.network.hydraulics.results import Results, Variable
from models.project.project import ProjectState
from models.timeline.city_state import NORMAL, LayerState
from viewers.render.chunks.preparation import prepare
from viewers.render.scene.offscreen import ground_of
from viewers.render.scene.render_target import off_screen
from viewers.render.scene.scene import Scene
from viewers.render.symbology.moment_colours import moment_colours
from viewers.render.symbology.result_colours import range_of, result_colours

SIDE = int(sys.argv[1]) if len(sys.argv) > 1 else 100
SIZE = (1280, 720)
STEP_M, STEPS, FRAMES = 40.0, 120, 8


def network() -> tuple[ProjectState, dict[str, Any]]:
    """Return a project of a grid of pipes and nodes."""
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    right, up = np.flatnonzero(column < SIDE - 1), np.flatnonzero(row < SIDE - 1)
    start, end = np.append(right, up), np.append(right + 1, up + SIDE)
    places = np.column_stack([500_000 + STEP_M * column, 4_059_000 + STEP_M * row])
    lines = shapely.linestrings(np.stack([places[start], places[end]], axis=1))
    pipes = gpd.GeoDataFrame(
        {"code": np.char.add("P", np.arange(len(lines)).astype(str)), "kind": "storm", "diameter_mm": 600.0},
        geometry=lines, crs="EPSG:4548", index=np.arange(1, len(lines) + 1),
    )  # fmt: skip
    nodes = gpd.GeoDataFrame(
        {"code": np.char.add("N", np.arange(len(places)).astype(str)), "kind": "manhole"},
        geometry=shapely.points(places), crs="EPSG:4548", index=np.arange(1, len(places) + 1),
    )  # fmt: skip
    layers = (
        Layer(id="pipes", name="pipes", kind="vector", role="pipes"),
        Layer(id="nodes", name="nodes", kind="vector", role="pipe_nodes"),
    )
    state = ProjectState(frame=Frame("EPSG:4548", "", (500_000, 4_059_000, 0)), layers=layers)
    return state, {"pipes": VectorData(pipes), "nodes": VectorData(nodes)}


def run_of(pipes: int, nodes: int) -> tuple[Results, Variable, Variable]:
    """Return a run of the shape that SWMM writes: flow of pipes, depth of nodes."""
    steps = np.zeros(STEPS, np.dtype([("nodes", "<f4", (nodes, 1)), ("links", "<f4", (pipes, 1))]))
    random = np.random.default_rng(1)
    wave = np.sin(np.linspace(0, np.pi, STEPS))[:, None, None]
    steps["links"] = wave * random.random((1, pipes, 1))
    steps["nodes"] = wave * random.random((1, nodes, 1))
    flow, depth = Variable("links", "flow", 0, "L/s"), Variable("nodes", "depth", 0, "m")
    names = {"links": [f"P{at}" for at in range(pipes)], "nodes": [f"N{at}" for at in range(nodes)]}
    times_s = np.arange(STEPS) * 300.0
    return Results(Path("/"), "swmm", names, (flow, depth), times_s, datetime(2025, 7, 18), steps), flow, depth


def frame_s(target: Any, change: Callable[[int], None]) -> list[float]:
    """Return what each of some frames took, seconds."""
    took = []
    for at in range(FRAMES):
        begun = time.perf_counter()
        change(at)
        target.render_window.Render()
        target.render_window.WaitForCompletion()
        took.append(time.perf_counter() - begun)
    return took[2:]


def main() -> None:
    """Measure and print."""
    state, data = network()
    assert state.frame is not None
    pipes, nodes = data["pipes"].count, data["nodes"].count
    results, flow, depth = run_of(pipes, nodes)
    limits = {one.name: range_of(results, one) for one in (flow, depth)}
    rows = {n: (np.arange(1, n + 1), np.arange(n)) for n in (pipes, nodes)}
    ground = ground_of(state, data)
    with off_screen(SIZE) as target:
        scene = Scene(target, state.frame)
        for layer in state.layers:
            scene.put(layer, prepare(layer, data[layer.id], state.frame, ground))
        scene.home()

        def play(at: int) -> None:
            step = at * 3 % STEPS
            scene.set_colours("pipes", result_colours(results, flow, step, rows[pipes], limits["flow"]))
            scene.set_colours("nodes", result_colours(results, depth, step, rows[nodes], limits["depth"]))

        def replay(at: int) -> None:
            condition = np.full(nodes, NORMAL, np.uint8)
            condition[at::FRAMES] = 11
            known = LayerState(np.arange(1, nodes + 1), condition, np.zeros(nodes, np.int64))
            scene.set_colours("nodes", moment_colours(known))

        play(60)
        frame_s(target, lambda _: None)  # warm
        runs: dict[str, list[float]] = {"still": [], "a run": [], "readings": []}
        for _ in range(3):  # in turns, so that other work on the machine falls on all of them
            runs["still"] += frame_s(target, lambda _: None)
            runs["a run"] += frame_s(target, play)
            runs["readings"] += frame_s(target, replay)
    still = statistics.median(runs["still"])
    print(f"{nodes:,} nodes, {pipes:,} pipes, {SIZE[0]} × {SIZE[1]}")
    for name, took in runs.items():
        one = statistics.median(took)
        print(f"{name:9} {1000 * one:7.1f} ms a frame  {1 / one:5.1f} frames/s  {one / still:4.2f} × still")


if __name__ == "__main__":
    main()
