"""The Qt style sheet of a theme, for all standard controls.

Hooks, set with `setProperty` before the widget is shown (or followed by `restyle(widget)`):

* QPushButton `kind`: primary, secondary (default), ghost, danger, link, lock-link, secret; `scale`: small, large (QWidget has a property `size` of its own).
* QLabel `role`: display, headline, title, body, secondary, caption, micro; `tone`: weak, ok, warn, bad, brand, secret, on-lock, on-lock-2, on-lock-bad;
  `pill`: brand, ok, warn, bad, secret, neutral (a small tag on a tinted ground).
* QWidget or QFrame `surface`: rail, list, content, canvas, raised, card, tile, field, panel (needs WA_StyledBackground on a plain
  QWidget; QFrame needs nothing); `line`: top, bottom, left, right draws a hairline on that side.
* QLineEdit and QTextEdit `state`: error; `plain`: true (no frame, no ground).
* QAbstractItemView `plain`: true (no frame).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from widgets.icons.paths import ICONS

if TYPE_CHECKING:
    from .theme import Theme


def restyle(widget: QWidget) -> None:
    """Let the style sheet see a property that was changed after the widget was shown."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def write_marks(theme: Theme, folder: str) -> dict[str, str]:
    """Write the few pictures that style sheets take only from files; returns name -> path."""
    palette = theme.palette
    wanted = {
        "check": ("check", palette.on_brand, 2.6),
        "minus": ("minus", palette.on_brand, 2.6),
        "down": ("chevron-down", palette.text_2, 1.8),
        "down-off": ("chevron-down", palette.text_disabled, 1.8),
        "up": ("chevron-up", palette.text_2, 1.8),
        "right": ("chevron-right", palette.text_2, 1.8),
        "dot": ("dot", palette.on_brand, 1.6),
    }
    made: dict[str, str] = {}
    for name, (icon, color, stroke) in wanted.items():
        path = Path(folder) / f"{name}.svg"
        path.write_text(ICONS[icon].svg(color, stroke), encoding="utf-8")
        made[name] = path.as_posix()
    return made


def _texts(theme: Theme) -> str:
    palette, rules = theme.palette, []
    for role in ("display", "headline", "title", "body", "secondary", "caption", "micro"):
        weight = theme.font(role).weight().value
        rules.append(f'QLabel[role="{role}"] {{ font-size: {theme.px(role)}px; font-weight: {weight}; }}')
    for role in ("secondary", "caption", "micro"):
        rules.append(f'QLabel[role="{role}"] {{ color: {palette.text_2}; }}')
    for tone, color in (
        ("strong", palette.text),
        ("weak", palette.text_2),
        ("on-lock", palette.on_lock),
        ("on-lock-2", palette.on_lock_2),
        ("on-lock-bad", palette.lock_error),
        ("ok", palette.ok_text),
        ("warn", palette.warn_text),
        ("bad", palette.bad_text),
        ("brand", palette.brand_text),
        ("secret", palette.secret_text),
    ):
        rules.append(f'QLabel[tone="{tone}"] {{ color: {color}; }}')
    for pill, ground, color in (
        ("brand", palette.brand_weak, palette.brand_text),
        ("ok", palette.ok_weak, palette.ok_text),
        ("warn", palette.warn_weak, palette.warn_text),
        ("bad", palette.bad_weak, palette.bad_text),
        ("secret", palette.secret_weak, palette.secret_text),
        ("neutral", palette.card, palette.text_2),
    ):
        rules.append(
            f'QLabel[pill="{pill}"] {{ background: {ground}; color: {color}; font-size: {theme.px("micro")}px;'
            f" border-radius: {theme.radius.small}px; padding: 1px {theme.space.s - 2}px; }}"
        )
    return "\n".join(rules)


