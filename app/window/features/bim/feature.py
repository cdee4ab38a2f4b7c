"""The features of building models: browser, sections and measuring, facts, levels of detail, CIM level."""

from app.window.features.bim.cim import CimLevel
from app.window.features.bim.facts import Facts
from app.window.features.bim.lods import LevelsOfDetail
from app.window.features.bim.model_browser import ModelBrowser
from app.window.features.bim.section import Section

FEATURES = (ModelBrowser, Section, Facts, CimLevel, LevelsOfDetail)
