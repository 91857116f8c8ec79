"""Here `duo` is two server processes on one PostgreSQL and one Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
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
async def duo(
    tmp_path: Path, shared_office: tuple[Path, str], fresh_postgres: Callable[..., str], redis_url: str
) -> AsyncIterator[Pair]:
    """Two running servers with an office."""
    folder, template = shared_office
    async with running_pair(tmp_path, folder, fresh_postgres(template, driver=""), redis_url) as running:
        yield running