def _surfaces(theme: Theme) -> str:
    palette, rules = theme.palette, []
    for name in ("rail", "list", "content", "canvas", "raised", "field"):
        rules.append(f'*[surface="{name}"] {{ background: {getattr(palette, name)}; }}')
    rules.append(f'*[surface="panel"] {{ background: {palette.content}; }}')
    rules.append(
        f'*[surface="lock"] {{ background: {palette.lock_card}; border: 1px solid {palette.lock_line};'
        f" border-radius: {theme.radius.card}px; }}"
    )
    border = palette.line if theme.name == "contrast" else palette.card
    rules.append(
        f'*[surface="tile"] {{ background: {palette.raised}; border: 1px solid {palette.line};'
        f" border-radius: {theme.radius.card}px; }}"
        f'*[surface="card"] {{ background: {palette.card}; border: 1px solid {border};'
        f" border-radius: {theme.radius.card}px; }}"
    )
    for side in ("top", "bottom", "left", "right"):
        rules.append(f'*[line="{side}"] {{ border-{side}: 1px solid {palette.line}; }}')
    rules.append(
        f'QFrame[rule="h"] {{ background: {palette.line}; border: none; max-height: 1px; min-height: 1px; }}'
    )
    rules.append(
        f'QFrame[rule="v"] {{ background: {palette.line}; border: none; max-width: 1px; min-width: 1px; }}'
    )
    return "\n".join(rules)


def _buttons(theme: Theme) -> str:
    p, r, s = theme.palette, theme.radius, theme.space
    height = theme.grow(theme.sizes.control) - 2
    small = theme.grow(theme.sizes.control_small) - 2
    large = theme.grow(theme.sizes.control_large) - 2

    def filled(kind: str, ground: str, hover: str, press: str, text: str) -> str:
        pick = f'QPushButton[kind="{kind}"]'
        return f"""
{pick} {{ background: {ground}; color: {text}; border: 1px solid {ground}; }}
{pick}:hover {{ background: {hover}; border-color: {hover}; }}
{pick}:pressed {{ background: {press}; border-color: {press}; }}
{pick}:disabled {{ background: {p.field}; border-color: {p.field}; color: {p.text_disabled}; }}
{pick}[ring="on"]:focus {{ border: 2px solid {p.focus if p.focus != ground else p.text}; padding: 0 {s.l - 3}px; }}"""

    return f"""
QPushButton {{ min-height: {height}px; padding: 0 {s.l - 2}px; border-radius: {r.control}px; color: {p.text};
  background: {p.raised}; border: 1px solid {p.line_strong}; outline: none; }}
QPushButton:hover {{ background: {p.hover}; }}
QPushButton:pressed, QPushButton:checked {{ background: {p.pressed}; }}
QPushButton[ring="on"]:focus {{ border: 2px solid {p.focus}; min-height: {height - 2}px; padding: 0 {s.l - 3}px; }}
QPushButton:disabled {{ color: {p.text_disabled}; border-color: {p.line}; background: {p.card}; }}
{filled("primary", p.brand, p.brand_hover, p.brand_pressed, p.on_brand)}
{filled("danger", p.bad, p.bad_hover, p.bad_hover, p.on_bad)}
{filled("secret", p.secret, p.secret_hover, p.secret_hover, p.on_secret)}
QPushButton[kind="ghost"] {{ background: transparent; border: 1px solid transparent; color: {p.text}; }}
QPushButton[kind="ghost"]:hover {{ background: {p.hover}; }}
QPushButton[kind="ghost"]:pressed, QPushButton[kind="ghost"]:checked {{ background: {p.selected}; }}
QPushButton[kind="ghost"][ring="on"]:focus {{ border: 2px solid {p.focus}; }}
QPushButton[kind="ghost"]:disabled {{ color: {p.text_disabled}; }}
QPushButton[kind="link"] {{ background: transparent; border: none; color: {p.brand_text}; padding: 0 {s.half}px;
  min-height: {small - 4}px; text-align: left; }}
QPushButton[kind="lock-link"] {{ background: transparent; border: none; color: {p.on_lock}; padding: 0;
  min-height: {small}px; text-align: left; }}
QPushButton[kind="lock-link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="lock-link"][ring="on"]:focus {{ text-decoration: underline; border: none; padding: 0;
  min-height: {small}px; }}
QPushButton[kind="lock-link"]:disabled {{ color: {p.on_lock_2}; }}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton[kind="link"][ring="on"]:focus {{ text-decoration: underline; border: none; padding: 0 {s.half}px;
  min-height: {small - 4}px; }}
QPushButton[kind="link"]:disabled {{ color: {p.text_disabled}; }}
QPushButton[scale="small"] {{ min-height: {small}px; padding: 0 {s.s + 2}px; font-size: {theme.px("caption")}px;
  border-radius: {r.control - 2}px; }}
QPushButton[scale="small"][ring="on"]:focus {{ min-height: {small - 2}px; padding: 0 {s.s + 1}px; }}
QPushButton[scale="large"] {{ min-height: {large}px; font-size: {theme.px("body")}px; }}
QPushButton[scale="large"][ring="on"]:focus {{ min-height: {large - 2}px; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QToolButton {{ background: transparent; border: none; border-radius: {r.control}px; padding: {s.xs}px; color: {p.text}; }}
QToolButton:hover {{ background: {p.hover}; }}
QToolButton:pressed, QToolButton:checked {{ background: {p.selected}; }}
QToolButton:disabled {{ color: {p.text_disabled}; }}
"""


