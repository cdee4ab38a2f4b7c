"""What the CRS doctor says, in the reader's language: one place for the dialog, the command line and the sheets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from resources.words import has, word

if TYPE_CHECKING:
    from models.crs.doctor.steps import Step
    from models.crs.doctor.verdict import Candidate, Lift, Reason, Verdict
    from models.layers.layer import Layer
    from models.project.project import ProjectState


def code_text(code: str, lang: str) -> str:
    """Return what a verdict or candidate means, in a few words."""
    return word(f"crs_doctor.code.{code}", lang)


def crs_name(crs: str, lang: str) -> str:
    """Return a CRS as people write it: ``"EPSG:4548 CGCS2000 / 3-degree Gauss-Kruger CM 117E"``."""
    from models.core.errors import UserError
    from models.crs.frame import crs_label, parse_crs

    if not crs:
        return word("crs_doctor.crs_none", lang)
    try:
        label, name = crs_label(crs), str(parse_crs(crs).name)
    except UserError:
        return crs
    return label if label == name else f"{label}  {name}"


def short_crs(crs: str, lang: str) -> str:
    """Return a CRS as its code, or its name where it has none."""
    return crs_name(crs, lang).partition("  ")[0]


def reason_text(reason: Reason, lang: str) -> str:
    """Return one reason as a sentence."""
    facts = dict(reason.facts)
    if "system" in facts:
        facts["system"] = {"gcj02": "GCJ-02", "bd09": "BD-09"}.get(str(facts["system"]), str(facts["system"]).upper())
    known = f"crs_doctor.datum.{str(facts.get('datum', '')).removeprefix('EPSG:')}"
    if "datum" in facts and has(known):
        facts["datum"] = word(known, lang)
    return word(f"crs_doctor.reason.{reason.code}", lang, **{key: _signed(value) for key, value in facts.items()})


def _signed(value: object) -> object:
    """Return a negative number with a minus sign instead of a hyphen."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if not is_number or float(value) >= 0 else _Minus(value)  # type: ignore[arg-type]


class _Minus(float):
    """A negative number that writes itself with a minus sign, in any format."""

    def __format__(self, form: str) -> str:
        text = repr(float(self)) if not form else float.__format__(self, form)
        return text.removesuffix(".0").replace("-", "−")

    def __str__(self) -> str:
        return format(self, "")


def step_text(step: Step, lang: str) -> str:
    """Return one step as an instruction."""
    a, b = (*step.values, 0.0, 0.0)[:2]
    facts: dict[str, object] = {"a": a, "b": b, "text": step.text.replace(">", " → ")}
    if step.name == "similarity":
        facts |= {
            "scale": math.hypot(*step.values[2:4]),
            "turn": math.degrees(math.atan2(step.values[3], step.values[2])),
        }
    return word(f"crs_doctor.step.{step.name}", lang, **facts)


def steps_text(steps: tuple[Step, ...], lang: str) -> str:
    """Return steps as one phrase, empty for none; the way into degrees and back around an inverse is not told."""
    told = [step for step in steps if step.name != "reproject"] if _there_and_back(steps) else steps
    return word("crs_doctor.comma", lang).join(step_text(step, lang) for step in told)


def _there_and_back(steps: tuple[Step, ...]) -> bool:
    """Whether all reprojections lead out of a CRS and into the same again."""
    ways = [step.text.split(">") for step in steps if step.name == "reproject"]
    return len(ways) == 2 and ways[0] == ways[1][::-1]


def target_text(crs: str, steps: tuple[Step, ...], lang: str) -> str:
    """Return a CRS and what has to be done first."""
    name = short_crs(crs, lang)
    return word("crs_doctor.crs_with_steps", lang, crs=name, steps=steps_text(steps, lang)) if steps else name


def candidate_text(one: Candidate | Verdict, lang: str) -> str:
    """Return a candidate as one line."""
    return f"{code_text(one.code, lang)}  ·  {target_text(one.crs, one.steps, lang)}"


def signed(metres: float) -> str:
    """Return metres with their sign: ``"+8.31"``, ``"−0.029"``."""
    return f"{metres:+g}".replace("-", "−")


def lift_text(lift: Lift, lang: str) -> str:
    """Return what could be added to heights, and how uncertain that is."""
    facts = {"metres": signed(lift.metres), "spread": f"{lift.spread_m:g}", "count": lift.count}
    return word(f"crs_doctor.lift.{lift.code}", lang, **facts)


def footer_texts(state: ProjectState, lang: str) -> list[str]:
    """Return what a printed sheet must say of shown layers whose coordinates are in doubt or were set right."""
    told = [layer for layer in state.layers if layer.visible and layer.verdict is not None and _in_doubt(layer)]
    texts = []
    for layer in told[:2]:
        verdict, standing = layer.verdict, layer.standing
        assert verdict is not None  # noqa: S101 - looked at above
        what = code_text(verdict.code, lang)
        if standing is not None and verdict.done == "changed":
            what = f"{code_text('changed', lang)} {target_text(standing.crs, standing.steps, lang)}"
        sure = 1.0 if verdict.done in ("accepted", "changed") else verdict.sure
        texts.append(word("crs_doctor.footer", lang, layer=layer.title(lang), what=what, percent=round(100 * sure)))
    if len(told) > 2:
        texts.append(word("crs_doctor.footer.more", lang, count=len(told) - 2))
    return texts + [text for layer in state.layers if layer.visible for text in _height_texts(layer, lang)][:2]


def _in_doubt(layer: Layer) -> bool:
    """Whether a layer's place in the plane is in doubt or was set right."""
    from models.crs.doctor.steps import in_plane

    verdict, standing = layer.verdict, layer.standing
    moved = standing is not None and (bool(in_plane(standing.steps)) or standing.crs != standing.read_crs)
    return moved or (verdict is not None and (verdict.done == "proposed" or verdict.code == "old_datum"))


def _height_texts(layer: Layer, lang: str) -> list[str]:
    """Return what was added to a layer's heights, or what perhaps should be."""
    added_m = layer.standing.lift_m if layer.standing is not None else 0.0
    lift = layer.verdict.lift if layer.verdict is not None else None
    if added_m:
        return [word("crs_doctor.footer.lift_done", lang, layer=layer.title(lang), metres=signed(added_m))]
    if lift is None:
        return []
    return [word("crs_doctor.footer.lift_open", lang, layer=layer.title(lang), metres=f"{abs(lift.metres):g}")]
