"""The features of selecting, filtering, describing and counting."""

from app.window.features.query.properties import Properties
from app.window.features.query.query import Query
from app.window.features.query.search import Search
from app.window.features.query.statistics import Statistics
from app.window.features.query.table import Table

FEATURES = (Properties, Table, Query, Search, Statistics)
