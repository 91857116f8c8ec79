"""Knowledge bases on the wire: what administrators put in, and what the assistant of a person may read of it."""

from .permissions import Subject
from .wire import Request, Wire

MOST_BASES, MOST_VIEWERS = 200, 500
MOST_DOCUMENTS = 5000
TEXT_LONGEST = 400_000
MOST_CHARACTERS = 20_000_000
"""Of all documents together: every server process holds them opened."""
NAME_LONGEST = 80
MOST_GROUPS, MOST_WORDS_EACH, QUERY_WORD_LONGEST = 12, 8, 40
MOST_PASSAGES = 40
QUESTION_LONGEST = 4000
MOST_IDS = 1000


class Viewer(Request, frozen=True, kw_only=True):
    """Who may see a base: everyone, a unit with all below it, or a person. `name` is for the eye and not read."""

    subject: Subject
    subject_id: str = ""
    name: str = ""


class BaseSetting(Request, frozen=True, kw_only=True):
    """A base as administrators write it. Without viewers nobody sees it."""

    name: str
    viewers: list[Viewer] = []


class KnowledgeDocument(Wire, frozen=True, kw_only=True):
    """A document without its text."""

    id: str
    name: str
    characters: int
    added_at: int
    """Unix ms."""


class KnowledgeBase(Wire, frozen=True, kw_only=True):
    """A base for administrators."""

    id: str
    name: str
    viewers: list[Viewer] = []
    documents: list[KnowledgeDocument] = []


class KnowledgeBases(Wire, frozen=True, kw_only=True):
    """All of them, by name."""

    bases: list[KnowledgeBase]


class NewDocument(Request, frozen=True, kw_only=True):
    """A document's text as the console has read it: one paragraph a line, no blank lines. One of the same name is replaced."""

    name: str
    text: str


class KnowledgeQuery(Request, frozen=True, kw_only=True):
    """The words of a question, each with what means the same."""

    groups: list[list[str]]
    question: str = ""
    """The question itself, for the embedding model; empty: by words alone."""


class KnowledgePassage(Wire, frozen=True, kw_only=True):
    """`text` begins at character `start` of the document."""

    document_id: str
    title: str
    base: str
    start: int
    text: str


class KnowledgePassages(Wire, frozen=True, kw_only=True):
    """The fitting ones first; of bases that the caller may see now, and of no others."""

    passages: list[KnowledgePassage]


class KnowledgeIds(Request, frozen=True, kw_only=True):
    """Documents that are asked about."""

    ids: list[str]


class KnowledgeVisible(Wire, frozen=True, kw_only=True):
    """Those of them that the caller may see now."""

    ids: list[str]


class KnowledgeText(Wire, frozen=True, kw_only=True):
    """A document whole."""

    id: str
    title: str
    base: str
    text: str
