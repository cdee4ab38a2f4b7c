"""Engines run on a copy in a process of their own; their series are those of the toolkits driven directly."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from app.background.workers import Child
from app.session import Session
from app.usecases.network import simulation
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.network.hydraulics.report import messages_of
from models.network.hydraulics.results import Results, open_results
from models.network.hydraulics.run import EngineRefusedError
from models.network.hydraulics.summary import summary_of, worst_of
from tests.support.network.hydraulic_models import EPANET, SWMM
from tests.support.paths import DATA

#: The toolkits driven by themselves, results asked for object by object.
_DIRECT = """
import json, os, sys
os.chdir(sys.argv[2])
if sys.argv[1] == "swmm":
    from swmm.toolkit import output, solver
    from swmm.toolkit.shared_enum import ElementType, LinkAttribute, NodeAttribute, SubcatchAttribute
    solver.swmm_run("direct.inp", "direct.rpt", "direct.out")
    handle = output.init()
    output.open(handle, "direct.out")
    areas, nodes, links = output.get_proj_size(handle)[:3]
    last = int(sys.argv[3]) - 1
    node, link, area = output.get_node_series, output.get_link_series, output.get_subcatch_series
    found = {
        "nodes.depth": [node(handle, i, NodeAttribute.INVERT_DEPTH, 0, last) for i in range(nodes)],
        "nodes.flooding": [node(handle, i, NodeAttribute.FLOODING_LOSSES, 0, last) for i in range(nodes)],
        "links.flow": [link(handle, i, LinkAttribute.FLOW_RATE, 0, last) for i in range(links)],
        "links.velocity": [link(handle, i, LinkAttribute.FLOW_VELOCITY, 0, last) for i in range(links)],
        "subcatchments.runoff": [area(handle, i, SubcatchAttribute.RUNOFF_RATE, 0, last) for i in range(areas)],
    }
else:
    from epanet import toolkit as e
    p = e.createproject()
    e.open(p, "direct.inp", "direct.rpt", "")
    n, m = e.getcount(p, e.NODECOUNT), e.getcount(p, e.LINKCOUNT)
    report = e.gettimeparam(p, e.REPORTSTEP)
    found = {"nodes.pressure": [[] for _ in range(n)], "nodes.head": [[] for _ in range(n)],
             "links.flow": [[] for _ in range(m)], "links.velocity": [[] for _ in range(m)]}
    e.openH(p)
    e.initH(p, 0)
    while True:
        if e.runH(p) % report == 0:
            for i in range(n):
                found["nodes.pressure"][i].append(e.getnodevalue(p, i + 1, e.PRESSURE))
                found["nodes.head"][i].append(e.getnodevalue(p, i + 1, e.HEAD))
            for i in range(m):
                found["links.flow"][i].append(e.getlinkvalue(p, i + 1, e.FLOW))
                found["links.velocity"][i].append(e.getlinkvalue(p, i + 1, e.VELOCITY))
        if e.nextH(p) <= 0:
            break
print(json.dumps(found))
"""


def direct(path: Path, dialect: str, folder: Path, steps: int) -> dict[str, list[list[float]]]:
    """Return series by variable and object as the toolkit itself gives them, in the model's units."""
    (folder / "direct.inp").write_bytes(path.read_bytes())
    asked = [sys.executable, "-W", "ignore", "-c", _DIRECT, dialect, str(folder), str(steps)]
    said = subprocess.run(asked, capture_output=True, text=True, check=True)
    found: dict[str, list[list[float]]] = json.JSONDecoder().raw_decode(said.stdout, said.stdout.index('{"'))[0]
    return found


def compare(results: Results, found: dict[str, list[list[float]]]) -> None:
    for name, series in found.items():
        element, variable = name.split(".")
        mine = results.raw(results.variable(element, variable)).T
        theirs = np.array(series, dtype=np.float64)
        assert mine.shape == theirs.shape, name
        scale = max(1.0, float(np.abs(theirs).max()))
        assert np.abs(mine - theirs).max() <= 1e-6 * scale, name


