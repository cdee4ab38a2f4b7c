"""The page by which a browser shows the tiles of a hand-over, and the words that explain its folder."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence

from models.geometry.styled import StyledCity
from models.io.mesh.styled_glb import property_names
from resources import HERE
from resources.words import LANGUAGES, word
from viewers.handover.object_tables import shown_names
from viewers.legend import Legend


def heights_text(city: StyledCity, geoid_m: float | None, lang: str) -> str:
    """Return what is said of the heights of the tiles."""
    if not city.vertical and geoid_m is None:
        return word("handover.heights.unknown_datum", lang)
    if geoid_m is None:
        return word("handover.heights.datum", lang, datum=city.vertical)
    return word("handover.heights.geoid", lang, datum=city.vertical or "—", geoid=f"{geoid_m:g}")


def page_text(city: StyledCity, legend: Legend, geoid_m: float | None, lang: str) -> str:
    """Return ``index.html``: it shows the tileset beside it with CesiumJS, where somebody puts that beside it too."""
    layers = {}
    for layer, table in city.tables.items():
        names = dict(zip(property_names(table.columns), table.columns, strict=True))
        layers[layer] = {"title": table.title, "names": names | shown_names(table, lang)}
    facts = {
        "name": city.name,
        "note": word("handover.synthetic", lang) if city.synthetic else "",
        "crs": word("handover.page.crs", lang, crs=city.crs, heights=heights_text(city, geoid_m, lang)),
        "hint": word("handover.page.hint", lang), "no_data": word("handover.no_data", lang),
        "layer": word("handover.column.layer", lang), "layers": layers,
        "legend": {
            "title": legend.title,
            "entries": [
                {"text": one.text, "colour": one.colour, "hatch": one.pattern == "hatch"}
                for one in legend.entries if one.symbol in ("", "dot", "line")
            ],
        },
    }  # fmt: skip
    text = (HERE / "handover" / "index.html").read_text(encoding="utf-8")
    inside = json.dumps(facts, ensure_ascii=False, indent=0).replace("<", "\\u003c")
    values = {"lang": "zh-CN" if lang == "zh" else "en", "title": html.escape(city.name), "facts": inside}
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def read_me(facts: Mapping[str, Mapping[str, str]], files: Sequence[tuple[str, str]], names: Mapping[str, str]) -> str:
    """Return ``README.md`` in both languages.

    Parameters
    ----------
    facts : mapping of language to mapping of str to str
        Key of ``handover.readme.<key>`` and what is said there.
    files : sequence of (file, key)
        What lies in the folder; ``handover.readme.file.<key>`` says what it is.
    names : mapping of language to str
        Of the project.
    """
    lines: list[str] = []
    for lang in LANGUAGES:
        lines += [f"# {word('handover.readme.title', lang, name=names[lang])}", ""]
        lines += [f"- {word(f'handover.readme.{key}', lang)}: {value}" for key, value in facts[lang].items() if value]
        lines += ["", f"| {word('handover.readme.file', lang)} | {word('handover.readme.what', lang)} |", "|---|---|"]
        lines += [f"| `{name}` | {word(f'handover.readme.file.{key}', lang)} |" for name, key in files]
        lines += ["", word("handover.readme.table_note", lang), ""]
    return "\n".join(lines)
