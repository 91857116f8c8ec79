"""Basic controls, dressed by the theme."""

from .avatar import Avatar, AvatarSpec, Presence, face_radius, initial, paint_avatar
from .badge import Badge, badge_text, badge_width, paint_badge
from .banner import Banner
from .dialog import ConfirmDialog, Dialog, ErrorDialog
from .elided_label import ElidedLabel
from .empty_note import EmptyNote
from .empty_state import EmptyState
from .filter_tabs import Chip, FilterItem, FilterTabs
from .icon_button import IconButton
from .labels import PushButton, button, label, pill, rule, surface
from .loading_button import LoadingButton
from .navigation_rail import NavigationRail, RailItem
from .painted import Painted
from .password_field import PasswordField
from .popup import WindowedPopup
from .progress import ProgressBar, ProgressLine, ProgressRing
from .reading_table import reading_table
from .search_field import SearchField
from .skeleton import Skeleton
from .split_layout import SplitLayout
from .switch import Switch
from .toast import Toast, ToastHost
from .watermark import Lattice, WatermarkOverlay, viewer_mark

__all__ = [
    "Avatar",
    "AvatarSpec",
    "Badge",
    "Banner",
    "Chip",
    "ConfirmDialog",
    "Dialog",
    "ElidedLabel",
    "EmptyNote",
    "EmptyState",
    "ErrorDialog",
    "FilterItem",
    "FilterTabs",
    "IconButton",
    "Lattice",
    "LoadingButton",
    "NavigationRail",
    "Painted",
    "PasswordField",
    "Presence",
    "ProgressBar",
    "ProgressLine",
    "ProgressRing",
    "PushButton",
    "RailItem",
    "SearchField",
    "Skeleton",
    "SplitLayout",
    "Switch",
    "Toast",
    "ToastHost",
    "WatermarkOverlay",
    "WindowedPopup",
    "badge_text",
    "badge_width",
    "button",
    "face_radius",
    "initial",
    "label",
    "paint_avatar",
    "paint_badge",
    "pill",
    "reading_table",
    "rule",
    "surface",
    "viewer_mark",
]
