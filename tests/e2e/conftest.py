"""Two clients and a server process."""

from __future__ import annotations

from bed.duo_fixtures import duo, office_template, open_duo

__all__ = ["duo", "office_template", "open_duo"]
