"""The mapping of foreign tables to a register, in one place: guess it, apply it, and read what happened."""

from models.facilities.register.applying import FieldReport, Report, apply
from models.facilities.register.field_map import FieldMap, Mapping
from models.facilities.register.guessing import guess

__all__ = ["FieldMap", "FieldReport", "Mapping", "Report", "apply", "guess"]
