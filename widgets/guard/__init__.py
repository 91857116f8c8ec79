"""Protection of windows against capture: the guard, its page and badge, held-down reading, exceptions."""

from .badge import ProtectionBadge, show_protection
from .guard import CaptureGuard
from .held_text import HeldText, Reading
from .hold import HoldToReveal
from .lease import Lease, LeaseRefused
from .page import ProtectionPage
from .platform import make_guard
from .protection import Level, Protection
from .shields.base import FakeShield, Grip, NullShield, Shield
from .sightings import CaptureEvent, FakeWatcher, Kind, Report, Sighting, Watcher
from .surface import ConcealsItself

__all__ = [
    "CaptureEvent",
    "CaptureGuard",
    "ConcealsItself",
    "FakeShield",
    "FakeWatcher",
    "Grip",
    "HeldText",
    "HoldToReveal",
    "Kind",
    "Lease",
    "LeaseRefused",
    "Level",
    "NullShield",
    "Protection",
    "ProtectionBadge",
    "ProtectionPage",
    "Reading",
    "Report",
    "Shield",
    "Sighting",
    "Watcher",
    "make_guard",
    "show_protection",
]
