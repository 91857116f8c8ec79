"""Vectors of the passages, where an embedding model is configured: made once, kept sealed, compared in memory."""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, delete, insert, select

from server_stub.storage.database import Database

from .passages import passages
from .tables import knowledge_documents, knowledge_vectors

log = logging.getLogger(__name__)
_AT_ONCE = 32
_REST_S = 60.0
"""So long nothing is asked after a failure."""
NEAR = 0.35
"""Cosine below which a passage has nothing to do with a question, whatever the model."""
_MOST = 200
_RANK = 60
"""Reciprocal rank fusion: the usual constant."""


class Embedder(Protocol):
    """The organisation's embedding models."""

    def embedding_models(self) -> list[str]:
        """Those of enabled providers, the first to be used."""
        ...

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """One vector per text, and the tokens read."""
        ...


class BytesSealer(Protocol):
    """Keeps vectors unreadable in the database: they tell of their texts."""

    def seal_bytes(self, data: bytes, name: str) -> bytes: ...

    def open_bytes(self, sealed: bytes, name: str) -> bytes: ...


class Vectors:
    """Of passages by document; a document without them yet is searched by words alone, and made good behind the search."""

    def __init__(self, database: Database, sealer: BytesSealer, embedder: Embedder) -> None:
        self._database, self._sealer, self._embedder = database, sealer, embedder
        self._held: dict[tuple[str, str], Any] = {}
        self._filling: asyncio.Task[None] | None = None
        self._rests_until = 0.0

    @property
    def model(self) -> str:
        """The embedding model in use, or ""."""
        found = self._embedder.embedding_models()
        return found[0] if found else ""

    async def near(self, question: str, texts: Mapping[str, str]) -> list[tuple[str, int, float]]:
        """(document, passage, cosine) of exactly these documents, the nearest first; empty where there is no model or it
        fails."""
        model = self.model
        if not model or not question.strip() or not texts or time.monotonic() < self._rests_until:
            return []
        await self._load(model, texts)
        missing = [key for key in texts if (key, model) not in self._held]
        if missing and (self._filling is None or self._filling.done()):
            self._filling = asyncio.get_running_loop().create_task(
                self._fill(model, {key: texts[key] for key in missing})
            )
        there = [key for key in texts if (key, model) in self._held]
        if not there:
            return []
        vectors = await self._embedded(model, [question])
        return [] if vectors is None else self._nearest(vectors[0], there, model)

    def _nearest(self, wanted: Any, there: Sequence[str], model: str) -> list[tuple[str, int, float]]:
        found: list[tuple[str, int, float]] = []
        for key in there:
            held = self._held[key, model]
            if held.shape[1] != wanted.shape[0]:
                continue
            found += [(key, at, float(cosine)) for at, cosine in enumerate(held @ wanted) if cosine >= NEAR]
        return sorted(found, key=lambda one: -one[2])[:_MOST]

    def forget(self, there: Collection[str]) -> None:
        """Hold nothing of documents that are not there any more."""
        self._held = {key: held for key, held in self._held.items() if key[0] in there}

    async def settled(self) -> None:
        """Until the vectors that are being made are there."""
        if self._filling is not None:
            await asyncio.gather(self._filling, return_exceptions=True)

    async def close(self) -> None:
        """Give up what is being made."""
        if self._filling is not None:
            self._filling.cancel()
            await self.settled()

    async def _load(self, model: str, texts: Mapping[str, str]) -> None:
        wanted = [key for key in texts if (key, model) not in self._held]
        if not wanted:
            return

        def work(connection: Connection) -> dict[str, bytes]:
            table = knowledge_vectors
            found: dict[str, bytes] = {}
            for start in range(0, len(wanted), 500):
                rows = connection.execute(
                    select(table.c.document_id, table.c.sealed).where(
                        table.c.model == model, table.c.document_id.in_(wanted[start : start + 500])
                    )
                )
                found |= {row.document_id: bytes(row.sealed) for row in rows}
            return found

        sealed = await self._database.read(work)
        numpy = _numpy()

        def opened() -> dict[tuple[str, str], Any]:
            made: dict[tuple[str, str], Any] = {}
            for key, value in sealed.items():
                packed = self._sealer.open_bytes(value, f"{key} {model}")
                count = len(passages(texts[key]))
                made[key, model] = numpy.frombuffer(packed, numpy.float32).reshape(count, -1)
            return made

        self._held |= await asyncio.to_thread(opened)

    async def _fill(self, model: str, texts: Mapping[str, str]) -> None:
        for key, text in texts.items():
            pieces = [piece for _, piece in passages(text)]
            made: list[Any] = []
            for start in range(0, len(pieces), _AT_ONCE):
                vectors = await self._embedded(model, pieces[start : start + _AT_ONCE])
                if vectors is None:
                    return
                made.append(vectors)
            whole = _numpy().concatenate(made)
            sealed = self._sealer.seal_bytes(whole.tobytes(), f"{key} {model}")

            def work(connection: Connection, key: str = key, sealed: bytes = sealed) -> bool:
                documents, table = knowledge_documents, knowledge_vectors
                if connection.scalar(select(documents.c.id).where(documents.c.id == key)) is None:
                    return False
                connection.execute(delete(table).where(table.c.document_id == key))
                connection.execute(insert(table).values(document_id=key, model=model, sealed=sealed))
                return True

            if await self._database.write(work):
                self._held[key, model] = whole

    async def _embedded(self, model: str, texts: list[str]) -> Any:
        """Vectors of length one as rows, or None; then nothing is asked for a while."""
        numpy = _numpy()
        try:
            vectors, _ = await self._embedder.embed(model, texts)
            rows = numpy.asarray(vectors, numpy.float32)
            if rows.ndim != 2 or rows.shape[0] != len(texts) or not numpy.isfinite(rows).all():
                raise ValueError("vectors of another shape")
        except Exception as error:
            # Search by words goes on without them.
            log.warning("no vectors", extra={"error": type(error).__name__})
            self._rests_until = time.monotonic() + _REST_S
            return None
        return rows / numpy.maximum(numpy.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _numpy() -> Any:
    """Loaded by those who have an embedding model: the server starts without it."""
    return importlib.import_module("numpy")


def fused(
    by_words: Sequence[tuple[str, int]], by_vectors: Sequence[tuple[str, int]], most: int
) -> list[tuple[str, int]]:
    """Reciprocal rank fusion of two rankings of (document, place)."""
    scores: dict[tuple[str, int], float] = {}
    for ranking in (by_words, by_vectors):
        for rank, one in enumerate(ranking):
            scores[one] = scores.get(one, 0.0) + 1 / (_RANK + rank)
    return sorted(scores, key=lambda one: (-scores[one], one))[:most]
