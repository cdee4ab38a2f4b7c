"""What is planted in the monitoring of the sample city, held against the readings of its store by plain pandas."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from models.readings.folder import folder_beside
from models.readings.quantities import quantities
from models.store.readings.store import ReadingStore

#: What is wrong about each planted quantity, written down anew.
_WRONG = {
    "depth": "value >= 0.15", "lit_rate": "value > 50 and value < 95", "bin_fill": "value >= 90",
    "soil_moisture": "value < 12", "dissolved_oxygen": "value < 2", "methane": "value >= 10",
    "deflection": "value > 30", "pressure": "value < 0.14", "loss_rate": "value > 15",
    "supply_temperature": "value < 45", "temperature": "value > 40",
}  # fmt: skip
#: Planted by a fact of its own: another threshold, or the time of day.
_OTHERWISE = {"circuit_by_day", "ponding_danger", "ponding_closed", "tunnel_wet", "pump_failed"}


def test_only_planted_sensors_leave_what_is_allowed_and_their_times_and_peaks_are_true(sample_city: Path) -> None:
    with ReadingStore.open(folder_beside(sample_city)) as store:
        channels = {one.id: one for one in store.channels()}
        first, last = store.span() or (0, 0)
        found = store.series(sorted(channels), first, last + 1)
    table = pd.DataFrame({"channel": found.channel, "us": found.time_us, "value": found.value})
    table["sensor"] = table["channel"].map({number: one.sensor for number, one in channels.items()})
    table["quantity"] = table["channel"].map({number: one.quantity for number, one in channels.items()})
    table["time"] = pd.to_datetime(table["us"], unit="us", utc=True).dt.tz_convert("Asia/Shanghai")
    truth = json.loads((sample_city.parent / "sample_files" / "truth.json").read_text(encoding="utf-8"))["planted"]
    planted = [one for one in truth if one.get("quantity")]
    told = {(code, one["quantity"]) for one in planted for code in one["codes"]}
    for quantity, wrong in _WRONG.items():
        bad = table[table["quantity"] == quantity].query(wrong)
        assert {(code, quantity) for code in bad["sensor"]} == {pair for pair in told if pair[1] == quantity} - {
            (code, "lit_rate") for one in planted if one["id"] == "circuit_by_day" for code in one["codes"]
        }
        for one in planted:
            if one["quantity"] == quantity and one["id"] not in _OTHERWISE:
                own = bad[bad["sensor"].isin(one["codes"])]
                assert own["time"].min() == pd.Timestamp(one["first"])
                assert not one["last"] or own["time"].max() == pd.Timestamp(one["last"])
                assert own["value"].min() == one["peak"] or own["value"].max() == one["peak"]


def test_no_reading_is_outside_what_its_quantity_can_be(sample_city: Path) -> None:
    known = quantities()
    with ReadingStore.open(folder_beside(sample_city)) as store:
        first, last = store.span() or (0, 0)
        for channel in store.channels():
            values = store.series([channel.id], first, last + 1).value
            one = known[channel.quantity]
            assert channel.unit == one.unit
            assert one.least <= values.min()
            assert values.max() <= one.greatest
