"""The features of coordinate systems: the CRS doctor and the placing of models."""

from app.window.features.crs.crs_doctor import CrsDoctor
from app.window.features.crs.placement import Placement

FEATURES = (Placement, CrsDoctor)
