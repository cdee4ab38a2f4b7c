"""The readings of a session: one open store beside its project, and which object each channel belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.project.selection import ObjectKey
from models.readings.folder import folder_beside

if TYPE_CHECKING:
    from app.session import Session
    from models.store.readings.store import ReadingStore


def store_of(session: Session) -> ReadingStore | None:
    """Return the readings of the open project, None where it has none yet.

    Raises
    ------
    UserError
        ``readings.in_use``, ``readings.damaged``, ``readings.foreign``, ``readings.newer``, ``readings.unwritable``.
    """
    return session.readings.of(_folder(session), make=False)


def store_for_writing(session: Session) -> ReadingStore:
    """Return the readings of the open project, made where it has none yet.

    Raises
    ------
    UserError
        ``readings.no_project`` where the project was never saved; else as :func:`store_of`.
    """
    folder = _folder(session)
    if folder is None:
        raise UserError("readings.no_project")
    store = session.readings.of(folder, make=True)
    assert store is not None  # noqa: S101 - it was to be made
    return store


def carry_along(session: Session, previous: Path | None, target: Path) -> bool:
    """Copy the readings of a project that is saved elsewhere, unless readings lie there already; say whether.

    Raises
    ------
    UserError
        As :func:`store_of`, of the old folder.
    """
    if previous is None or previous == target:
        return False
    store = session.readings.of(folder_beside(previous), make=False)
    return store is not None and store.copy_to(folder_beside(target))


def places_of(session: Session) -> Mapping[int, ObjectKey]:
    """Return the sensor's object of each channel: of a layer of role ``sensors``, found by ``code``."""
    return _places(session)[0]


def facilities_of(session: Session) -> Mapping[int, ObjectKey]:
    """Return the facility of each channel: what the sensor's ``component`` names, else the sensor itself."""
    return _places(session)[1]


def _places(session: Session) -> tuple[Mapping[int, ObjectKey], Mapping[int, ObjectKey]]:
    store = store_of(session)
    if store is None:
        return {}, {}
    channels = store.channels()
    state = session.project.state
    basis = (store, len(channels), tuple(layer.id for layer in state.layers), session.project.data_stamp())
    held = session.readings.places
    if held is not None and held[0] == basis:
        return held[1], held[2]
    sensors: dict[str, ObjectKey] = {}
    component: dict[str, str] = {}
    for layer in state.with_role("sensors"):
        frame = getattr(session.project.data.get(layer.id), "frame", None)
        if frame is None or "code" not in frame.columns:
            continue
        codes = frame["code"].astype(str).to_numpy()
        for code, oid in zip(codes.tolist(), frame.index.tolist(), strict=True):
            sensors.setdefault(code, ObjectKey(layer.id, int(oid)))
        if "component" in frame.columns:
            component |= dict(zip(codes.tolist(), frame["component"].fillna("").astype(str).tolist(), strict=True))
    named = {name for name in component.values() if name}
    facilities: dict[str, ObjectKey] = {}
    for layer in state.layers:
        keys = session.project.business_keys(layer.id) if named and layer.role not in ("sensors", "readings") else None
        if keys is not None and keys.field:
            facilities |= {
                code: ObjectKey(layer.id, oid)
                for code, oid in keys.single().items()
                if code in named - facilities.keys()
            }
    at = {channel.id: sensors[channel.sensor] for channel in channels if channel.sensor in sensors}
    owners = {channel.id: facilities.get(component.get(channel.sensor, ""), at.get(channel.id)) for channel in channels}
    of = {channel: key for channel, key in owners.items() if key is not None}
    session.readings.places = (basis, at, of)
    return at, of


def _folder(session: Session) -> Path | None:
    path = session.project.path
    return None if path is None else folder_beside(path)
