"""Whether the country of a model's postal address allows the latitude and longitude of its site.

An address is words, and towns are not looked up; but a building with an address in Sweden does not stand in Boston. The
areas for which coordinate systems are registered (EPSG) are named by country, and tell where a country is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from models.io.ifc.attributes import by_type, entity, field, text
from resources.standards import standard


def stated_country(model: Any) -> str:
    """Return the country of the first postal address of a site or a building, as written; empty for none."""
    for host, attribute in (("IfcSite", "SiteAddress"), ("IfcBuilding", "BuildingAddress")):
        for thing in by_type(model, host):
            country = text(entity(field(thing, attribute)), "Country").strip()
            if country:
                return country
    return ""


def is_in_country(lon: float, lat: float, country: str) -> bool | None:
    """Whether a place can lie in a country, None for one that is not known by its name.

    Parameters
    ----------
    lon, lat : float
        Degrees.
    country : str
        As people write it: ``"Germany"``, ``"Deutschland"``, ``"中国"``.
    """
    boxes = _boxes(_registered(country))
    if not boxes:
        return None
    return any(
        south <= lat <= north and (west <= lon <= east if west <= east else lon >= west or lon <= east)
        for west, south, east, north in boxes
    )


def _registered(country: str) -> str:
    """Return the name under which a country's areas are registered."""
    low = country.casefold().strip(" .")
    for row in standard("ifc_georef")["country"]:
        if low in (str(name).casefold() for name in row["names"]):
            return str(row["registered"])
    return country.strip()


@lru_cache(maxsize=32)
def _boxes(name: str) -> tuple[tuple[float, float, float, float], ...]:
    """Return (west, south, east, north) of the registered areas that are of a country by their name."""
    from pyproj.database import query_crs_info

    if len(name) < 4:
        return ()
    areas = {info.area_of_use for info in query_crs_info(auth_name="EPSG") if info.area_of_use is not None}
    return tuple(
        (area.west, area.south, area.east, area.north)
        for area in areas
        if (area.name or "").startswith((f"{name} - ", f"{name} between ", f"{name}.")) or area.name == name
    )
