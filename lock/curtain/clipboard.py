"""Clears from the clipboard what the client put there, and nothing that others did."""

from PySide6.QtGui import QClipboard


def clear_own(clipboard: QClipboard) -> bool:
    """Clear clipboard and selection where this process owns them; returns whether anything was cleared."""
    cleared = False
    if clipboard.ownsClipboard():
        clipboard.clear(QClipboard.Mode.Clipboard)
        cleared = True
    if clipboard.supportsSelection() and clipboard.ownsSelection():
        clipboard.clear(QClipboard.Mode.Selection)
        cleared = True
    return cleared
