"""Base classes of everything on the wire.

REST bodies are JSON (bytes as base64), websocket frames are MessagePack; both come from the same types.
msgspec was chosen over pydantic after measuring (benchmarks/modelling.py): see docs/architecture.md.
"""

import msgspec


class Wire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value on the wire. Unknown fields are ignored, so that newer peers can add to it."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request body: unknown fields are refused, so that a misspelt option never passes in silence."""