def _fields(theme: Theme, marks: dict[str, str]) -> str:
    p, r, s = theme.palette, theme.radius, theme.space
    height = theme.grow(theme.sizes.control) - 2

    def mark(name: str) -> str:
        return f'image: url("{marks[name]}");' if name in marks else ""

    edits = "QLineEdit, QTextEdit, QPlainTextEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit, QDateTimeEdit, QComboBox"
    focus = ", ".join(f"{one.strip()}:focus" for one in edits.split(","))
    off = ", ".join(f"{one.strip()}:disabled" for one in edits.split(","))
    single = "QLineEdit, QSpinBox, QDoubleSpinBox, QDateEdit, QTimeEdit, QDateTimeEdit, QComboBox"
    stepper = "QAbstractSpinBox"
    return f"""
{edits} {{ background: {p.content}; color: {p.text}; border: 1px solid {p.line_strong}; border-radius: {r.control}px;
  padding: 0 {s.s + 1}px; selection-background-color: {p.selection}; selection-color: {p.on_selection}; }}
{single} {{ min-height: {height}px; }}
QTextEdit, QPlainTextEdit {{ padding: {s.xs}px {s.s}px; }}
{focus} {{ border: 1px solid {p.focus}; }}
{off} {{ background: {p.card}; color: {p.text_disabled}; border-color: {p.line}; }}
*[state="error"] {{ border: 1px solid {p.bad}; }}
QLineEdit[ground="lock"] {{ background: {p.lock_field}; color: {p.on_lock}; border: 1px solid {p.lock_line};
  padding: 0 {s.m}px; min-height: {theme.grow(theme.sizes.control) + s.s}px; }}
QLineEdit[ground="lock"]:focus {{ border: 1px solid {p.on_lock}; }}
QLineEdit[ground="lock"]:disabled {{ color: {p.on_lock_2}; background: {p.lock_card}; }}
QLineEdit[plain="true"], QTextEdit[plain="true"], QPlainTextEdit[plain="true"] {{ background: transparent; border: none;
  padding: 0; }}
QComboBox::drop-down {{ border: none; width: {s.xxl}px; subcontrol-position: center right; }}
QComboBox::down-arrow {{ {mark("down")} width: {s.l}px; height: {s.l}px; }}
QComboBox::down-arrow:disabled {{ {mark("down-off")} }}
QComboBox QAbstractItemView {{ background: {p.raised}; border: 1px solid {p.line_strong}; outline: none; padding: {s.xs}px;
  selection-background-color: {p.selected}; selection-color: {p.text}; }}
QComboBox QAbstractItemView::item {{ min-height: {height - 4}px; padding: 0 {s.xs}px; }}
{stepper}::up-button, {stepper}::down-button {{ subcontrol-origin: border; width: {s.xl}px; border: none;
  background: transparent; }}
{stepper}::up-arrow {{ {mark("up")} width: {s.m}px; height: {s.m}px; }}
{stepper}::down-arrow {{ {mark("down")} width: {s.m}px; height: {s.m}px; }}
QDateEdit::drop-down, QDateTimeEdit::drop-down {{ border: none; width: {s.xxl}px; }}
QDateEdit::down-arrow, QDateTimeEdit::down-arrow {{ {mark("down")} width: {s.l}px; height: {s.l}px; }}
QCheckBox, QRadioButton {{ spacing: {s.s}px; background: transparent; color: {p.text}; min-height: {s.xl}px; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {p.text_disabled}; }}
QCheckBox::indicator, QRadioButton::indicator, QTreeView::indicator, QTableView::indicator, QListView::indicator {{
  width: {theme.sizes.check}px; height: {theme.sizes.check}px; border: 1px solid {p.text_3}; background: {p.content};
  border-radius: {r.small}px; }}
QRadioButton::indicator {{ border-radius: {theme.sizes.check // 2 + 1}px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {p.focus}; }}
QCheckBox[ring="on"]::indicator:focus, QRadioButton[ring="on"]::indicator:focus {{ border: 2px solid {p.focus}; }}
QCheckBox[ring="on"]:focus::indicator, QRadioButton[ring="on"]:focus::indicator {{ border-color: {p.focus}; }}
QCheckBox::indicator:checked, QTreeView::indicator:checked, QTableView::indicator:checked, QListView::indicator:checked {{
  background: {p.brand}; border-color: {p.brand}; {mark("check")} }}
QCheckBox::indicator:indeterminate, QTreeView::indicator:indeterminate {{ background: {p.brand}; border-color: {p.brand};
  {mark("minus")} }}
QRadioButton::indicator:checked {{ background: {p.brand}; border-color: {p.brand}; {mark("dot")} }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ background: {p.field}; border-color: {p.line_strong}; }}
QSlider::groove:horizontal {{ height: 4px; background: {p.field}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {p.brand}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {p.raised};
  border: 1px solid {p.brand}; }}
"""


