"""The model browser: tree, search, rules, isolation and colours of building models."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction, QGuiApplication

from app.actions.conditions import shows_rooms
from app.usecases.bim import sets_and_facts, visibility
from app.window.feature import Feature
from app.window.features.bim import model_browser_rows
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.core.watch import watch
from models.layers.layer import ModelData
from models.project.selection import Keys, ObjectKey
from viewers.legend import Legend
from viewers.texts.values import field_label
from viewers.widgets.bim.colour_by import FieldView
from viewers.widgets.bim.model_panel import ModelPanel, ModelView
from viewers.widgets.bim.rule_box import SetView
from viewers.widgets.canvas.visibility_notice import VisibilityNotice
from viewers.widgets.common.tree_rows import TreeRows

if TYPE_CHECKING:
    from app.window.window_context import WindowContext
    from models.project.project import ProjectState
    from models.views.camera import Vector

#: A storey or building of more elements than this is selected as itself alone: all of it in one colour says nothing,
#: and what is asked for it reaches its parts anyway.
MOST_SELECTED = 500


class ModelBrowser(Feature):
    """Connects :class:`viewers.widgets.bim.model_panel.ModelPanel` to the session."""

    name = "model"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.panel = ModelPanel(self.appearance)
        self._dock = context.docks.add("model", self.panel)
        self.panel.name_of = self._name_of
        #: The model that is meant, empty for all of them.
        self.chosen = ""
        self._models_stamp: object = None
        self._tree_stamp: object = None
        self._fields_stamp: object = None
        self._sets_shown: object = None
        self._store = model_browser_rows.Store()
        self._found: tuple[str, list[ObjectKey]] = ("", [])
        self._tries = 0
        self._shades: list[visibility.Shade] = []
        self._field = self._unit = ""
        self._city_legend: Legend | None = None
        self._own_choice = self._comes_forward = False
        self.notice = VisibilityNotice(
            self.appearance, context.canvas, context.canvas.badge, context.canvas.section_notice
        )
        self._look_timer = QTimer(self, singleShot=True, interval=0)
        self._look_timer.timeout.connect(self._show_look)
        self._connect()
        self.stops += [
            watch(self.session.visibility.changed, lambda _: self._look_timer.start()),
            watch(self.session.project.changed, self._on_project_changed),
        ]

    def _connect(self) -> None:
        panel, ask, context = self.panel, self.guard, self.context
        panel.asked.connect(ask(self._on_asked))
        panel.model_chosen.connect(ask(self._choose_model))
        panel.by_chosen.connect(ask(lambda _: self.refresh()))
        panel.page_chosen.connect(ask(lambda _: self.refresh()))
        panel.open_requested.connect(ask(context.requests.add_files))
        panel.rules.rule_changed.connect(ask(self._try_rule))
        panel.rules.asked.connect(ask(self._on_rule_asked))
        panel.rules.set_asked.connect(ask(self._on_set_asked))
        panel.colours.field_chosen.connect(ask(self.colour_by_field))
        panel.colours.entry_asked.connect(ask(self._on_entry_asked))
        panel.colours.clear_requested.connect(ask(self.clear_colours))
        self.notice.show_all_requested.connect(ask(self.show_all))
        self.notice.clear_requested.connect(ask(self.clear_colours))
        self._dock.visibilityChanged.connect(lambda on: self.refresh() if on else None)
        context.scene_sync.legend_changed.connect(self._on_city_legend)
        context.canvas.legend.pressed.connect(ask(lambda at: self._on_entry_asked("select", at)))
        context.requests.chosen_model.answer_with(lambda: self.chosen)
        self.appearance.lang_changed.connect(self._say_again)

    # --- requests of the action table -----------------------------------------------------------------------------
    def open_browser(self) -> None:
        """Open the panel."""
        self.context.docks.bring_forward("model")
        self.refresh()

    def find(self) -> None:
        """Open the panel and type into its search."""
        self.open_browser()
        self.panel.focus_search()

    def open_rules(self) -> None:
        """Open the page of rules."""
        self.open_browser()
        self.panel.open_page("rules")
        self.panel.rules.edit.setFocus()

    def colour_by(self) -> None:
        """Open the page of colours."""
        self.open_browser()
        self.panel.open_page("colours")

    def isolate(self) -> None:
        """Show nothing of the models but what is selected."""
        self._isolate(self.session.selection.keys)

    def ghost_rest(self) -> None:
        """Fade everything of the models but what is selected."""
        self._isolate(self.session.selection.keys, ghost=True)

    def hide(self) -> None:
        """Hide what is selected."""
        visibility.hide(self.session, self.session.selection.keys)

    def show_all(self) -> None:
        """Show every element again."""
        visibility.show_all(self.session)

    def toggle_rooms(self) -> None:
        """Draw rooms and zones, or leave them out again."""
        visibility.show_rooms(self.session, not shows_rooms(self.session))

    def select_alike(self, column: str) -> None:
        """Select everything that has the class, the type or the storey of what is selected."""
        self._select(visibility.alike(self.session, self.session.selection.keys, column))

    def save_selection(self) -> None:
        """Keep what is selected as a set."""
        if not self.session.selection.keys:
            raise UserError("look.nothing")
        self._save_set(keys=self.session.selection.keys)

    def clear_colours(self) -> None:
        """Give every element its own colour back."""
        self._field, self._shades = "", []
        visibility.clear_colours(self.session)
        self._show_legend()
        self._look_timer.start()

    def colour_by_field(self, field_id: str) -> None:
        """Colour the models by a field, and say what the colours mean."""
        models = [(layer.id, data) for layer, data in self._models()]

        def work(progress: Progress) -> tuple[list[visibility.Shade], str]:
            progress.step(0.0, "progress.colouring")
            return visibility.shades(models, field_id), visibility.unit_of([data for _, data in models], field_id)

        def done(made: tuple[list[visibility.Shade], str]) -> None:
            found, self._unit = made
            self._field, self._shades = field_id, found
            colours: dict[str, dict[int, tuple[int, int, int, int]]] = {}
            for shade in found:
                for key in shade.keys:
                    colours.setdefault(key.layer, {})[key.oid] = shade.colour
            visibility.colour(self.session, colours)
            self._unmark(self.session.selection.keys)
            self._show_legend()
            self._look_timer.start()

        self.session.run("job.colour_by", work, done)

    # --- what is shown --------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the models, and make what the open page needs; nothing is made while nobody looks."""
        if self._comes_forward:
            self._comes_forward = False
            self.context.docks.bring_forward("model")
        models = visibility.model_layers(self.session)
        stamp = (
            [(layer, id(data)) for layer, data in models],
            self.chosen,
            self.appearance.lang,
            self.appearance.theme,
        )
        if stamp != self._models_stamp:
            self._models_stamp = stamp
            if self.chosen not in {layer.id for layer, _ in models}:
                self.chosen = ""
            self.panel.set_models([self._view(layer, data) for layer, data in models], self.chosen)
        views = [
            SetView(
                one.name, one.name, one.rule or self.appearance.word("browser.sets.count", count=f"{len(one.keys):,}")
            )
            for one in self.session.project.state.sets
        ]
        if (views, self.appearance.theme) != self._sets_shown:
            self._sets_shown = (views, self.appearance.theme)
            self.panel.rules.show_sets(views)
        if self.panel.isVisible() and models:
            {"tree": self._want_tree, "rules": lambda: None, "colours": self._want_fields}[self.panel.page]()
        self._look_timer.start()

    def on_selection_changed(self) -> None:
        """Mark what is selected in the tree."""
        if not self._own_choice:
            models = {layer_id for layer_id, _ in sets_and_facts.models_of(self.session)}
            runs = self.session.selection.keys.runs
            self.panel.set_marked(Keys(run for run in runs if run[0] in models))

    def context_actions(self, key: ObjectKey | None, world: Vector | None) -> list[QAction]:
        """Offer to select what is alike."""
        if key is None or self.session.project.state.layer(key.layer).kind != "model":
            return []
        return [self.context.commands.actions[f"model.alike.{name}"] for name in ("class", "type", "storey")]

    def _models(self) -> list[tuple[Any, ModelData]]:
        found = visibility.model_layers(self.session)
        return [pair for pair in found if not self.chosen or pair[0].id == self.chosen]

    def _scope(self) -> tuple[str, ...]:
        return (self.chosen,) if self.chosen else ()

    def _view(self, layer: Any, data: ModelData) -> ModelView:
        return ModelView(layer.id, layer.title(self.session.lang), str(data.info.get("stage", "")), len(data.elements))

    def _want_tree(self) -> None:
        """Make the trees of the chosen models, off this thread, unless they are there already."""
        models, by, lang = self._models(), self.panel.by, self.session.lang
        stamp = (tuple((layer.id, layer.title(lang), id(data.elements)) for layer, data in models), by)
        if stamp == self._tree_stamp:
            return
        old, self._tree_stamp = self._tree_stamp, stamp
        same = isinstance(old, tuple) and old[1] == by and [a[0] for a in old[0]] == [a[0] for a in stamp[0]]
        store, titles = self._store, [(layer.id, layer.title(lang), data) for layer, data in models]
        self.panel.set_busy(True)

        def work(progress: Progress) -> TreeRows:
            return model_browser_rows.rows_of(titles, by, store, progress)

        def done(rows: TreeRows) -> None:
            if stamp != self._tree_stamp:
                return
            self.panel.set_busy(False)
            self.panel.set_tree(rows, keep=same)
            self.panel.set_marked(self.session.selection.keys)
            self._show_look()

        def failed(error: BaseException) -> None:
            if stamp == self._tree_stamp:
                self._tree_stamp = None
                self.panel.set_busy(False)
            if not isinstance(error, Cancelled):
                self.session.fail(error)

        self.session.jobs.run("job.model_tree", work, done, failed=failed)

    def _want_fields(self) -> None:
        """List the fields of the chosen models."""
        models = [data for _, data in self._models()]
        stamp = (tuple(id(data.psets) for data in models), self.session.lang, self.appearance.theme)
        if stamp == self._fields_stamp:
            return
        self._fields_stamp = stamp

        def done(made: Any) -> None:
            if stamp == self._fields_stamp:
                found, total = made
                views = [
                    FieldView(one.id, self._field_name(one.id, one.label, one.group), one.group, one.count, total,
                              one.kind)
                    for one in found
                    if one.id != "guid"  # a colour for each element says nothing
                ]  # fmt: skip
                self.panel.colours.set_fields(views)

        self.session.run("job.model_fields", lambda _: visibility.shared_fields(models), done)

    def _field_name(self, field_id: str, label: str, group: str) -> str:
        return label if group else field_label(field_id, self.session.lang)

    def _name_of(self, kind: str, text: str) -> tuple[str, str]:
        """Return what a heading is called: a class in the reader's own words, with its IFC name beside it."""
        if kind in ("none", "unplaced"):
            return self.appearance.word(f"browser.kind.{kind}"), ""
        own = model_browser_rows.class_name(self.session.word, text)
        return (own, text) if own != text else (text, "")

    def _show_look(self) -> None:
        """Show what is hidden, faded and coloured, in the tree and over the city."""
        looks = {layer.id: self.session.visibility.of(layer.id) for layer, _ in visibility.model_layers(self.session)}
        rows = self.panel.tree.rows_model.rows
        states = rows.states(
            {name: look.hidden for name, look in looks.items()}, {name: look.ghost for name, look in looks.items()}
        )
        self.panel.tree.set_states(states)
        counts = visibility.counts(self.session)
        if not counts.coloured and self._shades:  # somebody else cleared the colours
            self._field, self._shades = "", []
            self._show_legend()
        self.panel.tools["show_all"].setEnabled(bool(counts.hidden or counts.ghost))
        by = self._legend_title() if counts.coloured and self._shades else ""
        self.notice.set_state(counts.hidden, counts.ghost, by)
        self.context.commands.refresh()

    def _legend_title(self) -> str:
        return self._field.rsplit(".", 1)[-1] if "." in self._field else field_label(self._field, self.session.lang)

    def _legend(self) -> Legend | None:
        if not self._shades:
            return None
        group = self._field.rsplit(".", 1)[0] if "." in self._field else ""
        unit = f" ({self._unit})" if self._unit else ""
        entries = model_browser_rows.entries_of(self._shades, self.session.word, classes=self._field == "ifc_class")
        return Legend(self._legend_title() + unit, entries, group)

    def _show_legend(self) -> None:
        legend = self._legend()
        self.panel.colours.show_legend(legend)
        self.context.canvas.legend.set_legend(legend or self._city_legend, pressable=legend is not None)

    def _on_city_legend(self, legend: Legend | None) -> None:
        """Keep the models' legend before the city's while models are coloured."""
        self._city_legend = legend
        if self._shades:
            self._show_legend()

    def _say_again(self) -> None:
        if self._shades:
            self._show_legend()

    def _on_project_changed(self, before: ProjectState, after: ProjectState) -> None:
        """Forget the look of models that are gone; come forward for a building model that is opened by itself."""
        is_first = not before.layers and self.session.project.path is None
        if is_first and [layer.source.reader for layer in after.layers] == ["ifc"]:
            self._comes_forward = True
        self._store.keep({layer.id for layer in self.session.project.state.layers})
        self._look_timer.start()

    # --- what panels ask ------------------------------------------------------------------------------------------
    def _on_asked(self, verb: str, keys: list[ObjectKey]) -> None:
        session = self.session
        if verb == "select":
            self._select(keys)
        elif verb == "zoom":
            self._select(keys)
            self.context.scene_sync.zoom_to_keys(tuple(keys), 4.0)
        elif verb in ("isolate", "ghost"):
            self._isolate(keys, ghost=verb == "ghost")
        elif verb == "hide":
            visibility.hide(session, keys)
        elif verb == "show":
            visibility.show(session, keys)
        elif verb == "show_all":
            self.show_all()
        elif verb == "alike":
            self._select(visibility.alike(session, keys[-1:], "ifc_class"))
        elif verb == "colour":
            self._select(keys)
            self.colour_by()
        elif verb == "copy_guid":
            data = session.project.data_of(keys[0].layer)
            if isinstance(data, ModelData):
                QGuiApplication.clipboard().setText(str(data.elements["guid"].iat[keys[0].oid]))

    def _select(self, keys: Sequence[ObjectKey]) -> None:
        """Select from the panel; the tree keeps its own marks."""
        self._own_choice = True
        try:
            self.session.selection.set(self._whole(keys) if len(keys) > MOST_SELECTED else keys)
        finally:
            self._own_choice = False

    def _isolate(self, keys: Sequence[ObjectKey], *, ghost: bool = False) -> None:
        visibility.isolate(self.session, keys, self._scope(), ghost=ghost)
        self._unmark(keys)

    def _unmark(self, keys: Sequence[ObjectKey]) -> None:
        """Keep of a selection what is described: colours of selection would hide what somebody wants to look at."""
        if len(keys) > 1 and len(self.session.selection.keys) > 1:
            self._select(self._whole(keys, ()))

    def _whole(self, keys: Sequence[ObjectKey], otherwise: Sequence[ObjectKey] | None = None) -> Sequence[ObjectKey]:
        """Return the storey, building or assembly that stands for all of some keys: the last, if it is not drawn."""
        last = keys[-1]
        data = self.session.project.data.get(last.layer)
        if isinstance(data, ModelData) and not visibility.drawn(data)[last.oid]:
            return [last]
        return keys if otherwise is None else otherwise

    def _choose_model(self, layer_id: str) -> None:
        self.chosen = layer_id
        self.refresh()
        if self._field:
            self.colour_by_field(self._field)

    def _try_rule(self, text: str) -> None:
        """Find what a rule finds; the last one typed is the one that is answered."""
        self._tries += 1
        tried, models = self._tries, [(layer.id, data) for layer, data in self._models()]
        self._found = ("", [])
        if not text:
            return

        def work(progress: Progress) -> tuple[list[ObjectKey], int, Any]:
            from models.bim.rules import parse

            rule, found, silent = parse(text), [], 0
            for layer_id, data in models:
                progress.step()
                matched = rule.evaluate(data)
                found += [ObjectKey(layer_id, oid) for oid in matched.oids.tolist()]
                silent += len(matched.silent)
            return found, silent, rule

        def done(answer: tuple[list[ObjectKey], int, Any]) -> None:
            if tried == self._tries:
                found, silent, rule = answer
                self._found = (text, found)
                self.panel.rules.show_answer(len(found), silent, rule.describe(self.session.word))

        def failed(error: BaseException) -> None:
            if tried != self._tries or isinstance(error, Cancelled):
                return
            if isinstance(error, UserError):
                word, facts = self.session.word, dict(error.facts)
                cure = word(f"error.{error.code}.cure", **facts)
                self.panel.rules.show_error(word(f"error.{error.code}", **facts), cure)
            else:
                self.session.fail(error)

        self.session.jobs.run("job.rule", work, done, failed=failed)

    def _on_rule_asked(self, verb: str) -> None:
        rule, found = self._found
        if verb == "save":
            self._save_set(rule=rule)
        elif verb == "save_selection":
            self.save_selection()
        elif verb == "select":
            self.session.selection.set(found)
        elif verb == "isolate":
            self._isolate(found)

    def _on_set_asked(self, verb: str, name: str) -> None:
        if verb == "delete":
            sets_and_facts.delete_set(self.session, name)
        elif verb == "rename":
            fresh = self.context.ask_name("browser.sets.rename", name)
            if fresh:
                sets_and_facts.rename_set(self.session, name, fresh)
        else:
            rule = sets_and_facts.find_set(self.session, name).rule
            if rule and rule != self.panel.rules.rule:
                self.panel.rules.set_rule(rule)
            self.session.selection.set(sets_and_facts.keys_of_set(self.session, name))

    def _save_set(self, rule: str = "", keys: Iterable[ObjectKey] = ()) -> None:
        number = len(self.session.project.state.sets) + 1
        proposal = rule if 0 < len(rule) <= 40 else self.appearance.word("browser.sets.proposal", number=number)
        name = self.context.ask_name("browser.rule.save", proposal)
        if name:
            sets_and_facts.save_set(self.session, name, rule, keys)

    def _on_entry_asked(self, verb: str, at: int) -> None:
        if 0 <= at < len(self._shades):
            keys = self._shades[at].keys
            if verb == "select":
                self.session.selection.set(keys)
            elif verb == "isolate":
                self._isolate(keys)
            elif verb == "hide":
                visibility.hide(self.session, keys)
