"""The icons' shapes: strokes on a 20 px grid, 1.6 px wide with round caps; a few parts are filled."""

from __future__ import annotations

from dataclasses import dataclass

GRID = 20
"""Side of the square that every shape is drawn on."""
STROKE = 1.6
"""Width of strokes on that grid."""


@dataclass(frozen=True)
class IconShape:
    """`strokes` and `fills` are SVG path data on the 20 px grid."""

    strokes: str = ""
    fills: str = ""

    def svg(self, color: str, stroke: float = STROKE) -> str:
        """A whole SVG document in one colour."""
        parts = []
        if self.strokes:
            parts.append(
                f'<path d="{self.strokes}" fill="none" stroke="{color}" stroke-width="{stroke}"'
                ' stroke-linecap="round" stroke-linejoin="round"/>'
            )
        if self.fills:
            parts.append(f'<path d="{self.fills}" fill="{color}"/>')
        body = "".join(parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{GRID}" height="{GRID}" viewBox="0 0 {GRID} {GRID}">'
            f"{body}</svg>"
        )


def _circle(x: float, y: float, r: float) -> str:
    return f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0Z"


def _box(x: float, y: float, w: float, h: float, r: float = 1.5) -> str:
    return (
        f"M{x + r} {y}h{w - 2 * r}a{r} {r} 0 0 1 {r} {r}v{h - 2 * r}a{r} {r} 0 0 1 {-r} {r}"
        f"h{-(w - 2 * r)}a{r} {r} 0 0 1 {-r} {-r}v{-(h - 2 * r)}a{r} {r} 0 0 1 {r} {-r}Z"
    )


_BOLT = "M11.4 2.2 4.4 11.4h5l-.9 6.4 7.1-9.4h-5.1z"
_BELL = "M10 2.8a4.9 4.9 0 0 0-4.9 4.9v3.4l-1.5 2.8h12.8l-1.5-2.8V7.7A4.9 4.9 0 0 0 10 2.8ZM8.1 16.4a2 2 0 0 0 3.8 0"
_EYE = "M1.8 10S4.8 4.6 10 4.6 18.2 10 18.2 10 15.2 15.4 10 15.4 1.8 10 1.8 10Z"
_FOLDER = "M2.6 6.1a1.6 1.6 0 0 1 1.6-1.6h3.5l1.9 2.2h6.2a1.6 1.6 0 0 1 1.6 1.6v6a1.6 1.6 0 0 1-1.6 1.6H4.2a1.6 1.6 0 0 1-1.6-1.6z"
_FILE = "M11.4 2.6H6a1.6 1.6 0 0 0-1.6 1.6v11.6A1.6 1.6 0 0 0 6 17.4h8a1.6 1.6 0 0 0 1.6-1.6V6.8zM11.4 2.6v4.2h4.2"
_CAMERA = _box(2.4, 5.2, 10.4, 9.6, 2) + "M12.8 8.9l4.8-2.7v7.6l-4.8-2.7"
_USER = _circle(10, 6.6, 3.3) + "M3.6 17.2c.5-3.4 3-5.2 6.4-5.2s5.9 1.8 6.4 5.2"
_SPEECH = "M5 3.4h10a2.2 2.2 0 0 1 2.2 2.2v6a2.2 2.2 0 0 1-2.2 2.2H9.6L6 16.9v-3.1H5a2.2 2.2 0 0 1-2.2-2.2v-6A2.2 2.2 0 0 1 5 3.4Z"
_ZOOM = _circle(8.8, 8.8, 5.6) + "M13 13l4.4 4.4"
_BUBBLE_RING = _circle(10, 10, 7.4)
_GEAR_RAYS = (
    "M10 2.4v2.2M10 15.4v2.2M2.4 10h2.2M15.4 10h2.2M4.630 4.630l1.550 1.550M13.820 13.820l1.550 1.550"
    "M4.630 15.370l1.550-1.550M13.820 6.180l1.550-1.550"
)

