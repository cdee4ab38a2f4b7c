"""The page of a review package that anybody can read without the program: what is in it, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from models.delivery.manifest import Manifest
from models.health.results import IndicatorResult
from models.project.project import ProjectState
from models.review.topics import Topic
from resources.words import LANGUAGES, has, word
from viewers.texts.definition_texts import change_rows
from viewers.texts.values import indicator_value, no_data

Rows = Sequence[Sequence[str]]
_STYLE = """
:root { color-scheme: light dark;
  --ink: #1f2a30; --quiet: #5d6b73; --line: #d9dfe2; --paper: #ffffff; --lead: #0f6f8f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ec; --quiet: #9aa7ae; --line: #36424a; --paper: #171d21; --lead: #63b7d3; }
}
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.6 "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; color: var(--lead); }
section + section { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 2.5rem; }
p.quiet, td.quiet { color: var(--quiet); } p { margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top;
  padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--quiet); white-space: nowrap; } td.hash { font: 12px/1.6 monospace; }
strong.mark { color: #b3261e; } code { font-size: .92em; }
"""


def page(
    manifest: Manifest, state: ProjectState, results: Mapping[str, IndicatorResult], layers: Mapping[str, str]
) -> str:
    """Return the page as HTML, in which nothing runs and nothing is fetched.

    Parameters
    ----------
    manifest : Manifest
        With or without its members.
    state : ProjectState
        As it stands in the package.
    results : mapping of str to IndicatorResult
        Those that count.
    layers : mapping of str to str
        How each layer is in the package (:class:`models.delivery.contents.Part`), by id.
    """
    title = escape(manifest.name or manifest.name_en)
    sections = "\n".join(
        f'<section lang="{lang}">{_section(manifest, state, results, layers, lang)}</section>' for lang in LANGUAGES
    )
    return (
        '<!doctype html>\n<html lang="zh">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n<body>\n{sections}\n</body>\n</html>\n"
    )


def redacted_text(kind: str, what: str, count: int, lang: str) -> str:
    """Return what was taken out, as a line of a list."""
    name = word(f"package.redacted.{kind}", lang) if has(f"package.redacted.{kind}") else kind
    return " · ".join(part for part in (name, what, word("package.count", lang, count=count) if count else "") if part)


def left_out_text(why: str, lang: str) -> str:
    """Return why something is not in a package."""
    return word(f"package.left_out.{why}", lang) if has(f"package.left_out.{why}") else why


def _section(
    manifest: Manifest,
    state: ProjectState,
    results: Mapping[str, IndicatorResult],
    layers: Mapping[str, str],
    lang: str,
) -> str:
    def w(key: str, **facts: object) -> str:
        return word(key, lang, **facts)

    name = manifest.name_en if lang == "en" and manifest.name_en else manifest.name
    parts = [f"<h1>{escape(name)}</h1>", f'<p class="quiet">{escape(w("package.page.what"))}</p>']
    if manifest.synthetic:
        parts.append(f'<p><strong class="mark">{escape(w("sheet.synthetic"))}</strong></p>')
    parts.append(f"<p>{escape(w('package.page.open'))}</p><p><code>{escape(w('package.page.command'))}</code></p>")
    crs = " + ".join(part for part in (manifest.horizontal, manifest.vertical) if part)
    facts = [
        (w("package.fact.origin"), manifest.origin),
        (w("package.fact.saved_at"), manifest.saved_at[:16].replace("T", " ")),
        (w("package.fact.crs"), crs), (w("package.fact.program"), manifest.program),
        (w("package.fact.definitions"), manifest.definitions or w("package.not_frozen")),
        (w("package.fact.figures"), w("package.figures.redacted" if manifest.redacted else "package.figures.computed")),
    ]  # fmt: skip
    parts.append(_table((), [(key, value) for key, value in facts if value]))
    parts += _listed(w("package.head.redacted"), (), [
        (redacted_text(one.kind, one.what, one.count, lang),) for one in manifest.redacted
    ])  # fmt: skip
    parts += _listed(w("package.head.left_out"), (), [
        (one.what, left_out_text(one.why, lang)) for one in manifest.left_out
    ])  # fmt: skip
    parts += _listed(w("package.head.figures"), (w("package.column.indicator"), w("package.column.value")), [
        (f"{one.code} {one.definition.title(lang)}",
         indicator_value(one.city.value, one.definition.unit_text(lang), no_data(lang)))
        for one in results.values() if one.is_known
    ])  # fmt: skip
    parts += _listed(w("package.head.layers"), (), [
        (layer.title(lang), w(f"package.how.{layers.get(layer.id, 'inside')}"))
        for layer in reversed(state.layers)
    ])  # fmt: skip
    parts += _listed(w("package.head.sheets"), (), [
        (one.number or "–", one.name or one.title or one.subject.name) for one in state.review.sheets
    ])  # fmt: skip
    parts += _listed(w("package.head.stops"), (), [
        (str(number), one.title or "–", one.indicator) for number, one in enumerate(state.review.stops, 1)
    ])  # fmt: skip
    parts += _listed(w("package.head.opinions"), (), [
        (str(one.number or "–"), one.organisation or one.author, one.text, _decided(one, lang))
        for one in state.topics if one.is_opinion
    ])  # fmt: skip
    parts += _listed(w("package.head.changes"), (), change_rows(state.health, lang))
    return "\n".join(parts)


def _decided(topic: Topic, lang: str) -> str:
    """Return what was decided about an opinion, and the reply."""
    if not topic.decisions:
        return ""
    last = topic.decisions[-1]
    key = f"topics.verdict.{last.verdict}"
    return " · ".join(part for part in (word(key, lang) if has(key) else last.verdict, last.reply) if part)


def _listed(head: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    held = list(rows)
    return [f"<h2>{escape(head)}</h2>", _table(heads, held)] if held else []


def _table(heads: Sequence[str], rows: Rows) -> str:
    head = "<tr>" + "".join(f"<th>{escape(one)}</th>" for one in heads) + "</tr>" if heads else ""
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{head}{body}</table>"
