"""What the process does: one method per job. Heavy libraries are loaded at the first job that needs them, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from offline_ai.documents.extract import LARGEST, extract_file
from offline_ai.documents.model import Document
from offline_ai.documents.pictures import Recogniser, for_model
from offline_ai.documents.structure import Node, mind_map, outline
from offline_ai.errors import DocumentTooLarge
from offline_ai.minutes.digest import Minutes, digest, meeting_day
from offline_ai.minutes.export import as_docx
from offline_ai.minutes.transcript import Transcript, read_transcript
from offline_ai.official.elements import Element, elements
from offline_ai.official.receiving import Registration, receive
from offline_ai.proofread.engine import proofread
from offline_ai.proofread.export import export_corrected, export_marked
from offline_ai.proofread.model import Finding, Report
from offline_ai.retrieval.answer import Answer, ask_documents, sources_for_model
from offline_ai.retrieval.index import Source
from offline_ai.retrieval.intent import Intent, read_intent
from offline_ai.retrieval.query import read_query
from offline_ai.retrieval.reading import Words as FileWords
from offline_ai.retrieval.reading import read_words
from offline_ai.retrieval.rewrite import Rewritten, rewrite
from offline_ai.retrieval.synonyms import Synonyms
from offline_ai.sensitive.lists import SensitiveWord
from offline_ai.sensitive.matcher import Hit, Manner, SensitiveMatcher
from offline_ai.sensitive.personal import KIND, find_personal
from offline_ai.text.keywords import Keyword, keywords
from offline_ai.text.summary import Summary, summarise
from offline_ai.text.words import Words

Tell = Callable[[float], None]


class Jobs:
    """Every public method is a job; its last parameter hears the progress."""

    def __init__(self) -> None:
        self._words = Words()
        self._recogniser = Recogniser()
        self._matcher: SensitiveMatcher | None = None
        self._matched: tuple[SensitiveWord, ...] = ()

    def open(self, path: Path, tell: Tell) -> tuple[Document, list[Node]]:
        """The document and its outline."""
        document = extract_file(path, tell=tell)
        return document, outline(document)

    def words_of(self, data: bytes, name: str, most: int, tell: Tell) -> FileWords:
        """The words of a file that lies nowhere in clear, for the index."""
        return read_words(data, name, most)

    def picture(self, path: Path, tell: Tell) -> bytes:
        """A picture file as a model is given it."""
        if path.stat().st_size > LARGEST:
            raise DocumentTooLarge("图片太大，没有读取。")
        return for_model(path.read_bytes())

    def summarise(self, document: Document, variant: int, tell: Tell) -> tuple[Summary, list[Keyword]]:
        return summarise(document, self._words, variant=variant), keywords(document, self._words, 10)

    def mind_map(self, document: Document, variant: int, tell: Tell) -> Node:
        return mind_map(document, self._words, variant=variant)

    def ask(self, question: str, documents: Mapping[str, Document], tell: Tell) -> Answer:
        return ask_documents(question, documents, self._words)

    def sources(self, question: str, documents: Mapping[str, Document], tell: Tell) -> list[Source]:
        """The passages that a model is given."""
        return sources_for_model(question, documents, self._words)

    def terms(self, question: str, tell: Tell) -> list[list[str]]:
        """The words of a question, each with what means the same."""
        query = read_query(question, self._words, Synonyms.starting())
        return [list(group) for group in query.groups]

    def rewrite(self, question: str, before: Sequence[str], tell: Tell) -> Rewritten:
        """The question as it is looked for, after the questions before it."""
        return rewrite(question, self._words, before=before)

    def intent(
        self, line: str, before: str, places: Sequence[str], chats: Sequence[str], tell: Tell
    ) -> Intent:
        """Whether a line is to find, to do or to ask (3.2.6.5.1)."""
        return read_intent(line, self._words, before=before, places=places, chats=chats)

    def sensitive(self, document: Document, words: Sequence[SensitiveWord], tell: Tell) -> list[Hit]:
        """Hits of the list, and personal data as a kind of its own, in the order of the text."""
        if self._matcher is None or self._matched != tuple(words):
            self._matcher, self._matched = SensitiveMatcher(words), tuple(words)
        text = document.text
        found = self._matcher.scan(text)
        for one in find_personal(text):
            word = SensitiveWord(one.what, KIND, "确认是否需要隐去")
            found.append(Hit(word, one.start, one.end, text[one.start : one.end], Manner.EXACT))
        return sorted(found, key=lambda hit: hit.start)

    def proofread(self, document: Document, material: Document | None, tell: Tell) -> Report:
        return proofread(document, material=material, tell=tell)

    def elements(self, document: Document, tell: Tell) -> list[Element]:
        return elements(document, self._words)

    def receive(self, path: Path, today: date, right: int, tell: Tell) -> Registration:
        return receive(path, today=today, recogniser=self._recogniser, tell=tell, right=right)

    def minutes(self, path: Path, day: date, tell: Tell) -> tuple[Transcript, Minutes]:
        """`day` is taken where the transcript names none."""
        transcript = read_transcript(path)
        return transcript, digest(transcript, self._words, day=meeting_day(transcript, day))

    def digest(self, transcript: Transcript, day: date, tell: Tell) -> Minutes:
        """Of a transcript that speech recognition gave."""
        return digest(transcript, self._words, day=meeting_day(transcript, day))

    def export_marked(
        self, document: Document, findings: Sequence[Finding], original: Path | None, tell: Tell
    ) -> bytes:
        return export_marked(document, findings, _docx(document, original))

    def export_corrected(
        self, document: Document, findings: Sequence[Finding], original: Path | None, tell: Tell
    ) -> bytes:
        return export_corrected(document, findings, _docx(document, original))

    def export_minutes(self, minutes: Minutes, tell: Tell) -> bytes:
        return as_docx(minutes)


def _docx(document: Document, original: Path | None) -> bytes | None:
    """The original's bytes where it is a docx that is still there."""
    if document.format != "docx" or original is None or original.suffix.lower() != ".docx":
        return None
    try:
        return original.read_bytes()
    except OSError:
        return None