ICONS: dict[str, IconShape] = {
    # Places of the rail.
    "message": IconShape(_SPEECH),
    "contacts": IconShape(
        _circle(7.6, 6.8, 2.9)
        + "M2 16.6c.4-3.1 2.6-4.7 5.6-4.7s5.2 1.6 5.6 4.7M13 4.1a2.9 2.9 0 0 1 0 5.4M15.2 12.4c1.6.6 2.6 2.1 2.9 4.2"
    ),
    "ding": IconShape(_BOLT),
    "calendar": IconShape(_box(2.8, 3.9, 14.4, 13.2, 2) + "M2.8 8.2h14.4M6.6 2.3v3.2M13.4 2.3v3.2"),
    "todo": IconShape("M3.4 10.6 8 15.2 16.8 5.2"),
    "meeting": IconShape(_CAMERA),
    "drive": IconShape(_FOLDER),
    "workbench": IconShape(_box(2.8, 2.8, 5.8, 5.8) + _box(11.4, 2.8, 5.8, 5.8) + _box(2.8, 11.4, 5.8, 5.8) + _box(11.4, 11.4, 5.8, 5.8)),
    "assistant": IconShape("M10 2.2c.7 4.7 3.1 7.1 7.8 7.8-4.7.7-7.1 3.1-7.8 7.8-.7-4.7-3.1-7.1-7.8-7.8 4.7-.7 7.1-3.1 7.8-7.8Z"),
    "lock": IconShape(_box(4, 8.8, 12, 8.4, 2) + "M6.6 8.8V6.1a3.4 3.4 0 0 1 6.8 0v2.7"),
    "unlock": IconShape(_box(4, 8.8, 12, 8.4, 2) + "M6.6 8.8V6.1a3.4 3.4 0 0 1 6.5-1.4"),
    "settings": IconShape(_circle(10, 10, 3.1) + _GEAR_RAYS),
    # Acting.
    "search": IconShape(_ZOOM),
    "phone": IconShape(
        "M6.5 2.9 8.3 6.7 6.5 8.5a11 11 0 0 0 5 5l1.8-1.8 3.8 1.8v2.6a1.3 1.3 0 0 1-1.4 1.3C8.9 17 3 11.1 2.6 4.3a1.3 1.3 0 0 1 1.3-1.4z"
    ),
    "video": IconShape(_CAMERA),
    "shield": IconShape("M10 2.3 16.6 4.5v5c0 4-2.6 6.7-6.6 8.2-4-1.5-6.6-4.2-6.6-8.2v-5z"),
    "shield-check": IconShape("M10 2.3 16.6 4.5v5c0 4-2.6 6.7-6.6 8.2-4-1.5-6.6-4.2-6.6-8.2v-5zM7 9.9l2.2 2.2 3.9-4.3"),
    "more": IconShape("", _circle(4, 10, 1.3) + _circle(10, 10, 1.3) + _circle(16, 10, 1.3)),
    "emoji": IconShape(_BUBBLE_RING + "M6.7 11.9c.8 1.3 1.9 2 3.3 2s2.5-.7 3.3-2", _circle(7.4, 8.2, 1) + _circle(12.6, 8.2, 1)),
    "at": IconShape(_circle(10, 10, 3.1) + "M13.1 7.2v3.9c0 1.3.8 2.1 2 2.1 1.5 0 2.4-1.3 2.4-3.2A7.5 7.5 0 1 0 14.4 16"),
    "paperclip": IconShape("M16.6 9.3 10 15.9a4 4 0 0 1-5.7-5.7l6.9-6.9a2.7 2.7 0 0 1 3.8 3.8l-6.9 6.9a1.3 1.3 0 0 1-1.9-1.9l6.3-6.3"),
    "image": IconShape(_box(2.6, 3.6, 14.8, 12.8, 2) + "M2.8 14.4l4-4 3.2 3.2 2.8-2.8 4.4 4.2" + _circle(7, 7.4, 1.3)),
    "screenshot": IconShape(_circle(4.8, 5.1, 2.3) + _circle(4.8, 14.9, 2.3) + "M6.6 6.6 17 15.6M6.6 13.4 17 4.4"),
    "bolt": IconShape(_BOLT),
    "send": IconShape("M17.6 2.6 2.6 8.6l5.6 2.9 2.9 5.9zM8.2 11.5l4-4"),
    "pin": IconShape("M7.2 2.8h5.6l-.7 5.6 2.7 2.9H5.2l2.7-2.9zM10 11.3v6"),
    "mute": IconShape(
        "M7.2 3.7a4.9 4.9 0 0 1 7.7 4v2.6M5.3 6.6a4.9 4.9 0 0 0-.2 1.1v3.4l-1.5 2.8h10.6M8.1 16.4a2 2 0 0 0 3.8 0M2.8 2.8l14.4 14.4"
    ),
    "bell": IconShape(_BELL),
    "reply": IconShape("M7.8 4.6 3 9.4l4.8 4.8M3 9.4h8.2a5.8 5.8 0 0 1 5.8 5.8v.6"),
    "recall": IconShape("M6.7 4 3.2 7.5 6.7 11M3.2 7.5h8.6a4.6 4.6 0 0 1 0 9.2H7"),
    "undo": IconShape("M6.7 4 3.2 7.5 6.7 11M3.2 7.5h8.6a4.6 4.6 0 0 1 0 9.2H7"),
    "redo": IconShape("M13.3 4l3.5 3.5-3.5 3.5M16.8 7.5H8.2a4.6 4.6 0 0 0 0 9.2H13"),
    "copy": IconShape(_box(7, 7, 10.2, 10.2, 2) + "M13 7V4.8a2 2 0 0 0-2-2H4.8a2 2 0 0 0-2 2V11a2 2 0 0 0 2 2H7"),
    "paste": IconShape(_box(4, 4, 12, 13.4, 2) + _box(7.2, 2.4, 5.6, 3.2, 1.2) + "M7 10.2h6M7 13.4h4"),
    "download": IconShape("M10 3v9.4M6 8.8l4 4 4-4M3.4 16.8h13.2"),
    "upload": IconShape("M10 13V3.6M6 7.2l4-4 4 4M3.4 16.8h13.2"),
    "save": IconShape("M4.6 3h8.8L17 6.6v8.8a1.6 1.6 0 0 1-1.6 1.6H4.6A1.6 1.6 0 0 1 3 15.4V4.6A1.6 1.6 0 0 1 4.6 3ZM6.6 3v4.2h5.6V3M6 17v-5.4h8V17"),
    "folder": IconShape(_FOLDER),
    "folder-open": IconShape(
        "M2.6 13.9V6.1a1.6 1.6 0 0 1 1.6-1.6h3.3l1.9 2.2h5.4a1.6 1.6 0 0 1 1.6 1.6v.9M2.6 15.2l2.4-6h13.2l-2.3 5.6a1.6 1.6 0 0 1-1.5 1.1H4a1.4 1.4 0 0 1-1.4-.7Z"
    ),
    "file": IconShape(_FILE),
    "close": IconShape("M4.8 4.8l10.4 10.4M15.2 4.8 4.8 15.2"),
    "plus": IconShape("M10 3.6v12.8M3.6 10h12.8"),
    "minus": IconShape("M3.6 10h12.8"),
    "check": IconShape("M4 10.4l4 4 8-8.6"),
    "check-double": IconShape("M1.8 10.6l3.6 3.6 7-7.9M9.6 13.6l.7.6 7.6-7.9"),
    "clock": IconShape(_BUBBLE_RING + "M10 5.6V10l3 2"),
    "alert": IconShape("M10 3 18 16.6H2zM10 8v4", _circle(10, 14.2, 0.95)),
    "info": IconShape(_BUBBLE_RING + "M10 9.4v4.4", _circle(10, 6.5, 1)),
    "help": IconShape(_BUBBLE_RING + "M7.9 7.9a2.2 2.2 0 1 1 3.2 2c-.8.4-1.1.9-1.1 1.7", _circle(10, 14, 0.95)),
    "retry": IconShape("M16.4 8.2A6.8 6.8 0 1 0 16.8 11M16.8 3.8v4.6h-4.6"),
    "refresh": IconShape("M16.4 8.2A6.8 6.8 0 0 0 4.2 6.6M3.6 3.4v3.8h3.8M3.6 11.8a6.8 6.8 0 0 0 12.2 1.6M16.4 16.6v-3.8h-3.8"),
    "chevron-left": IconShape("M12.4 4.6 7 10l5.4 5.4"),
    "chevron-right": IconShape("M7.6 4.6 13 10l-5.4 5.4"),
    "chevron-up": IconShape("M4.6 12.4 10 7l5.4 5.4"),
    "chevron-down": IconShape("M4.6 7.6 10 13l5.4-5.4"),
    "arrow-down": IconShape("M10 3.4v13M4.8 11.2l5.2 5.2 5.2-5.2"),
    "thumb-up": IconShape("M6.2 9.2v7.6H4.6A1.6 1.6 0 0 1 3 15.2v-4.4a1.6 1.6 0 0 1 1.6-1.6zM6.2 9.2l3.2-6a2 2 0 0 1 1.9 2.4l-.5 2.6h4a1.7 1.7 0 0 1 1.7 2l-1 5.2a1.7 1.7 0 0 1-1.7 1.4H6.2"),
    "thumb-down": IconShape("M6.2 10.8V3.2H4.6A1.6 1.6 0 0 0 3 4.8v4.4a1.6 1.6 0 0 0 1.6 1.6zM6.2 10.8l3.2 6a2 2 0 0 0 1.9-2.4l-.5-2.6h4a1.7 1.7 0 0 0 1.7-2l-1-5.2a1.7 1.7 0 0 0-1.7-1.4H6.2"),
    "arrow-up": IconShape("M10 16.6v-13M4.8 8.8 10 3.6l5.2 5.2"),
    "arrow-left": IconShape("M16.6 10h-13M8.8 4.8 3.6 10l5.2 5.2"),
    "arrow-right": IconShape("M3.4 10h13M11.2 4.8l5.2 5.2-5.2 5.2"),
    "eye": IconShape(_EYE + _circle(10, 10, 2.5)),
    "eye-off": IconShape(
        "M7.6 5A8.8 8.8 0 0 1 10 4.6c5.2 0 8.2 5.4 8.2 5.4a13 13 0 0 1-2.3 2.9M13.1 14.7a8.2 8.2 0 0 1-3.1.7C4.8 15.4 1.8 10 1.8 10a13.5 13.5 0 0 1 3.1-3.5M8.3 8.2a2.5 2.5 0 0 0 3.5 3.5M3 3l14 14"
    ),
    "flame": IconShape(
        "M10.3 2.4c.6 2.9 4.9 4.7 4.9 9.2a5.2 5.2 0 0 1-10.4 0c0-1.8.8-3.2 1.9-4.3.2 1.4.9 2.2 1.8 2.5-.3-2.9.3-5.6 1.8-7.4Z"
    ),
    "user": IconShape(_USER),
    "user-plus": IconShape(_circle(8, 6.6, 3.1) + "M2 17c.5-3.3 2.8-5 6-5 1.2 0 2.3.2 3.2.7M15 11.4v5.6M12.2 14.2h5.6"),
    "users": IconShape(
        _circle(7.6, 6.8, 2.9)
        + "M2 16.6c.4-3.1 2.6-4.7 5.6-4.7s5.2 1.6 5.6 4.7M13 4.1a2.9 2.9 0 0 1 0 5.4M15.2 12.4c1.6.6 2.6 2.1 2.9 4.2"
    ),
    "unit": IconShape(
        "M3.6 17.2V4.2A1.4 1.4 0 0 1 5 2.8h5.8a1.4 1.4 0 0 1 1.4 1.4v13M12.2 8h2.8a1.4 1.4 0 0 1 1.4 1.4v7.8M2 17.2h16M6.4 6.4h3M6.4 9.8h3M6.4 13.2h3"
    ),
    "key": IconShape(_circle(6.6, 13.4, 3.6) + "M9.2 10.8 16.8 3.2M13.6 6.4l2.4 2.4M11.2 8.8l1.6 1.6"),
    "trash": IconShape("M3.4 5.4h13.2M7.4 5.4V3.6h5.2v1.8M5 5.4l.7 10.4a1.5 1.5 0 0 0 1.5 1.4h5.6a1.5 1.5 0 0 0 1.5-1.4L15 5.4M8.4 8.8v5M11.6 8.8v5"),
    "edit": IconShape("M12.6 4.2l3.2 3.2L7 16.2l-3.9.7.7-3.9zM10.6 6.2l3.2 3.2"),
    "forward": IconShape("M12.2 4.6 17 9.4l-4.8 4.8M17 9.4H8.8A5.8 5.8 0 0 0 3 15.2v.6"),
    "star": IconShape("M10 2.7l2.2 4.7 5.1.7-3.7 3.6.9 5.1-4.5-2.5-4.5 2.5.9-5.1L2.7 8.1l5.1-.7z"),
    "star-filled": IconShape("", "M10 2.2l2.4 5 5.5.7-4 3.8 1 5.5-4.9-2.7-4.9 2.7 1-5.5-4-3.8 5.5-.7z"),
    "filter": IconShape("M2.8 4h14.4l-5.6 6.6v5.6l-3.2-1.6v-4z"),
    "sort": IconShape("M6.4 3.6v12.8M3.2 13.2l3.2 3.2 3.2-3.2M12 5h5.2M12 9.4h4M12 13.8h2.8"),
    "zoom-in": IconShape(_ZOOM + "M8.8 6.2v5.2M6.2 8.8h5.2"),
    "zoom-out": IconShape(_ZOOM + "M6.2 8.8h5.2"),
    "fit": IconShape("M3 7V4.4A1.4 1.4 0 0 1 4.4 3H7M13 3h2.6A1.4 1.4 0 0 1 17 4.4V7M17 13v2.6a1.4 1.4 0 0 1-1.4 1.4H13M7 17H4.4A1.4 1.4 0 0 1 3 15.6V13"),
    "actual-size": IconShape("M5.4 6.4 7 5v10M12.6 6.4l1.6-1.4v10", _circle(10.5, 8.2, 0.9) + _circle(10.5, 12.2, 0.9)),
    "print": IconShape("M6 7V2.8h8V7M6 14H4.4a1.6 1.6 0 0 1-1.6-1.6V8.6A1.6 1.6 0 0 1 4.4 7h11.2a1.6 1.6 0 0 1 1.6 1.6v3.8a1.6 1.6 0 0 1-1.6 1.6H14M6 11.6h8v5.6H6z"),
    "qr": IconShape(
        _box(3, 3, 5.4, 5.4, 1) + _box(11.6, 3, 5.4, 5.4, 1) + _box(3, 11.6, 5.4, 5.4, 1) + "M11.6 11.6h2v2M17 11.6v2M11.6 17h.1M15.4 15.4h1.6v1.6",
        _circle(5.7, 5.7, 0.8) + _circle(14.3, 5.7, 0.8) + _circle(5.7, 14.3, 0.8),
    ),
    "location": IconShape("M10 17.6c3.6-3.8 5.6-6.7 5.6-9.3a5.6 5.6 0 0 0-11.2 0c0 2.6 2 5.5 5.6 9.3Z" + _circle(10, 8.2, 2.1)),
    "idcard": IconShape(_box(2.4, 4, 15.2, 12, 2) + _circle(7, 8.7, 1.7) + "M4.6 13.4c.3-1.3 1.2-2 2.4-2s2.1.7 2.4 2M12 8.2h3M12 11.4h3"),
    "markdown": IconShape(_box(2, 4.4, 16, 11.2, 1.8) + "M4.8 12.8V7.4l2.4 2.8 2.4-2.8v5.4M13.6 7.4v5M11.6 10.6l2 2 2-2"),
    "history": IconShape(_box(3.6, 2.8, 12.8, 14.4, 1.8) + "M6.8 6.8h6.4M6.8 10h6.4M6.8 13.2h3.6"),
    "mic": IconShape(_box(7.2, 2.4, 5.6, 9.2, 2.8) + "M4.2 9.6a5.8 5.8 0 0 0 11.6 0M10 15.4v2.2"),
    "mic-off": IconShape(_box(7.2, 2.4, 5.6, 9.2, 2.8) + "M4.2 9.6a5.8 5.8 0 0 0 11.6 0M10 15.4v2.2M3 3l14 14"),
    "play": IconShape("M6 3.8v12.4L16 10z"),
    "pause": IconShape("M6.8 4v12M13.2 4v12"),
    "stop": IconShape(_box(4.6, 4.6, 10.8, 10.8, 1.8)),
    "logout": IconShape("M8.4 3H5a1.6 1.6 0 0 0-1.6 1.6v10.8A1.6 1.6 0 0 0 5 17h3.4M12.6 6.2 16.8 10l-4.2 3.8M16.8 10H8"),
    "globe": IconShape(_BUBBLE_RING + "M2.6 10h14.8M10 2.6c2.4 2 3.4 4.5 3.4 7.4s-1 5.4-3.4 7.4c-2.4-2-3.4-4.5-3.4-7.4s1-5.4 3.4-7.4Z"),
    "wifi-off": IconShape("M2 7.6a12 12 0 0 1 3.6-2.3M8.6 4.3A12 12 0 0 1 18 7.6M4.8 10.8a8 8 0 0 1 3-1.7M11.8 9a8 8 0 0 1 3.4 1.8M7.6 13.7a4 4 0 0 1 4.6-.2M3 2.8l13.6 13.6", _circle(10, 16.4, 1)),
    "wifi": IconShape("M2 7.6a12 12 0 0 1 16 0M4.8 10.8a8 8 0 0 1 10.4 0M7.6 13.8a4 4 0 0 1 4.8 0", _circle(10, 16.4, 1)),
    "link": IconShape("M8.4 11.6a3.4 3.4 0 0 0 4.8 0l3-3a3.4 3.4 0 0 0-4.8-4.8L10.2 5M11.6 8.4a3.4 3.4 0 0 0-4.8 0l-3 3a3.4 3.4 0 0 0 4.8 4.8L9.8 15"),
    "list": IconShape("M3.4 5h13.2M3.4 10h13.2M3.4 15h13.2"),
    "list-select": IconShape(_circle(4.6, 5.4, 1.9) + _circle(4.6, 14.6, 1.9) + "M9.6 5.4h7.4M9.6 14.6h7.4"),
    "panel-right": IconShape(_box(2.6, 3.4, 14.8, 13.2, 2) + "M12.4 3.4v13.2"),
    "announcement": IconShape("M3 8v4h2.8l6.8 4V4L5.8 8zM15.2 7.6a3.6 3.6 0 0 1 0 4.8"),
    "dot": IconShape("", _circle(10, 10, 4)),
    # Rooms and drawing.
    "door": IconShape("M4.6 17.2V4.2A1.4 1.4 0 0 1 6 2.8h8a1.4 1.4 0 0 1 1.4 1.4v13M2.8 17.2h14.4", _circle(12.4, 10.4, 0.95)),
    "window": IconShape(_box(3, 3, 14, 14, 1.6) + "M10 3v14M3 10h14"),
    "screen": IconShape(_box(2.6, 3.4, 14.8, 9.8, 1.6) + "M10 13.2v3.6M6.4 16.8h7.2"),
    "chair": IconShape("M5.6 2.8v8h8.8M5.6 10.8v6.4M14.4 10.8v6.4M5.6 6.6h0M14.4 10.8V9.2"),
    "podium": IconShape("M4 4.4h12l-1.6 5H5.6zM7 9.4l.6 7.8h4.8l.6-7.8M5 17.2h10"),
    "table": IconShape(_box(2.6, 7.4, 14.8, 5.2, 1.2)),
    "rows": IconShape("M3 5h14M3 10h14M3 15h14"),
    "u-shape": IconShape("M4 3.4v10.2A3 3 0 0 0 7 16.6h6a3 3 0 0 0 3-3V3.4"),
    "arc": IconShape("M2.6 14.6C3.2 9.6 6 6.8 10 6.8s6.8 2.8 7.4 7.8"),
    "ruler": IconShape("M12.4 2.8l4.8 4.8-9.6 9.6-4.8-4.8zM10 5.2l1.8 1.8M7.6 7.6l1.2 1.2M5.2 10 7 11.8"),
    "align-left": IconShape("M3.2 2.8v14.4" + _box(6, 4.4, 10.4, 4, 1) + _box(6, 11.6, 6.4, 4, 1)),
    "align-right": IconShape("M16.8 2.8v14.4" + _box(3.6, 4.4, 10.4, 4, 1) + _box(7.6, 11.6, 6.4, 4, 1)),
    "align-center": IconShape("M10 2.8v1.6M10 8.4v3.2M10 15.6v1.6" + _box(4.4, 4.4, 11.2, 4, 1) + _box(6.4, 11.6, 7.2, 4, 1)),
    "align-top": IconShape("M2.8 3.2h14.4" + _box(4.4, 6, 4, 10.4, 1) + _box(11.6, 6, 4, 6.4, 1)),
    "align-bottom": IconShape("M2.8 16.8h14.4" + _box(4.4, 3.6, 4, 10.4, 1) + _box(11.6, 7.6, 4, 6.4, 1)),
    "align-middle": IconShape("M2.8 10h1.6M8.4 10h3.2M15.6 10h1.6" + _box(4.4, 4.4, 4, 11.2, 1) + _box(11.6, 6.4, 4, 7.2, 1)),
    "distribute-h": IconShape("M2.8 3v14M17.2 3v14" + _box(7.4, 5.6, 5.2, 8.8, 1)),
    "distribute-v": IconShape("M3 2.8h14M3 17.2h14" + _box(5.6, 7.4, 8.8, 5.2, 1)),
    "rotate": IconShape("M16.2 11.4a6.3 6.3 0 1 1-2-5.3M14.6 2.6v3.8h-3.8"),
    "mirror": IconShape("M10 2.4v2M10 7v2M10 11.6v2M10 16.2v1.6M7.2 5.4 2.6 15h4.6zM12.8 5.4 17.4 15h-4.6z"),
    "group": IconShape(_box(2.6, 2.6, 14.8, 14.8, 1.2) + _box(5.4, 5.4, 5.2, 5.2, 0.8) + _box(9.4, 9.4, 5.2, 5.2, 0.8)),
    "ungroup": IconShape(_box(2.8, 2.8, 7.2, 7.2, 1) + _box(10, 10, 7.2, 7.2, 1)),
    "grip": IconShape("", _circle(7, 5, 1.1) + _circle(13, 5, 1.1) + _circle(7, 10, 1.1) + _circle(13, 10, 1.1) + _circle(7, 15, 1.1) + _circle(13, 15, 1.1)),
}  # fmt: skip
"""Every icon by name."""
