"""Layers from servers: PostGIS, OGC API – Features, WFS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from app.notices import notice_of
from app.usecases.layers import keys, servers
from app.window.feature import Feature
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import parse_crs, transformer
from models.layers.asked import Asked
from viewers.widgets.layers.server_dialog import Offer, ServerDialog


class Servers(Feature):
    """Asks for a server and a layer of it, and brings it in."""

    name = "servers"

    def ask(self) -> None:
        """Show the dialog and bring what was chosen."""
        view = self.context.scene_sync.scene is not None
        known = servers.remembered(self.session)
        dialog = ServerDialog(self.appearance, known, self._ask_server, view, self.context.window)
        answer, chosen, connection = dialog.ask(), dialog.chosen, dialog.connection
        limit, where, in_view = dialog.limit.value(), dialog.filter.text().strip(), dialog.in_view.isChecked()
        crs = dialog.crs.text().strip()
        dialog.deleteLater()
        if answer != "ok" or chosen is None:
            return
        password = str(connection.pop("password", ""))
        kind = str(connection["kind"])
        if kind == "web":
            connection["url"] = keys.taken_out(self.session, str(connection["url"]))
        servers.remember(self.session, connection)
        connection.pop("kind")
        box = self._box((chosen.crs or crs) if kind == "postgis" else "OGC:CRS84") if in_view else None
        is_database = kind == "postgis"
        asked = Asked(
            kind, connection, asdict(chosen), where if is_database else "", box, limit, crs if is_database else ""
        )
        servers.bring(self.session, asked, password)

    def refresh_layer(self) -> None:
        """Fetch the chosen layer anew; a database that wants a password is asked with that of ``.pgpass``."""
        if chosen := self.session.current_layer.id:
            servers.refresh(self.session, chosen)

    def _ask_server(self, connection: dict[str, Any], done: Callable[[Any], None]) -> None:
        plain = dict(connection)
        kind = plain.pop("kind")

        def work(progress: Progress) -> list[Offer]:
            if kind == "postgis":
                from models.io.servers.postgis import Server

                return [_table(one) for one in servers.list_tables(Server(**plain), progress)]
            return [
                Offer(one.title, one.id, one) for one in servers.list_collections(self.session, plain["url"], progress)
            ]

        def failed(error: BaseException) -> None:
            if not isinstance(error, UserError):
                self.session.fail(error)
            notice = notice_of(error)
            done(f"{notice.text(self.session.lang)} {notice.cure(self.session.lang)}")

        self.session.jobs.run("job.server_list", work, done, failed=failed)

    def _box(self, crs: str) -> tuple[float, float, float, float] | None:
        """Return the extent of what is seen, in a CRS; None where nothing is."""
        frame, scene = self.session.project.state.frame, self.context.scene_sync.scene
        if frame is None or scene is None or not crs:
            return None
        camera = scene.camera
        reach_m = max(abs(camera.position[2] - camera.focal_point[2]), 200.0)
        x, y = camera.focal_point[:2]
        corners = (x - reach_m, y - reach_m, x + reach_m, y + reach_m)
        if parse_crs(crs) == parse_crs(frame.horizontal):
            return corners
        west, south, east, north = transformer(frame.horizontal, crs).transform_bounds(*corners)
        return float(west), float(south), float(east), float(north)


def _table(table: Any) -> Offer:
    rows = "" if table.rows < 0 else f"{table.rows:,}"
    return Offer(table.title, "  ·  ".join(part for part in (table.kind, table.crs, rows) if part), table)
