"""The mapping of foreign tables to a register, in one place: guess it, apply it, and read what happened."""

from models.facilities.register.applying import FieldReport, Report, apply
from models.facilities.register.field_map import FieldMap, Mapping
from models.facilities.register.guessing import SourceColumn, field_from, guess, source_columns

__all__ = [
    "FieldMap", "FieldReport", "Mapping", "Report", "SourceColumn", "apply", "field_from", "guess", "source_columns",
]  # fmt: skip
