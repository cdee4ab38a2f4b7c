"""Pins on a map: where an opinion or a problem is, as a KMZ for Google Earth, QGIS and phones.

Invariants
----------
1. Places are longitude and latitude in WGS 84, as KML asks; a pin lies on the ground (``clampToGround``), for heights
   of a project are no heights above the sea of WGS 84.
2. What people wrote is text: it is escaped, and never read as HTML.
3. Equal pins give equal bytes.

Source: OGC 12-007r2 (KML 2.3), 07-147r2 (KML 2.2): order of elements within a Placemark
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from models.core.errors import UserError
from models.store.atomic import replacing
from models.store.steady_files import STEADY_DATE
from models.store.whole_files import of_members

_PNG = b"\x89PNG"
KML = "http://www.opengis.net/kml/2.2"
#: What XML 1.0 cannot hold.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Pin:
    """A pin.

    Parameters
    ----------
    name : str
        Number and title.
    lon, lat : float
        Degrees, WGS 84.
    facts : mapping of str to str
        What is told of it, by name: state, author, indicator …
    text : str
    style : str
        One of the styles of the document.
    picture : bytes
        PNG or JPEG; empty for none.
    """

    name: str
    lon: float
    lat: float
    facts: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    style: str = ""
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class PinFolder:
    """Pins that belong together."""

    name: str
    pins: Sequence[Pin]


def write_kmz(path: Path, title: str, about: str, folders: Sequence[PinFolder], styles: Mapping[str, str]) -> None:
    """Write pins.

    Parameters
    ----------
    path : Path
    title, about : str
        Of the document.
    folders : sequence of PinFolder
    styles : mapping of str to str
        Colours (``"#rrggbb"``) by the name of the style.

    Raises
    ------
    UserError
        ``export.nothing``, and those of writing files.
    """
    if not any(folder.pins for folder in folders):
        raise UserError("export.nothing", file=path.name)
    members: dict[str, bytes] = {}
    members["doc.kml"] = _document(title, about, folders, styles, members)
    with replacing(path, of_members(members)) as fresh, zipfile.ZipFile(fresh, "w") as archive:
        for name in ("doc.kml", *sorted(set(members) - {"doc.kml"})):
            entry = zipfile.ZipInfo(name, STEADY_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, members[name], compresslevel=6)


def _document(
    title: str, about: str, folders: Sequence[PinFolder], styles: Mapping[str, str], members: dict[str, bytes]
) -> bytes:
    root = ET.Element("kml", xmlns=KML)
    document = ET.SubElement(root, "Document")
    _text(document, "name", title)
    _text(document, "description", about)
    for name, colour in styles.items():
        style = ET.SubElement(document, "Style", id=name)
        icon = ET.SubElement(style, "IconStyle")
        red, green, blue = colour[1:3], colour[3:5], colour[5:7]
        _text(icon, "color", f"ff{blue}{green}{red}")
        _text(icon, "scale", "1.1")
        picture = ET.SubElement(icon, "Icon")
        _text(picture, "href", "files/pin.png")
    members["files/pin.png"] = _pin_picture()
    for folder in folders:
        if folder.pins:
            holder = ET.SubElement(document, "Folder")
            _text(holder, "name", folder.name)
            for pin in folder.pins:
                _placemark(holder, pin, members)
    ET.indent(root, " ")
    body: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body


def _placemark(holder: ET.Element, pin: Pin, members: dict[str, bytes]) -> None:
    mark = ET.SubElement(holder, "Placemark")
    _text(mark, "name", pin.name)
    words = "".join(f"<p>{html.escape(line)}</p>" for line in pin.text.splitlines() if line.strip())
    if pin.picture:
        suffix = ".png" if pin.picture.startswith(_PNG) else ".jpg"
        name = f"files/{len(members)}{suffix}"
        members[name] = pin.picture
        words += f'<p><img src="{name}" width="480"/></p>'
    rows = "".join(
        f"<tr><td>{html.escape(name)}</td><td>{html.escape(value)}</td></tr>"
        for name, value in pin.facts.items()
        if value
    )
    _text(mark, "description", words + (f"<table>{rows}</table>" if rows else ""))
    if pin.style:
        _text(mark, "styleUrl", f"#{pin.style}")
    if pin.facts:
        extended = ET.SubElement(mark, "ExtendedData")
        for name, value in pin.facts.items():
            data = ET.SubElement(extended, "Data", name=_clean(name))
            _text(data, "value", value)
    point = ET.SubElement(mark, "Point")
    _text(point, "altitudeMode", "clampToGround")
    _text(point, "coordinates", f"{pin.lon:.8f},{pin.lat:.8f}")


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _pin_picture() -> bytes:
    """Return a white disc with a rim, which a program tints in the colour of the style."""
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (128, 128), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((12, 12, 116, 116), fill=(255, 255, 255, 255), outline=(60, 60, 60, 255), width=8)
    stream = io.BytesIO()
    image.resize((64, 64), Image.Resampling.LANCZOS).save(stream, "PNG")
    return stream.getvalue()
