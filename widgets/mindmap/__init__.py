"""A mind map: a tree drawn to the right, zoomed by the wheel, moved by hand, saved as a picture."""

from .layout import MindNode
from .view import MindMapView

__all__ = ["MindMapView", "MindNode"]
