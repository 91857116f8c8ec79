"""The base of every stored structure: unknown fields of newer files are kept in `extra`."""

from __future__ import annotations

from typing import Any

import msgspec


class Node(msgspec.Struct, kw_only=True):
    """A stored structure; `extra` holds fields this version does not know, so that they survive a save."""

    extra: dict[str, Any] = {}
