"""Every colour, size and duration literal of the interface: the only module that holds any."""

# ruff: noqa: S106 - "secret" names the colours of sealed one-to-one talks

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

ThemeName = Literal["light", "dark", "contrast"]
FontScale = Literal["small", "standard", "large", "extra"]
TextRole = Literal["display", "headline", "title", "body", "secondary", "caption", "micro"]

THEME_NAMES: tuple[ThemeName, ...] = ("light", "dark", "contrast")
FONT_SCALES: dict[FontScale, float] = {"small": 0.9, "standard": 1.0, "large": 1.15, "extra": 1.3}
"""The four sizes a user can choose (小、标准、大、特大) and their factors."""
FONT_SCALE_NAMES: dict[FontScale, str] = {"small": "小", "standard": "标准", "large": "大", "extra": "特大"}

FONT_FAMILIES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "PingFang SC",
    "HarmonyOS Sans SC",
    "WenQuanYi Micro Hei",
)
"""CJK sans families in order of preference; the desktop's own font comes first where it can write Chinese."""
EMOJI_FAMILIES = ("Noto Color Emoji", "Segoe UI Emoji", "Apple Color Emoji")
"""Asked after them and before any other fallback, so that emoji are of one kind and in colour."""


@dataclass(frozen=True)
class Palette:
    """The colours of one theme as `#rrggbb` or `#aarrggbb`. Grounds first, then what is drawn on them."""

    rail: str
    list: str
    content: str
    canvas: str
    raised: str
    card: str
    field: str
    hover: str
    selected: str
    pressed: str
    rail_selected: str
    bubble_other: str
    bubble_own: str
    bubble_secret: str
    quote: str
    tooltip: str
    float_bar: str

    text: str
    text_2: str
    text_3: str
    """Decoration only (too pale to be read as text)."""
    text_disabled: str
    text_on_tooltip: str
    text_on_float: str
    link: str

    line: str
    line_strong: str
    focus: str

    brand: str
    brand_hover: str
    brand_pressed: str
    brand_weak: str
    brand_text: str
    on_brand: str

    ok: str
    ok_weak: str
    ok_text: str
    warn: str
    warn_weak: str
    warn_line: str
    warn_text: str
    bad: str
    bad_hover: str
    bad_weak: str
    bad_text: str
    on_bad: str
    secret: str
    secret_hover: str
    secret_weak: str
    secret_text: str
    on_secret: str
    muted_badge: str
    on_muted_badge: str

    selection: str
    on_selection: str
    selection_text: str
    scroll: str
    scroll_hover: str
    shadow: str
    scrim: str
    watermark: str
    watermark_secret: str
    skeleton: str
    skeleton_shine: str
    pixel_a: str
    pixel_b: str
    pixel_c: str

    avatars: tuple[str, ...]
    on_avatar: str
    file_kinds: tuple[str, ...]
    """Grounds of file icons: document, sheet, slides, pdf, picture, archive, sound and film, other."""

    # The lock page is the same by day and by night: it is what others see of an unattended desk.
    lock_from: str = "#0f2043"
    lock_via: str = "#163768"
    lock_to: str = "#235a9e"
    on_lock: str = "#ffffff"
    on_lock_2: str = "#c3cfe3"
    lock_card: str = "#24ffffff"
    lock_field: str = "#26ffffff"
    lock_line: str = "#4dffffff"
    lock_error: str = "#ffc9c4"


