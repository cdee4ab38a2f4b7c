"""What is checked on which dwellings: own-built houses have no shared stairwell, two indicators do not speak of them.

The rule stands in ``units_2025.toml`` (``[own_built]``): seven of the nine housing indicators, and of the ninth only
what is not about the public space of a building.
"""

from __future__ import annotations

from models.health.editions import CheckItem
from models.health.units.rules import unit_rules


def is_own_built(use: str) -> bool:
    """Whether a building of a use is an own-built house (自建房)."""
    return use in unit_rules().own_built.uses


def is_checked(indicator: str, use: str) -> bool:
    """Whether an indicator of housing speaks of buildings of a use."""
    return not (is_own_built(use) and indicator in unit_rules().own_built.not_checked)


def is_item_checked(indicator: str, item: CheckItem, use: str) -> bool:
    """Whether a check item of an indicator is looked for on buildings of a use."""
    rule = unit_rules().own_built
    if not is_own_built(use):
        return True
    if indicator in rule.not_checked:
        return False
    return indicator != rule.partly_checked or not any(word in item.name for word in rule.public_words)
