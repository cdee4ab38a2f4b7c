"""Where the sun stands: by date, civil time and place.

After J. Meeus, "Astronomical Algorithms" (2nd ed. 1998), chapter 25 (low accuracy, 0.01° until 2100) and the solar
calculator of the NOAA Global Monitoring Laboratory; refraction is left out, so that near the horizon the sun is up to
half a degree higher than said.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

#: Where China's one time (UTC+8) is used: longitudes and latitudes, degrees.
CHINA_LON, CHINA_LAT, CHINA_H = (73.4, 135.1), (17.0, 53.7), 8.0
MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class SunTime:
    """A moment by the clock of a place.

    Parameters
    ----------
    date : str
        ISO date, ``"2026-06-21"``.
    minute : int
        Minutes since midnight, civil time.
    zone_h : float
        Hours that the clock is ahead of UTC.

    Raises
    ------
    ValueError
        There is no such date or minute.
    """

    date: str
    minute: int
    zone_h: float = CHINA_H

    def __post_init__(self) -> None:
        datetime.date.fromisoformat(self.date)
        if not (0 <= self.minute < MINUTES and -14 <= self.zone_h <= 14):
            raise ValueError(self.minute)

    @property
    def utc(self) -> datetime.datetime:
        """Return the moment in UTC."""
        midnight = datetime.datetime.fromisoformat(self.date).replace(tzinfo=datetime.UTC)
        return midnight + datetime.timedelta(minutes=self.minute, hours=-self.zone_h)


@dataclass(frozen=True, slots=True)
class Sun:
    """Direction to the sun, degrees: azimuth clockwise from north, elevation above the horizon."""

    azimuth_deg: float
    elevation_deg: float


def zone_h(lon_deg: float, lat_deg: float) -> float:
    """Return by how many hours clocks at a place are ahead of UTC: China's time in China, else by longitude."""
    inside = CHINA_LON[0] <= lon_deg <= CHINA_LON[1] and CHINA_LAT[0] <= lat_deg <= CHINA_LAT[1]
    return CHINA_H if inside else float(round(lon_deg / 15.0))


def sun_at(when: datetime.datetime, lon_deg: float, lat_deg: float) -> Sun:
    """Return where the sun stands, its centre, without refraction.

    Parameters
    ----------
    when : datetime
        With a time zone.
    lon_deg, lat_deg : float
        East and north positive.
    """
    days = (when - datetime.datetime(2000, 1, 1, 12, tzinfo=datetime.UTC)).total_seconds() / 86_400.0
    century = days / 36_525.0
    mean = math.radians((280.46646 + 36_000.76983 * century + 0.0003032 * century**2) % 360)
    anomaly = math.radians((357.52911 + 35_999.05029 * century - 0.0001537 * century**2) % 360)
    centre = (
        (1.914602 - 0.004817 * century) * math.sin(anomaly)
        + (0.019993 - 0.000101 * century) * math.sin(2 * anomaly)
        + 0.000289 * math.sin(3 * anomaly)
    )
    node = math.radians(125.04 - 1934.136 * century)
    longitude = mean + math.radians(centre - 0.00569 - 0.00478 * math.sin(node))
    obliquity = math.radians(23.439291 - 0.0130042 * century + 0.00256 * math.cos(node))
    declination = math.asin(math.sin(obliquity) * math.sin(longitude))
    ascension = math.atan2(math.cos(obliquity) * math.sin(longitude), math.cos(longitude))
    sidereal = math.radians((280.46061837 + 360.98564736629 * days) % 360) + math.radians(lon_deg)
    hour, lat = sidereal - ascension, math.radians(lat_deg)
    up = math.sin(lat) * math.sin(declination) + math.cos(lat) * math.cos(declination) * math.cos(hour)
    east = -math.cos(declination) * math.sin(hour)
    north = math.cos(lat) * math.sin(declination) - math.sin(lat) * math.cos(declination) * math.cos(hour)
    return Sun(math.degrees(math.atan2(east, north)) % 360.0, math.degrees(math.asin(max(-1.0, min(1.0, up)))))


def noon_minute(date: str, lon_deg: float, lat_deg: float, zone: float) -> int:
    """Return the minute of a day at which the sun stands highest."""
    return max(
        range(0, MINUTES), key=lambda minute: sun_at(SunTime(date, minute, zone).utc, lon_deg, lat_deg).elevation_deg
    )