LIGHT = Palette(
    rail="#e9eef6",
    list="#f7f9fc",
    content="#ffffff",
    canvas="#eceff5",
    raised="#ffffff",
    card="#f5f7fb",
    field="#e9eef6",
    hover="#eef2f9",
    selected="#e3ecfd",
    pressed="#d9e2f2",
    rail_selected="#ffffff",
    bubble_other="#f2f4f8",
    bubble_own="#dce8ff",
    bubble_secret="#e6e0fb",
    quote="#586376",
    tooltip="#2b3342",
    float_bar="#3d4350",
    text="#1b2433",
    text_2="#5a6678",
    text_3="#97a1b2",
    text_disabled="#a9b2c1",
    text_on_tooltip="#ffffff",
    text_on_float="#ffffff",
    link="#1a50c2",
    line="#e6eaf1",
    line_strong="#cdd5e2",
    focus="#1f5ad6",
    brand="#1f5ad6",
    brand_hover="#2f69e2",
    brand_pressed="#1a4cb6",
    brand_weak="#e8f0fe",
    brand_text="#1a50c2",
    on_brand="#ffffff",
    ok="#1e9e6a",
    ok_weak="#dff5ea",
    ok_text="#0f6e48",
    warn="#c77700",
    warn_weak="#fff7e3",
    warn_line="#f0d9a2",
    warn_text="#8a5200",
    bad="#d9363e",
    bad_hover="#c92a33",
    bad_weak="#fdebec",
    bad_text="#c0262f",
    on_bad="#ffffff",
    secret="#6a4bd6",
    secret_hover="#5a3cc4",
    secret_weak="#efebfc",
    secret_text="#5a3cc4",
    on_secret="#ffffff",
    muted_badge="#dfe5ee",
    on_muted_badge="#4c5769",
    selection="#b9d2ff",
    on_selection="#1b2433",
    selection_text="#1b2433",
    scroll="#c3ccd9",
    scroll_hover="#9eaabc",
    shadow="#261b2433",
    scrim="#661b2433",
    watermark="#12000000",
    watermark_secret="#16000000",
    skeleton="#e9edf4",
    skeleton_shine="#f6f8fb",
    pixel_a="#b9c2d0",
    pixel_b="#96a1b3",
    pixel_c="#d3dae5",
    avatars=(
        "#3566cc",
        "#b25a1f",
        "#963b66",
        "#177a53",
        "#4d5a70",
        "#6a4bd6",
        "#25768f",
        "#a04f38",
        "#2a776c",
        "#6b7386",
    ),
    on_avatar="#ffffff",
    file_kinds=("#2f63cf", "#177a53", "#bb4f16", "#c0353c", "#7d48b8", "#806213", "#25768f", "#5d6a80"),
)

DARK = Palette(
    rail="#14171f",
    list="#181c25",
    content="#1c212b",
    canvas="#151922",
    raised="#262c38",
    card="#232936",
    field="#242a36",
    hover="#222835",
    selected="#263757",
    pressed="#2d3544",
    rail_selected="#263757",
    bubble_other="#262c38",
    bubble_own="#28406e",
    bubble_secret="#3a2f6b",
    quote="#a7b0c0",
    tooltip="#3a4252",
    float_bar="#3a4252",
    text="#e8ecf4",
    text_2="#a7b0c0",
    text_3="#727d90",
    text_disabled="#5c6677",
    text_on_tooltip="#ffffff",
    text_on_float="#ffffff",
    link="#8fb6ff",
    line="#2a303d",
    line_strong="#3d4656",
    focus="#6f9fff",
    brand="#2f66dc",
    brand_hover="#396ee0",
    brand_pressed="#2758c2",
    brand_weak="#22345a",
    brand_text="#8fb6ff",
    on_brand="#ffffff",
    ok="#35b982",
    ok_weak="#173a2d",
    ok_text="#63d6a4",
    warn="#e5a03a",
    warn_weak="#3a2e17",
    warn_line="#5b4722",
    warn_text="#f0bd6c",
    bad="#d43d46",
    bad_hover="#c2333c",
    bad_weak="#45232a",
    bad_text="#ff9a9f",
    on_bad="#ffffff",
    secret="#6a4bd6",
    secret_hover="#7a5ce2",
    secret_weak="#322a55",
    secret_text="#b8a6ff",
    on_secret="#ffffff",
    muted_badge="#39414f",
    on_muted_badge="#c3cad6",
    selection="#3f6dc4",
    on_selection="#ffffff",
    selection_text="#ffffff",
    scroll="#414a5a",
    scroll_hover="#5a6577",
    shadow="#80000000",
    scrim="#99000000",
    watermark="#14ffffff",
    watermark_secret="#1affffff",
    skeleton="#272e3b",
    skeleton_shine="#323a49",
    pixel_a="#8d96a6",
    pixel_b="#6c7687",
    pixel_c="#a9b1bf",
    avatars=(
        "#3566cc",
        "#a8551e",
        "#963b66",
        "#17744f",
        "#56637a",
        "#6a4bd6",
        "#25718a",
        "#9a4c37",
        "#28736a",
        "#687083",
    ),
    on_avatar="#ffffff",
    file_kinds=("#2f63cf", "#17744f", "#b34c15", "#b9353c", "#7d48b8", "#7d6013", "#25718a", "#5d6a80"),
)

