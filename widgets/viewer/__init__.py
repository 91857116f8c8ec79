"""Windows that show one thing large."""

from .picture_viewer import PictureItem, PictureViewer

__all__ = ["PictureItem", "PictureViewer"]