def model(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "工程" / "模型 a.inp"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
    return path


def run(session: Session, path: Path) -> Results:
    results: Results = simulation.run(session, path).result
    return results


@pytest.mark.parametrize(("dialect", "text"), [("swmm", SWMM), ("epanet", EPANET)])
def test_series_are_those_of_the_toolkit_driven_directly(
    session: Session, tmp_path: Path, dialect: str, text: str
) -> None:
    path = model(tmp_path, text)
    before = sorted(path.parent.iterdir())
    results = run(session, path)
    assert sorted(path.parent.iterdir()) == before  # nothing beside the person's file
    assert path.read_bytes() == text.encode()
    folder = tmp_path / "direct"
    folder.mkdir()
    compare(results, direct(path, dialect, folder, results.count))
    assert results.facts["engine"] == {"swmm": "SWMM", "epanet": "EPANET"}[dialect]
    assert results.facts["build"]


def test_a_flooded_manhole_is_found_and_summed_up(session: Session, tmp_path: Path) -> None:
    text = SWMM.replace("J2               9.50       2.0", "J2               9.50       0.6")
    text = text.replace("C2               RECT_CLOSED  0.5              0.8", "C2               CIRCULAR  0.2  0")
    results = run(session, model(tmp_path, text))
    tables = summary_of(results)
    nodes = tables["nodes"].set_index("code")
    assert nodes.loc["J2", "flooded_m3"] > 1
    flooding = results.variable("nodes", "flooding")
    volume = results.volume_m3(flooding)[results.names["nodes"].index("J2")]
    assert nodes.loc["J2", "flooded_m3"] == pytest.approx(volume, rel=0.05)  # of routing steps, of reported steps
    worst = worst_of(results, tables)
    assert worst.iloc[0][["code", "reason"]].tolist() == ["J2", "flooded"]
    assert abs(results.facts["continuity_percent"]["routing"]) < 5


def test_units_of_results_are_si_and_the_model_s_own_stay_beside(session: Session, tmp_path: Path) -> None:
    results = run(session, model(tmp_path, SWMM.replace("CMS", "CFS")))
    flow = results.variable("links", "flow")
    assert flow.factor == pytest.approx(28.316846592)
    assert np.allclose(results.series(flow, 0), results.raw(flow)[:, 0].astype(float) * 28.316846592)
    assert results.clock(0) == "2020-01-01 00:01"


def test_an_invalid_model_is_refused_with_the_engine_s_words_and_leaves_nothing(
    session: Session, tmp_path: Path
) -> None:
    path = model(tmp_path, SWMM.replace("J2               O1", "J2               NO"))
    with pytest.raises(EngineRefusedError) as told:
        run(session, path)
    assert [(one.number, one.name) for one in told.value.messages] == [(209, "NO")]
    assert not list(simulation.runs_folder(session).iterdir())


def test_files_beside_the_model_are_copied_and_others_refused(session: Session, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    rain = "\n".join(f"01/01/2020 00:{at:02d} {value}" for at, value in ((0, 10), (5, 60), (10, 90), (15, 0)))
    text = SWMM.split("[TIMESERIES]")[0] + '[TIMESERIES]\nR1 FILE "rain.dat"\n[REPORT]' + SWMM.split("[REPORT]")[1]
    path = home / "m.inp"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"network\.file_outside.*rain\.dat"):
        run(session, path)
    (tmp_path / "rain.dat").write_text(rain)
    path.write_text(text.replace("rain.dat", "../rain.dat"), encoding="utf-8")
    with pytest.raises(UserError, match=r"network\.file_outside"):
        run(session, path)
    (home / "rain.dat").write_text(rain)
    path.write_text(text.replace("rain.dat", "D:\\\\old\\\\rain.dat"), encoding="utf-8")
    results = run(session, path)
    assert results.moment(results.variable("subcatchments", "rainfall"), 7).max() == pytest.approx(60)


def test_what_a_model_would_write_goes_into_the_folder_of_the_run(session: Session, tmp_path: Path) -> None:
    target = tmp_path / "user.rff"
    text = SWMM.replace("[RAINGAGES]", f'[FILES]\nSAVE RUNOFF "{target}"\n[RAINGAGES]')
    results = run(session, model(tmp_path, text))
    assert not target.exists()
    assert (results.folder / "user.rff").is_file()


def test_a_run_is_cancelled_and_leaves_nothing_behind(session: Session, tmp_path: Path) -> None:
    long = SWMM.replace("END_DATE             01/01/2020", "END_DATE             01/01/2090")
    folder = tmp_path / "run"
    folder.mkdir()
    progress = Progress(lambda fraction, code: progress.cancel() if code == "progress.network.simulating" else None)
    with pytest.raises(Cancelled):
        simulation.run_in(model(tmp_path, long), folder, progress, session.workers)
    assert not folder.exists()


def test_the_death_of_an_engine_is_reported_and_is_not_ours(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = SWMM.replace("END_DATE             01/01/2020", "END_DATE             01/01/2090")
    folder = tmp_path / "run"
    folder.mkdir()
    made: list[Child] = []
    took = session.workers.take
    monkeypatch.setattr(session.workers, "take", lambda **asked: made.append(took(**asked)) or made[-1])
    progress = Progress(lambda _, code: made[0].process.kill() if code == "progress.network.simulating" else None)
    with pytest.raises(UserError, match=r"network\.engine_died"):
        simulation.run_in(model(tmp_path, long), folder, progress, session.workers)
    assert threading.active_count() < 50
    assert not folder.exists()


def test_results_are_kept_in_a_new_folder_only(session: Session, tmp_path: Path) -> None:
    results = run(session, model(tmp_path, SWMM))
    kept = simulation.keep(results, tmp_path / "kept")
    again = open_results(kept)
    assert again.count == results.count
    assert again.facts == results.facts
    with pytest.raises(UserError, match=r"network\.folder_exists"):
        simulation.keep(results, tmp_path / "kept")


@pytest.mark.parametrize("cut", [0, 10, 400, -40])
def test_a_broken_file_of_results_is_refused(session: Session, tmp_path: Path, cut: int) -> None:
    whole = (run(session, model(tmp_path, EPANET)).folder / "model.out").read_bytes()
    (tmp_path / "model.out").write_bytes(whole[:cut])
    with pytest.raises(UserError, match=r"network\.no_results"):
        open_results(tmp_path)


def test_results_go_to_a_workbook_and_series_to_text(session: Session, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    results = run(session, model(tmp_path, SWMM))
    simulation.export_results(results, tmp_path / "r.xlsx", "en")
    book = load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames[0] == "Run"
    assert "SWMM 5" in book["Nodes"]["A2"].value
    flow = results.variable("links", "flow")
    simulation.export_series(results, [(flow, 0), (flow, 1)], tmp_path / "s.csv", "zh")
    lines = (tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == results.count + 1
    assert float(lines[10].split(",")[2]) == pytest.approx(results.series(flow, 0)[9])


def test_messages_of_reports_are_taken_apart(tmp_path: Path) -> None:
    report = tmp_path / "m.rpt"
    report.write_text(
        "  Error 203: undefined node X9 in [PIPES] section:\n  P1  R  X9\n"
        "  WARNING: Negative pressures at 1:00:00 hrs.\n"
    )
    messages = messages_of(report, "epanet")
    assert [(one.severity, one.number, one.name) for one in messages] == [("error", 203, "X9"), ("warning", 0, "")]


REAL = ["epanet/Net3", "epanet/ky9", "epanet/ZJ", "swmm/theta", "swmm/test_inlet_drains"]


@pytest.mark.data
@pytest.mark.parametrize("name", REAL)
def test_series_of_real_models_are_those_of_the_toolkit(session: Session, tmp_path: Path, name: str) -> None:
    path = DATA / "networks" / f"{name}.inp"
    if not path.is_file():
        pytest.skip("no real models here")
    results = run(session, path)
    compare(results, direct(path, name.split("/")[0], tmp_path, results.count))
