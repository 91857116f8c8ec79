"""The index of passages in a SQLite (SQLCipher) file that the caller opens, and the search over it.

Nothing that a person may not see has any influence on what he sees: the oracle is asked for the documents of all
candidates before anything is counted, ranked to the fore, suggested or quoted.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from offline_ai.documents.model import Document
from offline_ai.documents.structure import title_block
from offline_ai.models.interface import EmbeddingModel, ModelFailed
from offline_ai.optional import available, need
from offline_ai.retrieval.passages import passages
from offline_ai.retrieval.query import Query, read_query
from offline_ai.retrieval.synonyms import Synonyms
from offline_ai.text.fold import Folder
from offline_ai.text.keywords import keywords
from offline_ai.text.words import Words

Oracle = Callable[[Sequence[str]], Iterable[str]]
"""Given ids of documents, those among them that the person may see. Asked at every search; never cached here."""
CANDIDATES = 200
RRF = 60.0
"""Reciprocal rank fusion: the usual constant."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS ai_document (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL, changed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ai_passage (
    id INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES ai_document(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, page INTEGER, heading TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ai_passage_document ON ai_passage(document);
CREATE VIRTUAL TABLE IF NOT EXISTS ai_words USING fts5(
    title, body, content='', contentless_delete=1, tokenize='unicode61', detail=column);
CREATE VIRTUAL TABLE IF NOT EXISTS ai_terms USING fts5vocab(ai_words, row);
CREATE TABLE IF NOT EXISTS ai_vector (
    passage INTEGER PRIMARY KEY REFERENCES ai_passage(id) ON DELETE CASCADE, model TEXT NOT NULL, vector BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS ai_keyword (word TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (word, document))
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ai_keyword_document ON ai_keyword(document);
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that was found: `document` (id, title, kind), `text` = the document's text[start:end], its page."""

    document: str
    title: str
    kind: str
    start: int
    end: int
    text: str
    heading: str
    page: int | None
    score: float
    terms: tuple[str, ...] = ()
    """Words of the question (or their synonyms) that stand in it, for marking."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best passages, and in how many documents that may be seen the words stand."""

    sources: tuple[Source, ...]
    documents: int
    by_vectors: bool = False
    expanded: tuple[str, ...] = ()
    """Synonyms that were searched for as well."""


@dataclass(slots=True)
class _Candidate:
    passage: int
    document: str
    score: float = 0.0
    ranks: list[int] = field(default_factory=list[int])


class Index:
    """Over one connection, from one thread at a time. Writing methods leave the commit to the caller."""

    def __init__(
        self,
        connection: Any,
        words: Words,
        *,
        synonyms: Synonyms | None = None,
        embedder: EmbeddingModel | None = None,
    ) -> None:
        """`connection`: DB-API of sqlite3 or sqlcipher3 with FTS5; tables are made where they are missing."""
        self._db = connection
        self._words = words
        self._embedder = embedder
        self._folder = Folder()
        self.synonyms = synonyms or Synonyms.starting()
        for statement in _SCHEMA.split(";\n"):
            if statement.strip():
                self._db.execute(statement)

    def put(
        self, key: str, document: Document, *, kind: str, changed: int, digest: str = "", title: str = ""
    ) -> int:
        """Add or replace a document; `kind` such as file, message, knowledge; `changed` orders the newest first.

        Returns the number of passages. An unchanged `digest` leaves the index as it is.
        """
        if digest and self.digest(key) == digest:
            return 0
        self.remove(key)
        title = title or title_block(document)[0]
        self._db.execute(
            "INSERT INTO ai_document VALUES (?, ?, ?, ?, ?)", (key, title, kind, digest, changed)
        )
        found = passages(document)
        title_words = self._tokens(title)
        for one in found:
            row = self._db.execute(
                "INSERT INTO ai_passage (document, start, stop, page, heading, text) VALUES (?, ?, ?, ?, ?, ?)",
                (key, one.start, one.end, one.page, one.heading, one.text),
            )
            head = f"{title_words} {self._tokens(one.heading)}" if one.heading else title_words
            self._db.execute(
                "INSERT INTO ai_words (rowid, title, body) VALUES (?, ?, ?)",
                (row.lastrowid, head, self._tokens(one.text)),
            )
        for keyword in keywords(document, self._words, 8):
            self._db.execute("INSERT OR IGNORE INTO ai_keyword VALUES (?, ?)", (keyword.word, key))
        return len(found)

    def remove(self, key: str) -> None:
        """Forget a document; one that is not there is no error."""
        rows = self._db.execute("SELECT id FROM ai_passage WHERE document = ?", (key,)).fetchall()
        for (passage,) in rows:
            self._db.execute("DELETE FROM ai_words WHERE rowid = ?", (passage,))
            self._db.execute("DELETE FROM ai_vector WHERE passage = ?", (passage,))
        self._db.execute("DELETE FROM ai_passage WHERE document = ?", (key,))
        self._db.execute("DELETE FROM ai_keyword WHERE document = ?", (key,))
        self._db.execute("DELETE FROM ai_document WHERE id = ?", (key,))

    def digest(self, key: str) -> str | None:
        """What `put` was given for the document, or None when it is not there."""
        row = self._db.execute("SELECT digest FROM ai_document WHERE id = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def embed_missing(self, most: int = 64) -> int:
        """Vectors for up to `most` passages that have none of this model; how many were made. Raises ModelFailed."""
        if self._embedder is None:
            return 0
        rows = self._db.execute(
            "SELECT id, text FROM ai_passage WHERE id NOT IN (SELECT passage FROM ai_vector WHERE model = ?) LIMIT ?",
            (self._embedder.name, most),
        ).fetchall()
        if not rows:
            return 0
        vectors = self._embedder.embed([str(text) for _, text in rows])
        for (passage, _), vector in zip(rows, vectors, strict=True):
            blob = struct.pack(f"<{len(vector)}f", *vector)
            self._db.execute(
                "INSERT OR REPLACE INTO ai_vector VALUES (?, ?, ?)", (passage, self._embedder.name, blob)
            )
        return len(rows)

    def search(
        self, question: str, oracle: Oracle, *, most: int = 10, only: Sequence[str] | None = None
    ) -> Found:
        """The best `most` passages that the person may see; `only` restricts the search to some documents.

        `documents` counts exactly up to some thousands of documents that hold the words.
        """
        query = read_query(question, self._words, self.synonyms)
        ranked = self._by_words(query, oracle, only)
        by_words, documents = ranked
        by_vectors = self._by_vectors(question, oracle, only)
        fused: dict[int, _Candidate] = {}
        for ranking in (by_words, by_vectors):
            for rank, candidate in enumerate(ranking):
                kept = fused.setdefault(candidate.passage, candidate)
                kept.score += 1.0 / (RRF + rank + 1) * (1.0 if ranking is by_words else 0.9)
        best = sorted(fused.values(), key=lambda one: -one.score)[: max(40, 3 * most)]
        sources = self._reranked(self._sources(best), query)
        return Found(tuple(sources[:most]), documents, bool(by_vectors), query.expanded)

    def suggest(self, begun: str, oracle: Oracle, *, most: int = 8) -> list[str]:
        """Titles and keywords that begin with or hold what was typed, of documents that may be seen only."""
        begun = begun.strip()
        if not begun:
            return []
        like = begun.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        rows = self._db.execute(
            "SELECT word, document FROM ai_keyword WHERE word LIKE ? ESCAPE '\\' LIMIT 2000", (like + "%",)
        ).fetchall()
        rows += self._db.execute(
            "SELECT title, id FROM ai_document WHERE title LIKE ? ESCAPE '\\' ORDER BY changed DESC LIMIT 2000",
            (f"%{like}%",),
        ).fetchall()
        allowed = set(oracle(sorted({str(document) for _, document in rows})))
        found: dict[str, None] = {}
        for text, document in rows:
            if document in allowed and text:
                found.setdefault(str(text), None)
        return list(found)[:most]

    def _tokens(self, text: str) -> str:
        return " ".join(self._words.for_search(self._folder.fold(text).text))

    def _by_words(
        self, query: Query, oracle: Oracle, only: Sequence[str] | None
    ) -> tuple[list[_Candidate], int]:
        groups = self._known(query)
        if not groups:
            return [], 0
        every = " AND ".join(_any_of(group) for group in groups)
        matched = self._matches(every, oracle, only)
        if len(matched[0]) < 3 and len(groups) > 1:  # any of the rarest four
            either = self._matches(" OR ".join(_any_of(group) for group in groups[:4]), oracle, only)
            seen = {one.passage for one in matched[0]}
            return [*matched[0], *(one for one in either[0] if one.passage not in seen)], either[1]
        return matched

    def _known(self, query: Query) -> list[list[str]]:
        """Words of the question that stand in the index, the rare ones first; words that stand nearly everywhere are
        left out while a rarer one is there."""
        total = int(self._db.execute("SELECT count(*) FROM ai_passage").fetchone()[0]) or 1
        groups: list[tuple[int, list[str]]] = []
        for group in query.groups:
            marks = ",".join("?" * len(group))
            query_terms = f"SELECT term, doc FROM ai_terms WHERE term IN ({marks})"  # noqa: S608 (only marks)
            rows = self._db.execute(query_terms, group).fetchall()
            if rows:
                groups.append((sum(int(count) for _, count in rows), [str(term) for term, _ in rows]))
        groups.sort()
        kept = [group for count, group in groups if count <= max(50, total // 8)]
        return kept[:8] or [group for _, group in groups[:2]]

    def _matches(
        self, match: str, oracle: Oracle, only: Sequence[str] | None
    ) -> tuple[list[_Candidate], int]:
        """The best candidates that may be seen, and the number of such documents."""
        documents = {
            str(row[0])
            for row in self._db.execute(
                "SELECT DISTINCT p.document FROM ai_words w JOIN ai_passage p ON p.id = w.rowid"
                " WHERE ai_words MATCH ? LIMIT 5000",
                (match,),
            )
        }
        if only is not None:
            documents &= set(only)
        allowed = set(oracle(sorted(documents))) & documents
        if not allowed:
            return [], 0
        best: list[_Candidate] = []
        rows = self._db.execute(
            "SELECT w.rowid, p.document FROM ai_words w JOIN ai_passage p ON p.id = w.rowid"
            " WHERE ai_words MATCH ? ORDER BY bm25(ai_words, 3.0, 1.0)",
            (match,),
        )
        for passage, document in rows:
            if document in allowed:
                best.append(_Candidate(int(passage), str(document)))
                if len(best) >= CANDIDATES:
                    break
        return best, len(allowed)

    def _by_vectors(self, question: str, oracle: Oracle, only: Sequence[str] | None) -> list[_Candidate]:
        if self._embedder is None or not available("numpy"):
            return []
        rows = self._db.execute(
            "SELECT v.passage, p.document, v.vector FROM ai_vector v JOIN ai_passage p ON p.id = v.passage"
            " WHERE v.model = ?",
            (self._embedder.name,),
        ).fetchall()
        if only is not None:
            wanted = set(only)
            rows = [row for row in rows if row[1] in wanted]
        allowed = set(oracle(sorted({str(row[1]) for row in rows})))
        rows = [row for row in rows if row[1] in allowed]
        if not rows:
            return []
        try:
            asked = self._embedder.embed([question])[0]
        except ModelFailed:
            return []
        numpy = need("numpy")
        matrix = numpy.frombuffer(b"".join(row[2] for row in rows), "<f4").reshape(len(rows), -1)
        vector = numpy.asarray(asked, "<f4")
        if matrix.shape[1] != vector.shape[0]:
            return []
        norms = numpy.linalg.norm(matrix, axis=1) * (numpy.linalg.norm(vector) or 1.0)
        alike = matrix @ vector / numpy.where(norms == 0, 1.0, norms)
        order = numpy.argsort(-alike)[: CANDIDATES // 2]
        return [_Candidate(int(rows[at][0]), str(rows[at][1])) for at in order if alike[at] > 0.2]

    def _sources(self, best: list[_Candidate]) -> list[Source]:
        made: list[Source] = []
        for one in best:
            row = self._db.execute(
                "SELECT p.start, p.stop, p.page, p.heading, p.text, d.title, d.kind FROM ai_passage p"
                " JOIN ai_document d ON d.id = p.document WHERE p.id = ?",
                (one.passage,),
            ).fetchone()
            if row is not None:
                start, stop, page, heading, text, title, kind = row
                made.append(Source(one.document, title, kind, start, stop, text, heading, page, one.score))
        return made

    def _reranked(self, sources: list[Source], query: Query) -> list[Source]:
        """Rules: all words together, the wording as asked, and the title count for more than rank alone."""
        made: list[Source] = []
        for one in sources:
            low = self._folder.fold(one.text).text
            title = self._folder.fold(one.title + one.heading).text
            hits = [
                next((word for word in group if word in low or word in title), "") for group in query.groups
            ]
            covered = sum(1 for hit in hits if hit) / (len(hits) or 1)
            phrase = 1.0 if len(query.phrase) > 3 and query.phrase in low else 0.0
            titled = sum(1 for group in query.groups if any(word in title for word in group)) / (
                len(hits) or 1
            )
            score = one.score * (1 + 1.5 * covered + phrase + 0.5 * titled)
            terms = tuple(dict.fromkeys(word for group in query.groups for word in group if word in low))
            made.append(
                Source(
                    one.document,
                    one.title,
                    one.kind,
                    one.start,
                    one.end,
                    one.text,
                    one.heading,
                    one.page,
                    score,
                    terms,
                )
            )
        return sorted(made, key=lambda one: -one.score)


def _any_of(group: Sequence[str]) -> str:
    words = [f'"{word.replace(chr(34), chr(34) * 2)}"' for word in group]
    return words[0] if len(words) == 1 else f"({' OR '.join(words)})"
