"""Here `duo` is two server processes on one PostgreSQL and one Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from bed.pair import Pair, make_shared_office, running_pair


@pytest.fixture(scope="session")
def shared_office(postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A data folder and the name of the database that belongs to it, both copied for each test."""
    folder = tmp_path_factory.mktemp("shared") / "server"
    name = postgres.create()
    asyncio.run(make_shared_office(folder, postgres.url(name)))
    yield folder, name
    postgres.drop(name)


@pytest.fixture
def open_duo(
    shared_office: tuple[Path, str], fresh_postgres: Callable[..., str], redis_url: str
) -> Callable[[Path], AbstractAsyncContextManager[Pair]]:
    """Two servers in a folder, on a database of their own."""
    template, name = shared_office
    return lambda folder: running_pair(folder, template, fresh_postgres(name, driver=""), redis_url)


@pytest.fixture
async def duo(
    tmp_path: Path, open_duo: Callable[[Path], AbstractAsyncContextManager[Pair]]
) -> AsyncIterator[Pair]:
    """Two running servers with an office."""
    async with open_duo(tmp_path) as running:
        yield running
