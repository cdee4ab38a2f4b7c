"""The features of the project itself: its file, its properties, unsaved work, and what it may reach."""

from app.window.features.project.last_view import LastView
from app.window.features.project.project_files import ProjectFiles
from app.window.features.project.properties import ProjectProperties
from app.window.features.project.recovery import Recovery
from app.window.features.project.trust import Trust

FEATURES = (ProjectFiles, ProjectProperties, LastView, Recovery, Trust)
