"""The assistant on the wire: the OpenAI-compatible calls below /v1, and what clients and administrators ask besides."""

from enum import StrEnum

import msgspec

from .wire import Request, Wire

MOST_WORDS = 20_000
WORD_LONGEST = 40
STARTERS = ("最近有哪些通知？", "近期的会议安排在什么时候？", "有哪些事情要在本周完成？")
REPLY_LONGEST = 400
MOST_REPLIES = 100
MOST_PICTURES, PICTURE_BYTES = 6, 2 * 1024 * 1024
"""In one request, and of each."""
MOST_STARTERS, STARTER_LONGEST = 8, 60
HELD = "held"
"""Server-sent comment `: held N`: N characters are written and wait for the check."""
THINKING = "thinking"
"""Server-sent comment: the model thinks; what it thinks is not passed on."""
EXTENSION = "zd"
"""Field of a chunk with what OpenAI's form has no place for: {"replace": text} takes back everything shown so far."""


# The OpenAI form. Unknown fields are ignored, as its clients send many; what would change the answer is refused.


class ImageUrl(Wire, frozen=True, kw_only=True):
    """A picture inside the request; addresses elsewhere are refused."""

    url: str
    """data:image/png;base64,…"""


class ContentPart(Wire, frozen=True, kw_only=True):
    """`type`: text or image_url."""

    type: str
    text: str = ""
    image_url: ImageUrl | None = None


class ChatMessage(Wire, frozen=True, kw_only=True):
    """`role`: system, user or assistant."""

    role: str
    content: str | list[ContentPart] | None = None


class StreamOptions(Wire, frozen=True, kw_only=True):
    """`include_usage`: a last chunk with the tokens."""

    include_usage: bool | None = False


class Named(Wire, frozen=True, kw_only=True):
    """Something of which only the type is looked at."""

    type: str = ""


class ChatRequest(Wire, frozen=True, kw_only=True):
    """POST /v1/chat/completions."""

    model: str
    messages: list[ChatMessage]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    n: int | None = None
    tools: list[Named] | None = None
    response_format: Named | None = None


class EmbeddingsRequest(Wire, frozen=True, kw_only=True):
    """POST /v1/embeddings."""

    model: str
    input: str | list[str]
    encoding_format: str | None = None
    """float or base64."""
    dimensions: int | None = None


# What the client asks.


class SensitiveEntry(Wire, frozen=True, kw_only=True):
    """A forbidden word. As a table: 词语,类别,说明 with a head line, comma or tab between (offline_ai reads the same)."""

    text: str
    kind: str = "其他"
    note: str = ""


class AnswerCheck(StrEnum):
    """How an answer is checked before it is shown."""

    WHOLE = "whole"
    """整篇核验: nothing is shown before all of it is known to be good."""
    SENTENCES = "sentences"
    """逐句核验: sentence by sentence; what was shown is taken back at a forbidden word."""


class KindReply(Request, frozen=True, kw_only=True):
    """Fixed replies of one kind of words; an empty one leaves it to the general reply."""

    kind: str
    question: str = ""
    answer: str = ""


class AssistantPolicy(Request, frozen=True, kw_only=True):
    """What administrators decide. Sent back whole to change it."""

    question_reply: str = "您的提问涉及敏感内容，无法回答。"
    answer_reply: str = "相关内容无法显示。"
    replies: list[KindReply] = []
    """For single kinds of words instead of the two above."""
    check: AnswerCheck = AnswerCheck.WHOLE
    longest_answer: int = 2048
    """Tokens."""
    requests_per_minute: int = 20
    """Each person's; 0: no limit."""
    starters: list[str] = msgspec.field(default_factory=lambda: list(STARTERS))
    """Suggested questions at the start."""

    def reply_to_question(self, kind: str) -> str:
        """What is shown, byte for byte, for a question with a word of a kind."""
        return next(
            (one.question for one in self.replies if one.kind == kind and one.question), self.question_reply
        )

    def reply_to_answer(self, kind: str) -> str:
        """The same for an answer."""
        return next(
            (one.answer for one in self.replies if one.kind == kind and one.answer), self.answer_reply
        )


class AssistantSetup(Wire, frozen=True, kw_only=True):
    """GET /api/v1/assistant: what the caller's client needs. `models`: empty without a provider."""

    policy: AssistantPolicy
    models: list[str]
    words: list[SensitiveEntry]
    words_version: int = 0
    vision_models: list[str] = []
    """Those of `models` that may be given pictures."""


class UseKind(StrEnum):
    """What the client did without the server."""

    LOCAL_ANSWER = "local_answer"
    QUESTION_BLOCKED = "question_blocked"
    ANSWER_BLOCKED = "answer_blocked"


