"""The child's side of reading an IFC model in stages; ``app.background.staged_reading`` is the parent's.

First comes the request of the job: ``path``, ``request``, ``previews`` (folders to write to: two for a first picture
that does not wait for what is cut and one that has it, one for the latter alone, none for neither) and whether a
``plan`` is. The child answers ``{"preview": folder, "uncut": count}`` for each picture that there is and ``{"plan":
[{"ids", "kernel"} …]}``, empty where none is wanted. From then on it takes orders, one after another:

``{"batch": {"ids", "kernel", "single"}, "out": folder}``
    Tessellate, write the meshes to ``out``; answered by ``{"at": id}`` on the way and ``{"chunk": out, "left": ids}``.
``{"finish": …, "chunks": folders, "given_up": ids, "cautions": …, "folder": folder}``
    Put everything together and write the entry; answered by ``{"done": folder}``, and the process ends.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from models.core.errors import Caution, UserError
from models.geometry.meshes import MeshStore
from models.io.child_protocol import Answers, Requests, write
from models.io.ifc import exact_geometry
from models.io.ifc.reader import Source
from models.io.request import ReadRequest
from models.layers.layer import uncut_in

_REPORT_EVERY_S = 0.1
#: A kernel that hangs holds Python's lock, so that no thread of ours would see that the parent has gone. This much
#: later than the parent would have killed us, the interpreter's own watchdog does.
_ORPHAN_S = 30.0
#: The parent counts processor time up to this factor of the wall's (see ``app.background.workers``).
_PATIENCE = 5.0
_NICE = 5


def serve(request: dict[str, Any], orders: Requests, answers: Answers) -> str:
    """Work for one parent; return the folder of the entry.

    Parameters
    ----------
    request : dict
        ``path``, ``request``, ``previews``, ``plan``, ``limit_s`` of one element.
    orders : Queue
        Where further requests arrive.
    answers : Answers
    """
    path, asked = Path(request["path"]), ReadRequest.from_dict(request["request"])
    answers.say(fraction=0.0, code="progress.io.reading")
    source = Source.open(path, asked)
    folders = request["previews"]
    if folders:
        for picture, folder in zip(source.previews(hasty=len(folders) > 1), folders, strict=False):
            answers.say(preview=str(write([picture], folder, path.name)), uncut=len(uncut_in(picture.data)))
            del picture
    _step_back()
    reading = source.whole()
    batches = reading.plan() if request["plan"] else []
    answers.say(plan=[{"ids": list(batch.ids), "kernel": batch.kernel} for batch in batches])
    while True:
        order = orders.get()
        if "finish" in order:
            break
        batch = exact_geometry.Batch(
            tuple(order["batch"]["ids"]), order["batch"]["kernel"], bool(order["batch"].get("single"))
        )
        meshes, left = exact_geometry.tessellate(
            reading.model, batch, _Heartbeat(answers, request["limit_s"], batch.single)
        )
        faulthandler.cancel_dump_traceback_later()
        answers.say(chunk=str(_kept(meshes, Path(order["out"]), path.name)), left=left)
    progress = answers.progress()
    chunks = [MeshStore.load(Path(folder)) for folder in order["chunks"]]
    cautions = [
        Caution(row["code"], **{**row["facts"], "count": len(row["keys"]), "names": reading.names(row["keys"])})
        for row in order["cautions"]
    ]
    whole = reading.exact(chunks, order["given_up"], cautions, progress.part(0.0, 0.8))
    progress.step(0.8, "progress.io.writing")
    return str(write([whole], order["folder"], path.name))


def _kept(meshes: MeshStore, out: Path, file: str) -> Path:
    """Write the meshes of a batch and return where: among the temporary files if the cache is full or gone.

    Raises
    ------
    UserError
        ``io.no_space``.
    """
    for where in (out, None):
        try:
            folder = where or Path(mkdtemp(prefix="chengjing_"))
            folder.mkdir(exist_ok=True)
            meshes.save(folder)
        except OSError as error:
            last = error
            continue
        return folder
    raise UserError("io.no_space", file=file, reason=last.strerror or str(last))


class _Heartbeat:
    """Reports which element is being tessellated, often enough for the parent to see that the kernel lives."""

    def __init__(self, answers: Answers, limit_s: float, each: bool) -> None:
        self._answers, self._limit_s, self._each = answers, limit_s, each
        self._reported_at = 0.0
        self._guard()

    def __call__(self, key: int) -> None:
        now = time.monotonic()
        if self._each or now - self._reported_at > _REPORT_EVERY_S:
            self._reported_at = now
            self._guard()
            self._answers.say(at=key)

    def _guard(self) -> None:
        faulthandler.dump_traceback_later(self._limit_s * _PATIENCE + _ORPHAN_S, exit=True)


def _step_back() -> None:
    """Let the window go first from now on."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICE)


def warm_up() -> None:
    """Read a model of one wall, so that the first real one finds every library loaded and every table built."""
    from models.store import cache

    with TemporaryDirectory(prefix="chengjing_") as folder:
        path = Path(folder) / "one.ifc"
        path.write_text(_ONE_WALL, encoding="ascii")
        first = Source.open(path, ReadRequest()).preview()
        if first is not None:
            entry = Path(folder) / "entry"
            entry.mkdir()
            cache.write_entry(entry, [first])


_ONE_WALL = """ISO-10303-21;
HEADER;FILE_DESCRIPTION((''),'2;1');FILE_NAME('','',(''),(''),'','','');FILE_SCHEMA(('IFC4'));ENDSEC;
DATA;
#1=IFCPROJECT('0000000000000000000001',$,$,$,$,$,$,(#2),#5);
#2=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-5,#3,$);
#3=IFCAXIS2PLACEMENT3D(#4,$,$);
#4=IFCCARTESIANPOINT((0.,0.,0.));
#5=IFCUNITASSIGNMENT((#6));
#6=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);
#7=IFCWALL('0000000000000000000002',$,$,$,$,#8,#9,$,$);
#8=IFCLOCALPLACEMENT($,#3);
#9=IFCPRODUCTDEFINITIONSHAPE($,$,(#10));
#10=IFCSHAPEREPRESENTATION(#2,'Body','SweptSolid',(#11));
#11=IFCEXTRUDEDAREASOLID(#12,#3,#13,3.);
#12=IFCRECTANGLEPROFILEDEF(.AREA.,$,$,4.,0.2);
#13=IFCDIRECTION((0.,0.,1.));
#14=IFCMAPCONVERSION(#2,#15,500000.,4000000.,0.,1.,0.,1.);
#15=IFCPROJECTEDCRS('EPSG:4548',$,$,$,$,$,$);
ENDSEC;
END-ISO-10303-21;
"""
