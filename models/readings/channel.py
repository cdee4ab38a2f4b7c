"""A channel (测点): one quantity that one device measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    """One quantity of one device.

    Parameters
    ----------
    id : int
        Small number under which the store holds its readings; never given twice in a store.
    sensor : str
        Code of the device, as the layer of role ``sensors`` has it in ``code``.
    quantity : str
        Id of a row of ``resources/standards/quantities.toml`` (``"tilt"``, ``"level"``, ``"battery"`` …), or a name of
        the source's own.
    unit : str
        Unit of its values; readings in another unit are converted before they come here, or refused.
    period_s : float
        How often it should report, seconds; 0 where nobody says.
    """

    id: int
    sensor: str
    quantity: str
    unit: str = ""
    period_s: float = 0.0