class AssistantUse(Request, frozen=True, kw_only=True):
    """POST /api/v1/assistant/uses: counted like an answer of the server; never what was asked."""

    kind: UseKind


class Feedback(Request, frozen=True, kw_only=True):
    """POST /api/v1/assistant/feedback: 赞 or 踩 of one answer, replaced when given again; `up` None takes it back."""

    answer_id: str
    up: bool | None
    reason: str = ""
    model: str = ""
    """Empty: by rules and excerpts."""


# Administration.


class ProviderKind(StrEnum):
    """Where a model runs."""

    OPENAI = "openai"
    """An OpenAI-compatible server (vLLM, DeepSeek, Qwen …)."""
    GGUF = "gguf"
    """A file in the folder models of the server's data, through llama-cpp-python."""


class ProviderSetting(Request, frozen=True, kw_only=True):
    """A provider as administrators write it. `api_key` None keeps the one that is there."""

    name: str
    kind: ProviderKind = ProviderKind.OPENAI
    address: str
    """Of the server up to /v1, or the name of the GGUF file."""
    api_key: str | None = None
    models: list[str]
    """Names under which the models are known, here and there."""
    embedding_models: list[str] = []
    vision: bool = False
    """Whether its chat models understand pictures."""
    enabled: bool = True
    priority: int = 0
    """Of two that have a model the lower is asked first."""
    first_token_s: int = 60
    between_tokens_s: int = 30
    retries: int = 2


class ProviderState(StrEnum):
    """Of the circuit breaker."""

    GOOD = "good"
    FAILING = "failing"
    """Failed last time."""
    OPEN = "open"
    """Not asked for a while."""
    UNKNOWN = "unknown"
    MISSING = "missing"
    """The local engine is not installed, or the file is not there."""


class Provider(Wire, frozen=True, kw_only=True):
    """A provider with its health in this server process. The key is never sent back."""

    id: str
    name: str
    kind: ProviderKind
    address: str
    has_key: bool = False
    models: list[str]
    embedding_models: list[str] = []
    vision: bool = False
    enabled: bool = True
    priority: int = 0
    first_token_s: int = 60
    between_tokens_s: int = 30
    retries: int = 2
    state: ProviderState = ProviderState.UNKNOWN
    problem: str = ""
    """The last failure, in Chinese."""
    checked_at: int = 0
    """Unix ms of the last answer or failure."""


class Providers(Wire, frozen=True, kw_only=True):
    """In the order in which they are asked. `local_engine`: whether GGUF files can run here."""

    providers: list[Provider]
    local_engine: bool = False


class WordList(Request, frozen=True, kw_only=True):
    """All forbidden words; `version` as read, so that two administrators do not overwrite one another."""

    version: int
    words: list[SensitiveEntry]


class WordTest(Request, frozen=True, kw_only=True):
    """The test box."""

    text: str


class WordHit(Wire, frozen=True, kw_only=True):
    """A word at text[start:end], written as `found`; `manner`: 原词, 变形, 拼音 or 疑似谐音."""

    word: SensitiveEntry
    start: int
    end: int
    found: str
    manner: str = ""


class WordHits(Wire, frozen=True, kw_only=True):
    """In the order of the text."""

    hits: list[WordHit]


class QuotaSubject(StrEnum):
    """Whose tokens of a day are limited."""

    EVERYONE = "everyone"
    """Each person's, where there is no row of his own."""
    UNIT = "unit"
    """Of all people in and below a unit together."""
    PERSON = "person"


class Quota(Request, frozen=True, kw_only=True):
    """`tokens_per_day` 0: none at all. `name` is for the eye and not read."""

    subject: QuotaSubject
    subject_id: str = ""
    tokens_per_day: int
    name: str = ""
    used_today: int = 0


class Quotas(Request, frozen=True, kw_only=True):
    """All rows; what is not there is not limited."""

    quotas: list[Quota]


class UsageSpan(Wire, frozen=True, kw_only=True):
    """`begins`: first day, ISO. `people` are distinct."""

    begins: str
    people: int = 0
    requests: int = 0
    local: int = 0
    blocked: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class ModelUse(Wire, frozen=True, kw_only=True):
    """What a model answered in the time asked for."""

    model: str
    requests: int
    tokens: int


class Usage(Wire, frozen=True, kw_only=True):
    """Newest last; weeks begin on Monday."""

    days: list[UsageSpan]
    weeks: list[UsageSpan]
    months: list[UsageSpan]
    models: list[ModelUse]
    up: int = 0
    down: int = 0
    reasons: list[str] = []
    """Of thumbs down, newest first."""