CONTRAST = Palette(
    rail="#000000",
    list="#000000",
    content="#000000",
    canvas="#000000",
    raised="#000000",
    card="#101010",
    field="#000000",
    hover="#262626",
    selected="#003a70",
    pressed="#404040",
    rail_selected="#003a70",
    bubble_other="#1c1c1c",
    bubble_own="#00284f",
    bubble_secret="#2e1f66",
    quote="#ffffff",
    tooltip="#000000",
    float_bar="#000000",
    text="#ffffff",
    text_2="#f2f2f2",
    text_3="#c8c8c8",
    text_disabled="#8f8f8f",
    text_on_tooltip="#ffffff",
    text_on_float="#ffffff",
    link="#7fd0ff",
    line="#8a8a8a",
    line_strong="#ffffff",
    focus="#ffd400",
    brand="#ffd400",
    brand_hover="#ffe35c",
    brand_pressed="#e0ba00",
    brand_weak="#332b00",
    brand_text="#ffd400",
    on_brand="#000000",
    ok="#3dff9e",
    ok_weak="#00351c",
    ok_text="#7dffc0",
    warn="#ffb636",
    warn_weak="#352500",
    warn_line="#ffb636",
    warn_text="#ffcf7d",
    bad="#ff5d66",
    bad_hover="#ff858c",
    bad_weak="#400509",
    bad_text="#ff9ea3",
    on_bad="#000000",
    secret="#c9b8ff",
    secret_hover="#ded3ff",
    secret_weak="#251a4d",
    secret_text="#d6c9ff",
    on_secret="#000000",
    muted_badge="#ffffff",
    on_muted_badge="#000000",
    selection="#ffd400",
    on_selection="#000000",
    selection_text="#000000",
    scroll="#d0d0d0",
    scroll_hover="#ffd400",
    shadow="#00000000",
    scrim="#cc000000",
    watermark="#24ffffff",
    watermark_secret="#24ffffff",
    skeleton="#303030",
    skeleton_shine="#484848",
    pixel_a="#9a9a9a",
    pixel_b="#6a6a6a",
    pixel_c="#c4c4c4",
    avatars=(
        "#1d4fb8",
        "#8a4210",
        "#8a2f5b",
        "#0f6240",
        "#414d61",
        "#5a3cc4",
        "#1a6078",
        "#863d2a",
        "#1f625a",
        "#545c6e",
    ),
    on_avatar="#ffffff",
    file_kinds=("#1d4fb8", "#0f6240", "#8a3a0c", "#9e2229", "#6a37a3", "#66500f", "#1a6078", "#414d61"),
)

PALETTES: dict[ThemeName, Palette] = {"light": LIGHT, "dark": DARK, "contrast": CONTRAST}


@dataclass(frozen=True)
class Space:
    """Distances on the 4 px grid, in pixels independent of the screen's scale."""

    none: int = 0
    hair: int = 1
    half: int = 2
    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741
    xl: int = 20
    xxl: int = 24
    section: int = 32
    page: int = 48


@dataclass(frozen=True)
class Radius:
    """Corner radii in pixels."""

    small: int = 4
    chip: int = 14
    control: int = 8
    card: int = 10
    bubble: int = 12
    badge: int = 9


@dataclass(frozen=True)
class TypeStyle:
    """Size and line height in pixels at the standard font size, and a CSS weight."""

    size: int
    line: int
    weight: int = 400


@dataclass(frozen=True)
class TypeScale:
    """The steps of the type scale."""

    display: TypeStyle = TypeStyle(24, 32, 600)
    headline: TypeStyle = TypeStyle(18, 26, 600)
    title: TypeStyle = TypeStyle(16, 24, 600)
    body: TypeStyle = TypeStyle(14, 20)
    secondary: TypeStyle = TypeStyle(13, 18)
    caption: TypeStyle = TypeStyle(12, 17)
    micro: TypeStyle = TypeStyle(11, 15)

    def of(self, role: TextRole) -> TypeStyle:
        """The style of a role."""
        return getattr(self, role)


