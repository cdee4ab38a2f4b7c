"""What BCF 2.0 says, and what tools leave out, written as the XML classes of 2.1 and 3.0 demand it.

In 2.0 a component says of itself whether it is selected, seen and coloured; later each of these became a list. Where
any component is called visible the others are not, as the official test files mean it; where some are called hidden,
only they are. Dates, authors and ids that are missing are left empty, so that a topic without an author is a topic.
"""

from __future__ import annotations

from collections import defaultdict
from xml.etree.ElementTree import Element, SubElement

_OF_TOPIC = ("Title", "CreationDate", "CreationAuthor")
_OF_COMMENT = ("Date", "Author", "Comment")


def complete(root: Element, version: str) -> None:
    """Change a member's XML in place into what its classes can hold.

    Parameters
    ----------
    root : Element
        ``Markup``, ``VisualizationInfo``, ``ProjectExtension`` or ``ProjectInfo``.
    version : str
        Of the file, ``"2.0"``.
    """
    if version.startswith("2.0"):
        if root.tag == "VisualizationInfo":
            _components(root)
            _bitmaps(root)
        elif root.tag == "Markup":
            _rename(root)
    if root.tag == "Markup":
        for topic in root.findall("Topic"):
            _fill(topic, _OF_TOPIC, "Guid", "TopicType", "TopicStatus")
        for comment in (*root.findall("Comment"), *root.findall("Topic/Comments/Comment")):
            _fill(comment, _OF_COMMENT, "Guid")
        for view in (*root.findall("Viewpoints"), *root.findall("Topic/Viewpoints/ViewPoint")):
            _fill(view, (), "Guid")
    elif root.tag == "VisualizationInfo":
        _fill(root, (), "Guid")
    elif root.tag == "ProjectExtension":
        _fill(root, ("ExtensionSchema",))
        for project in root.findall("Project"):
            _fill(project, (), "ProjectId")


def _fill(thing: Element, elements: tuple[str, ...], *attributes: str) -> None:
    for name in elements:
        if thing.find(name) is None:
            SubElement(thing, name)
    for name in attributes:
        thing.attrib.setdefault(name, "")


def _components(root: Element) -> None:
    """Sort flat components into selection, visibility and colouring."""
    listed = root.find("Components")
    if listed is None:
        return
    mine = listed.findall("Component")
    for one in mine:
        listed.remove(one)
    seen = [one for one in mine if one.get("Visible", "").lower() in ("true", "1")]
    hidden = [one for one in mine if one.get("Visible", "").lower() in ("false", "0")]
    coloured: dict[str, list[Element]] = defaultdict(list)
    for one in mine:
        if one.get("Color"):
            coloured[one.get("Color", "")].append(one)
    selection = SubElement(listed, "Selection")
    selection.extend(one for one in mine if one.get("Selected", "").lower() in ("true", "1"))
    visibility = SubElement(listed, "Visibility", DefaultVisibility="false" if seen else "true")
    SubElement(visibility, "Exceptions").extend(seen or hidden)
    colouring = SubElement(listed, "Coloring")
    for colour, things in coloured.items():
        SubElement(colouring, "Color", Color=colour).extend(things)


def _bitmaps(root: Element) -> None:
    for bitmap in root.findall("Bitmaps"):
        bitmap.tag = "Bitmap"


def _rename(root: Element) -> None:
    for topic in root.findall("Topic"):
        for old, new in (("RelatedTopics", "RelatedTopic"), ("DocumentReferences", "DocumentReference")):
            for one in topic.findall(old):
                one.tag = new
    for comment in root.findall("Comment"):
        for name in ("Topic", "VerbalStatus", "Status", "ReplyToComment"):
            for one in comment.findall(name):
                comment.remove(one)
