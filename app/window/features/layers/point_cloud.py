"""Colouring of point clouds."""

from __future__ import annotations

from dataclasses import replace

from app.usecases.layers import layers
from app.window.feature import Feature
from models.core.errors import UserError
from models.layers.layer import CloudData


class PointClouds(Feature):
    """Colours the chosen cloud, or all of them where another layer is chosen."""

    name = "point_clouds"

    def colour_by(self, way: str) -> None:
        """Colour by ``"colour"``, ``"class"``, ``"height"`` or ``"intensity"``.

        Raises
        ------
        UserError
            ``cloud.nothing_to_colour_by``.
        """
        from viewers.render.layers.point_cloud import ways_of

        state, data = self.session.project.state, self.session.project.data
        clouds = [layer for layer in state.layers if isinstance(data.get(layer.id), CloudData)]
        chosen = [layer for layer in clouds if layer.id == self.session.current_layer.id] or clouds
        for layer in chosen:
            cloud = data[layer.id]
            if not isinstance(cloud, CloudData) or way not in ways_of(cloud):
                raise UserError("cloud.nothing_to_colour_by", layer=layer.title(self.session.lang))
            layers.set_style(self.session, layer.id, replace(layer.style, by=way))
