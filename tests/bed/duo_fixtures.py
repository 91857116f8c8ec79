"""Fixtures around `bed.duo`, for the conftest files of the folders that use them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from bed.duo import Duo, make_office, running_duo

OpenDuo = Callable[[Path], AbstractAsyncContextManager[Duo]]
"""Starts a server with an office in a folder."""


@pytest.fixture(scope="session")
def office_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's data folder with an office in it, copied for each test."""
    folder = tmp_path_factory.mktemp("office") / "server"
    asyncio.run(make_office(folder))
    return folder


@pytest.fixture
def open_duo(office_template: Path) -> OpenDuo:
    """For tests that need more than one server, or one in a folder of their own."""
    return lambda folder: running_duo(folder, office_template)


@pytest.fixture
async def duo(tmp_path: Path, office_template: Path) -> AsyncIterator[Duo]:
    """A running server with an office."""
    async with running_duo(tmp_path, office_template) as running:
        yield running