@dataclass(frozen=True)
class Sizes:
    """Widths and heights of parts in pixels; those that hold text grow with the font (`Theme.grow`)."""

    rail: int = 64
    rail_item: int = 48
    list: int = 288
    list_min: int = 220
    panel: int = 256
    header: int = 60
    row: int = 60
    row_compact: int = 44
    control: int = 32
    control_small: int = 26
    control_large: int = 40
    icon: int = 20
    icon_small: int = 16
    icon_large: int = 24
    icon_hero: int = 44
    avatar: int = 40
    avatar_small: int = 36
    avatar_tiny: int = 24
    avatar_large: int = 72
    badge: int = 18
    dot: int = 8
    presence: int = 11
    switch_width: int = 38
    switch_height: int = 22
    switch_knob: int = 16
    check: int = 16
    progress: int = 4
    ring: int = 28
    ring_stroke: int = 3
    scroll: int = 10
    scroll_handle_min: int = 36
    splitter: int = 1
    focus_ring: int = 2
    dialog: int = 420
    dialog_wide: int = 640
    toast: int = 380
    detail: int = 160
    bubble_text_max: int = 560
    bubble_gutter: int = 96
    picture_max: int = 260
    picture_min: int = 96
    file_card: int = 300
    file_icon: int = 36
    voice_min: int = 56
    voice_max: int = 220
    voice_bar: int = 2
    play: int = 44
    tile: int = 80
    link_picture: int = 52
    answer_picture: int = 112
    composer_min: int = 44
    composer_max: int = 220
    emoji: int = 20
    emoji_cell: int = 36
    emoji_columns: int = 9
    picker: int = 680
    picker_height: int = 520
    picker_side: int = 240
    tree_row: int = 36
    tree_indent: int = 18
    watermark_x: int = 220
    watermark_y: int = 150
    watermark_font: int = 15
    watermark_angle: int = -20
    spread_step: int = 56
    spread_gap: int = 92
    spread_font: int = 22
    watermark_slant: int = -26
    pixelate: int = 5
    guard_picture: int = 132
    handle: int = 8
    skeleton_line: int = 12


@dataclass(frozen=True)
class Motion:
    """Durations in milliseconds; 0 everywhere when animations are off."""

    quick: int = 90
    normal: int = 160
    slow: int = 260
    shimmer: int = 1400
    spin: int = 900
    frame: int = 16
    toast: int = 3200
    toast_long: int = 6500
    tooltip: int = 450
    flash: int = 1600


@dataclass(frozen=True)
class Elevation:
    """Soft shadows: how far they reach in pixels."""

    low: int = 4
    menu: int = 12
    dialog: int = 24


SPACE = Space()
RADIUS = Radius()
TYPE = TypeScale()
SIZES = Sizes()
MOTION = Motion()
NO_MOTION = Motion(quick=0, normal=0, slow=0, shimmer=0, spin=0)
ELEVATION = Elevation()

READ_ON: dict[str, tuple[str, ...]] = {
    "text": (
        "rail", "list", "content", "canvas", "raised", "card", "field", "hover", "selected", "pressed",
        "bubble_other", "bubble_own", "bubble_secret", "rail_selected", "brand_weak", "warn_weak", "bad_weak", "ok_weak",
    ),
    "text_2": (
        "rail", "list", "content", "canvas", "raised", "card", "field", "hover", "selected",
        "bubble_other", "bubble_own", "bubble_secret", "rail_selected",
    ),
    "quote": ("bubble_other", "bubble_own", "bubble_secret"),
    "link": ("list", "content", "raised", "card", "selected", "hover", "bubble_other", "bubble_own", "bubble_secret"),
    "brand_text": ("list", "content", "raised", "card", "brand_weak", "rail_selected", "selected", "rail", "bubble_other", "bubble_own", "hover"),
    "ok_text": ("ok_weak", "content", "list", "card", "raised"),
    "warn_text": ("warn_weak", "content", "list", "card", "raised"),
    "bad_text": ("bad_weak", "content", "list", "card", "raised", "selected", "hover"),
    "secret_text": ("secret_weak", "content", "list", "raised", "card", "bubble_secret", "bubble_other"),
    "on_brand": ("brand", "brand_hover", "brand_pressed"),
    "on_bad": ("bad", "bad_hover"),
    "on_secret": ("secret", "secret_hover"),
    "on_muted_badge": ("muted_badge",),
    "on_selection": ("selection",),
    "text_on_tooltip": ("tooltip",),
    "text_on_float": ("float_bar",),
}  # fmt: skip
"""Which text colours are put on which grounds; every pair holds 4.5 : 1 in every theme (tested)."""


def palette_roles() -> tuple[str, ...]:
    """Names of all single colours of a palette."""
    return tuple(field.name for field in fields(Palette) if field.type == "str")
