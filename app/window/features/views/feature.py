"""The features of looking: camera, saved views, flights, comparison, underground, annotations, pictures."""

from app.window.features.views.annotations import Annotations
from app.window.features.views.comparison import Comparison
from app.window.features.views.flights import Flights
from app.window.features.views.navigation import Navigation
from app.window.features.views.returning import Returning
from app.window.features.views.snapshots import Snapshots
from app.window.features.views.sunlight import Sunlight
from app.window.features.views.underground import Underground
from app.window.features.views.viewpoints import Viewpoints

FEATURES = (Navigation, Viewpoints, Flights, Comparison, Underground, Sunlight, Annotations, Snapshots, Returning)
