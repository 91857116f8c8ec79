"""The selection in numbers: places and sizes in millimetres, recipe parameters, order settings, codes. Source: 3.1.6.1."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.editor.layout_actions import LayoutActions
from meeting_seat_designer.editor.panels.parts import clear, heading, number
from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.edits.layouts import RebuildRegion, RecodeRegion, SetRegion, SetSeatKind
from meeting_seat_designer.engine.edits.objects import MoveObjects, RotateObjects, SetObject
from meeting_seat_designer.engine.edits.targets import Thing
from meeting_seat_designer.engine.model.layout import (
    AISLE_POLICIES,
    EVEN_RULES,
    FIXTURE_KINDS,
    HONOUR_SIDES,
    ORDER_MODES,
    PRESIDER_PLACES,
    SEAT_KINDS,
    UNIT_MODES,
    Fixture,
    Region,
    Seat,
)
from meeting_seat_designer.engine.recipes.params import PARAMS, RECIPES, Param
from widgets.controls import IconButton, label
from widgets.theme import ThemeManager

_FAR = 300000.0
_RULES: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("mode", "排座方式", ORDER_MODES),
    ("honour", "尊位", {"": "按全局规则", **HONOUR_SIDES}),
    ("even", "双数时", {"": "按全局规则", **EVEN_RULES}),
    ("aisles", "过道", AISLE_POLICIES),
    ("units", "单位", UNIT_MODES),
    ("presider", "主持人", PRESIDER_PLACES),
)


def _count_text(region: Region) -> str:
    return f"座位 · 共 {len(region.seats)} 个"


class InspectorPanel(QScrollArea):
    """Follows the selection of the layout mode; `fields` holds the fields by name for keyboard and tests."""

    def __init__(
        self,
        editing: Editing,
        actions: LayoutActions,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._editing, self._actions, self._themes = editing, actions, themes
        self.fields: dict[str, Any] = {}
        self._loading = False
        self._kind: object = None
        inner = QWidget()
        space = themes.theme.space
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(space.l, space.m, space.l, space.s)
        self._column.setSpacing(space.s)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        editing.selection_changed.connect(self.refresh)
        editing.changed.connect(self.refresh)
        editing.replaced.connect(self.refresh)
        editing.mode_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the selection; fields are only set anew while the same thing stays selected."""
        if self._editing.mode != "layout":
            return
        chosen = self._editing.selection
        region = self._editing.region(chosen[0]) if len(chosen) == 1 else None
        thing = self._editing.things.get(chosen[0]) if len(chosen) == 1 else None
        kind = (tuple(chosen), region.recipe.kind if region else None, self._actions.locked)
        if kind == self._kind and self.fields:
            self._reload(region, thing[0] if thing else None)
            return
        self._kind = kind
        clear(self._column)
        self.fields = {}
        if not chosen:
            self._nothing()
        else:
            self._tools(chosen)
            if region is not None:
                self._region(region)
            elif thing is not None:
                self._thing(thing[0])
        self._column.addStretch(1)

    def _nothing(self) -> None:
        room = self._editing.document.room
        self._column.addWidget(label("布置会场", "title", "strong"))
        size = f"{room.width / 1000:g} × {room.depth / 1000:g} 米"
        self._column.addWidget(label(f"{room.name} · {size}", "secondary", "weak", wrap=True))
        hint = (
            "从左侧拖入座位区和设施。单击选中，双击进入座位区调整单个座位；"
            "方向键移动 10 毫米，按住 Shift 为 100、Alt 为 1；拖动时按住 Ctrl 不吸附；"
            "Page Down 逐个选择，回车进入座位区。"
        )
        self._column.addWidget(label(hint, "secondary", "weak", wrap=True))

    def _tools(self, chosen: list[str]) -> None:
        themes, actions = self._themes, self._actions
        row = QWidget()
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(themes.theme.space.half)
        tools: list[tuple[str, str, Any]] = [
            ("rotate", "旋转 90°", lambda: actions.rotate(90)),
            ("mirror", "左右镜像", lambda: actions.mirror("x")),
            ("copy", "复制一份", actions.duplicate),
            ("group", "组合", lambda: actions.group(True)),
            ("ungroup", "取消组合", lambda: actions.group(False)),
            (
                "unlock" if actions.locked else "lock",
                "解锁位置" if actions.locked else "锁定位置",
                actions.lock,
            ),
            ("trash", "删除", actions.delete),
        ]
        if len(chosen) > 1:
            tools += [
                (icon, text, lambda edge=edge: actions.align(edge)) for edge, icon, text in actions.EDGES
            ]
            tools += [
                ("distribute-h", "水平等距", lambda: actions.distribute("x")),
                ("distribute-v", "垂直等距", lambda: actions.distribute("y")),
            ]
            self._column.addWidget(label(f"已选 {len(chosen)} 个对象", "title", "strong"))
        for index, (icon, text, slot) in enumerate(tools):
            tool = IconButton(themes, icon, text, size=28, icon_size=18)
            tool.clicked.connect(lambda _checked=False, slot=slot: slot())
            self.fields[f"tool:{text}"] = tool
            grid.addWidget(tool, index // 7, index % 7)
        grid.setColumnStretch(7, 1)
        self._column.addWidget(row)

    def _form(self) -> QFormLayout:
        box = QWidget()
        form = QFormLayout(box)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(self._themes.theme.space.xs + 2)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._column.addWidget(box)
        return form

    def _number(
        self,
        form: QFormLayout,
        name: str,
        text: str,
        value: float,
        low: float,
        high: float,
        set_: Any,
        unit: str = " mm",
    ) -> None:
        def changed(now: float) -> None:
            if not self._loading:
                set_(now)

        field = number(self._themes, text, value, low, high, changed, unit)
        self.fields[name] = field
        form.addRow(label(text, "secondary", "weak"), field)

    def _choice(
        self, form: QFormLayout, name: str, text: str, choices: dict[str, str], value: str, set_: Any
    ) -> None:
        field = QComboBox()
        field.setAccessibleName(text)
        field.setMinimumContentsLength(6)
        field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for key, shown in choices.items():
            field.addItem(shown, key)
        field.setCurrentIndex(max(0, field.findData(value)))
        field.activated.connect(lambda _index: set_(field.currentData()))
        self.fields[name] = field
        form.addRow(label(text, "secondary", "weak"), field)

    def _text(self, form: QFormLayout, name: str, text: str, value: str, set_: Any) -> None:
        field = QLineEdit(value)
        field.setAccessibleName(text)
        field.editingFinished.connect(lambda: set_(field.text()))
        self.fields[name] = field
        form.addRow(label(text, "secondary", "weak"), field)

    # a fixture, seat or table

    def _thing(self, thing: Thing) -> None:
        editing, ident = self._editing, thing.id
        if isinstance(thing, Seat):
            title = f"座位 {thing.code}"
        else:
            title = FIXTURE_KINDS.get(thing.kind, "") if isinstance(thing, Fixture) else "桌子"
        self._column.insertWidget(0, label(title, "title", "strong", wrap=True))
        form = self._form()

        def put(name: str) -> Any:
            return lambda now: editing.run(SetObject(ident, **{name: now}))

        if isinstance(thing, Seat):
            self._text(form, "code", "编号", thing.code, put("code"))
            self._choice(
                form, "kind", "类型", SEAT_KINDS, thing.kind, lambda k: editing.run(SetSeatKind([ident], k))
            )
        else:
            self._text(form, "label", "文字", thing.label, put("label"))
        self._number(form, "x", "横向", thing.x, -_FAR, _FAR, put("x"))
        self._number(form, "y", "纵向", thing.y, -_FAR, _FAR, put("y"))
        self._number(form, "w", "宽", thing.w, 10, 100000, put("w"))
        self._number(form, "h", "深", thing.h, 10, 100000, put("h"))
        self._number(form, "angle", "角度", thing.angle, -360, 360, lambda a: put("angle")(a % 360), "°")
        if isinstance(thing, Fixture) and thing.kind == "door":
            main = QCheckBox("正门（入口视角以此为准）")
            main.setChecked(thing.main)
            main.toggled.connect(put("main"))
            self.fields["main"] = main
            form.addRow(main)

    def _reload(self, region: Region | None, thing: Thing | None) -> None:
        """Put the newest values into the fields that are there."""
        self._loading = True
        if thing is not None:
            for name in ("x", "y", "w", "h", "angle"):
                if name in self.fields:
                    self.fields[name].setValue(getattr(thing, name))
        if region is not None:
            if PARAMS[region.recipe.kind]:
                self._count.setText(_count_text(region))
            for name in ("x", "y", "angle"):
                if f"region:{name}" in self.fields:
                    self.fields[f"region:{name}"].setValue(getattr(region, name))
            for name in ("limit", "buffer", "priority"):
                if f"take:{name}" in self.fields:
                    self.fields[f"take:{name}"].setValue(getattr(region.rules, name))
            for name, param in PARAMS[region.recipe.kind].items():
                field = self.fields.get(f"param:{name}")
                value = region.recipe.params.get(name, param.default)
                if field is not None and hasattr(field, "setValue"):
                    field.setValue(value)
                elif isinstance(field, QLineEdit) and isinstance(value, list):
                    field.setText(_listed(value))
        self._loading = False

    # a region

    def _region(self, region: Region) -> None:
        editing, ident = self._editing, region.id
        self._column.insertWidget(0, label(RECIPES.get(region.recipe.kind, "座位区"), "title", "strong"))
        form = self._form()
        self._text(form, "name", "名称", region.name, lambda text: editing.run(SetRegion(ident, name=text)))
        self._number(form, "region:x", "横向", region.x, -_FAR, _FAR, lambda now: self._move(ident, "x", now))
        self._number(form, "region:y", "纵向", region.y, -_FAR, _FAR, lambda now: self._move(ident, "y", now))
        self._number(
            form, "region:angle", "角度", region.angle, -360, 360, lambda now: self._turn(ident, now), "°"
        )
        if PARAMS[region.recipe.kind]:
            self._count = heading(_count_text(region))
            self._column.addWidget(self._count)
            form = self._form()
            for name, param in PARAMS[region.recipe.kind].items():
                self._param(form, region, name, param)
        self._column.addWidget(heading("排座方式"))
        form = self._form()
        for name, text, choices in _RULES:
            value = str(getattr(region.rules, name))
            self._choice(
                form, f"rule:{name}", text, choices, value, lambda now, n=name: self._rule(ident, n, now)
            )
        self._takes(region)
        self._column.addWidget(heading("座位编号"))
        form = self._form()
        self._text(
            form, "pattern", "格式", region.codes.pattern, lambda text: self._code(ident, "pattern", text)
        )
        self._text(
            form, "prefix", "前缀", region.codes.prefix, lambda text: self._code(ident, "prefix", text)
        )
        self._choice(
            form,
            "direction",
            "方向",
            {"ltr": "从左到右", "rtl": "从右到左"},
            region.codes.direction,
            lambda now: self._code(ident, "direction", now),
        )
        self._choice(
            form,
            "numbering",
            "顺序",
            {"plain": "顺序编号", "odd_even": "单左双右", "even_odd": "双左单右"},
            region.codes.numbering,
            lambda now: self._code(ident, "numbering", now),
        )
        form.addRow(label("格式可用 {row} {col} {letter} {n} {table} {region}", "caption", "weak", wrap=True))

    def _takes(self, region: Region) -> None:
        """Whom the region takes, how many, and when it is its turn."""
        ident, rules = region.id, region.rules
        self._column.addWidget(heading("接收人员"))
        form = self._form()
        for name, text, hint in (
            ("roles", "会议角色", "如：主席台。留空则不限"),
            ("units", "单位", "如：市教育局、市财政局。留空则不限"),
        ):
            value = "、".join(getattr(rules.accept, name))
            self._text(form, f"accept:{name}", text, value, lambda now, n=name: self._accept(ident, n, now))
            self.fields[f"accept:{name}"].setPlaceholderText("不限")
            self.fields[f"accept:{name}"].setToolTip(f"{hint}，用顿号分开")
        for name, text, low, high in (
            ("limit", "人数上限", 0, 10000),
            ("buffer", "预留空座", 0, 1000),
            ("priority", "排座先后", 0, 999),
        ):
            value = getattr(rules, name)
            self._number(
                form, f"take:{name}", text, value, low, high,
                lambda now, n=name: self._rule(ident, n, int(now)), "",
            )  # fmt: skip
        self.fields["take:limit"].setSpecialValueText("不限")
        self.fields["take:priority"].setToolTip("数字小的区域先排")
        whole = QCheckBox("一个单位不拆到两排")
        whole.setChecked(rules.whole_rows)
        whole.toggled.connect(lambda on: self._rule(ident, "whole_rows", on))
        self.fields["take:whole_rows"] = whole
        form.addRow(whole)

    def _accept(self, ident: str, name: str, text: str) -> None:
        region = self._editing.region(ident)
        if region is not None:
            rules = clone(region.rules)
            setattr(rules.accept, name, [part for part in re.split(r"[、,，;；\s]+", text) if part])
            self._editing.close_merge()
            self._editing.run(SetRegion(ident, rules=rules), "接收人员已修改，重新排座后生效")

    def _param(self, form: QFormLayout, region: Region, name: str, param: Param) -> None:
        value = region.recipe.params.get(name, param.default)
        ident = region.id
        short = param.label.split("（")[0]

        def put(now: Any) -> None:
            self._editing.run(RebuildRegion(ident, **{name: now}))

        if isinstance(param.default, bool):
            field = QCheckBox(param.label)
            field.setChecked(bool(value))
            field.toggled.connect(put)
            self.fields[f"param:{name}"] = field
            form.addRow(field)
        elif param.choices:
            self._choice(form, f"param:{name}", short, dict(param.choices), str(value), put)
        elif isinstance(param.default, list):
            text = _listed(value if isinstance(value, list) else [value])
            self._text(form, f"param:{name}", short, text, lambda now: self._put_list(put, now))
            self.fields[f"param:{name}"].setToolTip(f"{param.label}，用逗号分开，如 {text or '3，6'}")
        else:
            length = param.high >= 1000
            self._number(
                form, f"param:{name}", short, value, param.low, param.high,
                lambda now: put(now if length else int(now)), " mm" if length else "",
            )  # fmt: skip

    def _put_list(self, put: Any, text: str) -> None:
        parts = [
            part for part in text.replace("，", ",").replace("、", ",").replace(" ", ",").split(",") if part
        ]
        if all(part.isdigit() for part in parts):
            put([int(part) for part in parts])
        else:
            self._editing.said.emit("请填写数字，用逗号分开，例如 6，8，6", "warn")

    def _move(self, ident: str, axis: str, now: float) -> None:
        region = self._editing.region(ident)
        if region is not None:
            dx = now - region.x if axis == "x" else 0.0
            dy = now - region.y if axis == "y" else 0.0
            self._editing.run(MoveObjects([ident], dx, dy))

    def _turn(self, ident: str, now: float) -> None:
        region = self._editing.region(ident)
        if region is not None and (now - region.angle) % 360:
            self._editing.run(RotateObjects([ident], (now - region.angle) % 360))

    def _rule(self, ident: str, name: str, value: object) -> None:
        region = self._editing.region(ident)
        if region is not None:
            rules = clone(region.rules)
            setattr(rules, name, value)
            self._editing.close_merge()
            self._editing.run(SetRegion(ident, rules=rules), "排座方式已修改，重新排座后生效")

    def _code(self, ident: str, name: str, value: str) -> None:
        region = self._editing.region(ident)
        if region is not None and getattr(region.codes, name) != value:
            codes = clone(region.codes)
            setattr(codes, name, value)
            self._editing.close_merge()
            self._editing.run(RecodeRegion(ident, codes))


def _listed(values: list[Any]) -> str:
    return "，".join(f"{value:g}" for value in values)