def _containers(theme: Theme, marks: dict[str, str]) -> str:
    p, r, s = theme.palette, theme.radius, theme.space
    row = theme.grow(theme.sizes.tree_row)
    right, down = marks.get("right", ""), marks.get("down", "")
    return f"""
QToolTip {{ background: {p.tooltip}; color: {p.text_on_tooltip}; border: 1px solid {p.line_strong if theme.name == "contrast" else p.tooltip};
  padding: {s.xs}px {s.s}px; font-size: {theme.px("caption")}px; }}
QMenu {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.line_strong}; padding: {s.xs}px; }}
QMenu::item {{ padding: {s.s - 2}px {s.xxl}px {s.s - 2}px {s.m}px; border-radius: {r.control - 2}px; background: transparent; }}
QMenu::item:selected {{ background: {p.hover if p.hover != p.raised else p.selected}; }}
QMenu::item:disabled {{ color: {p.text_disabled}; }}
QMenu::icon {{ padding-left: {s.s}px; }}
QMenu::separator {{ height: 1px; background: {p.line}; margin: {s.xs}px {s.s}px; }}
QMenuBar {{ background: {p.content}; color: {p.text}; }}
QMenuBar::item {{ padding: {s.xs}px {s.s + 2}px; background: transparent; border-radius: {r.small}px; }}
QMenuBar::item:selected {{ background: {p.hover}; }}
QScrollBar:vertical {{ background: transparent; width: {theme.sizes.scroll}px; margin: 0; border: none; }}
QScrollBar:horizontal {{ background: transparent; height: {theme.sizes.scroll}px; margin: 0; border: none; }}
QScrollBar::handle {{ background: {p.scroll}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: {theme.sizes.scroll_handle_min}px; }}
QScrollBar::handle:horizontal {{ min-width: {theme.sizes.scroll_handle_min}px; }}
QScrollBar::handle:hover, QScrollBar::handle:pressed {{ background: {p.scroll_hover}; }}
QScrollBar::handle:disabled {{ background: transparent; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: none; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {p.line}; }}
QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; color: {p.text_2}; padding: {s.s}px {s.m}px; border: none;
  border-bottom: 2px solid transparent; margin-right: {s.xs}px; }}
QTabBar::tab:selected {{ color: {p.brand_text}; border-bottom: 2px solid {p.brand}; }}
QTabBar::tab:hover {{ color: {p.text}; }}
QTabBar::tab:focus {{ color: {p.brand_text}; }}
QAbstractItemView {{ background: {p.content}; color: {p.text}; border: 1px solid {p.line}; outline: none;
  alternate-background-color: {p.list}; selection-background-color: {p.selected}; selection-color: {p.text}; }}
QAbstractItemView[plain="true"] {{ border: none; background: transparent; }}
QTreeView::item, QListView::item {{ min-height: {row - 4}px; padding: 0 {s.xs}px; border: none; }}
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover {{ background: {p.hover}; color: {p.text}; }}
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {{ background: {p.selected}; color: {p.text}; }}
QTreeView::branch {{ background: transparent; border-image: none; image: none; }}
QTreeView::branch:selected {{ background: {p.selected}; }}
QTreeView::branch:has-children:closed {{ image: url("{right}"); }}
QTreeView::branch:has-children:open {{ image: url("{down}"); }}
QTableView {{ gridline-color: {p.line}; border-radius: {r.small}px; }}
QTableView::item {{ padding: 0 {s.s}px; border: none; border-bottom: 1px solid {p.line}; }}
QHeaderView {{ background: {p.list}; border: none; }}
QHeaderView::section {{ background: {p.list}; color: {p.text_2}; padding: {s.s - 2}px {s.s}px; border: none;
  border-bottom: 1px solid {p.line}; font-size: {theme.px("caption")}px; }}
QTableCornerButton::section {{ background: {p.list}; border: none; }}
QProgressBar {{ background: {p.field}; border: none; border-radius: 2px; max-height: {theme.sizes.progress}px;
  min-height: {theme.sizes.progress}px; color: transparent; }}
QProgressBar::chunk {{ background: {p.brand}; border-radius: 2px; }}
QGroupBox {{ border: 1px solid {p.line}; border-radius: {r.card}px; margin-top: {theme.line("body") // 2 + s.xs}px;
  padding: {s.l}px {s.m}px {s.m}px {s.m}px; font-weight: 400; }}
QGroupBox::title {{ subcontrol-origin: margin; subcontrol-position: top left; left: {s.m}px; padding: 0 {s.xs}px;
  color: {p.text_2}; }}
QDialog, QMessageBox, QMainWindow {{ background: {p.content}; color: {p.text}; }}
QSplitter::handle {{ background: {p.line}; }}
QStatusBar {{ background: {p.list}; color: {p.text_2}; }}
"""


def stylesheet(theme: Theme, marks: dict[str, str]) -> str:
    """The whole style sheet; `marks` are the files of `write_marks` (their absence leaves plain indicators)."""
    return "\n".join(
        (
            _fields(theme, marks),
            _buttons(theme),
            _containers(theme, marks),
            _surfaces(theme),
            _texts(theme),
        )
    )
