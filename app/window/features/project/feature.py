"""The features of the project itself: its file, and unsaved work."""

from app.window.features.project.project_files import ProjectFiles
from app.window.features.project.recovery import Recovery

FEATURES = (ProjectFiles, Recovery)
