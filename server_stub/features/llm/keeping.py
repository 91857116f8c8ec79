"""Settings of the assistant in the database: policy, words, providers, quotas."""

import time
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.llm import (
    MOST_REPLIES,
    MOST_STARTERS,
    REPLY_LONGEST,
    STARTER_LONGEST,
    WORD_LONGEST,
    AssistantPolicy,
    KindReply,
    ProviderKind,
    ProviderSetting,
    Quota,
    QuotaSubject,
    SensitiveEntry,
)
from server_stub.features.directory.tables import persons, units

from .tables import llm_providers, llm_quotas, llm_settings

POLICY, WORDS, PROVIDERS = "policy", "words", "providers"
MOST_PROVIDERS, MOST_QUOTAS = 50, 2000


@dataclass(frozen=True)
class KeptProvider:
    """A row of the table."""

    id: str
    setting: ProviderSetting
    sealed_key: bytes


def versions(connection: Connection) -> tuple[int, int, int]:
    """Of policy, words and providers; together they tell whether anything changed."""
    found = {
        row.name: int(row.version)
        for row in connection.execute(select(llm_settings.c.name, llm_settings.c.version))
    }
    return found.get(POLICY, 0), found.get(WORDS, 0), found.get(PROVIDERS, 0)


def read_policy(connection: Connection) -> AssistantPolicy:
    """The policy in force."""
    value = _value(connection, POLICY)
    return msgspec.json.decode(value, type=AssistantPolicy) if value else AssistantPolicy()


def read_words(connection: Connection) -> list[SensitiveEntry]:
    """The list in force; empty at first."""
    value = _value(connection, WORDS)
    return msgspec.json.decode(value, type=list[SensitiveEntry]) if value else []


def read_providers(connection: Connection) -> list[KeptProvider]:
    """In the order in which they are asked."""
    rows = [
        KeptProvider(row.id, msgspec.json.decode(row.setting, type=ProviderSetting), bytes(row.sealed_key))
        for row in connection.execute(select(llm_providers))
    ]
    return sorted(rows, key=lambda row: (row.setting.priority, row.setting.name, row.id))


def put_policy(connection: Connection, wanted: AssistantPolicy, by: str) -> None:
    """Replace the policy. Raises BAD_REQUEST."""
    for name, text in (("提问", wanted.question_reply), ("回答", wanted.answer_reply)):
        if not text.strip() or len(text) > REPLY_LONGEST:
            raise _bad(f"请填写敏感{name}的固定回复，不超过 {REPLY_LONGEST} 字。")
    if not 16 <= wanted.longest_answer <= 32_768:
        raise _bad("回答最长须在 16 到 32768 个 token 之间。")
    if not 0 <= wanted.requests_per_minute <= 10_000:
        raise _bad("每分钟提问次数须在 0（不限）到 10000 之间。")
    starters = wanted.starters
    if len(starters) > MOST_STARTERS or any(
        not one.strip() or len(one) > STARTER_LONGEST for one in starters
    ):
        raise _bad(f"推荐问题最多 {MOST_STARTERS} 个，每个不超过 {STARTER_LONGEST} 字。")
    _check_replies(wanted.replies)
    _put(connection, POLICY, msgspec.json.encode(wanted).decode(), by)


def _check_replies(replies: list[KindReply]) -> None:
    kinds = [one.kind for one in replies]
    if len(kinds) > MOST_REPLIES or len(set(kinds)) != len(kinds):
        raise _bad(f"每个类别只能有一条回复，最多 {MOST_REPLIES} 条。")
    for one in replies:
        if not one.kind.strip() or one.kind != one.kind.strip() or len(one.kind) > WORD_LONGEST:
            raise _bad(f"请填写回复所属的类别，不超过 {WORD_LONGEST} 字。")
        texts = [text for text in (one.question, one.answer) if text]
        if not texts or any(not text.strip() or len(text) > REPLY_LONGEST for text in texts):
            raise _bad(f"请填写类别“{one.kind}”的提问或回答的固定回复，不超过 {REPLY_LONGEST} 字。")


def put_words(connection: Connection, words: list[SensitiveEntry], version: int, by: str) -> None:
    """Replace the list. Raises CONFLICT when somebody else has since `version`."""
    if versions(connection)[1] != version:
        raise ApiError(ErrorCode.CONFLICT, message="敏感词表已被他人更改，请刷新后重试。")
    _put(connection, WORDS, msgspec.json.encode(words).decode(), by)


def put_provider(
    connection: Connection, provider_id: str, wanted: ProviderSetting, sealed: bytes | None, by: str
) -> str:
    """Make (with an empty id) or replace a provider; `sealed` None keeps its key. Returns its id."""
    value = msgspec.json.encode(msgspec.structs.replace(wanted, api_key=None)).decode()
    if not provider_id:
        if len(read_providers(connection)) >= MOST_PROVIDERS:
            raise _bad(f"最多 {MOST_PROVIDERS} 个模型服务。")
        provider_id = uuid7()
        connection.execute(
            insert(llm_providers).values(id=provider_id, setting=value, sealed_key=sealed or b"")
        )
    else:
        changed: dict[str, Any] = {"setting": value}
        if sealed is not None:
            changed["sealed_key"] = sealed
        here = llm_providers.c.id == provider_id
        if connection.execute(update(llm_providers).where(here).values(**changed)).rowcount == 0:
            raise ApiError(ErrorCode.NOT_FOUND, message="这个模型服务已不存在。")
    _put(connection, PROVIDERS, "", by)
    return provider_id


def drop_provider(connection: Connection, provider_id: str, by: str) -> None:
    """Forget a provider. Raises NOT_FOUND."""
    if connection.execute(delete(llm_providers).where(llm_providers.c.id == provider_id)).rowcount == 0:
        raise ApiError(ErrorCode.NOT_FOUND, message="这个模型服务已不存在。")
    _put(connection, PROVIDERS, "", by)


def check_provider(wanted: ProviderSetting) -> None:
    """Raises BAD_REQUEST with a sentence for the administrator."""
    if not wanted.name.strip() or len(wanted.name) > 40:
        raise _bad("请填写名称，不超过 40 字。")
    names = [*wanted.models, *wanted.embedding_models]
    if not names or len(names) > 50 or any(not name.strip() or len(name) > 80 for name in names):
        raise _bad("请填写 1 到 50 个模型名称，每个不超过 80 字。")
    if wanted.kind is ProviderKind.OPENAI:
        if not wanted.address.startswith(("http://", "https://")) or len(wanted.address) > 300:
            raise _bad("地址须以 http:// 或 https:// 开头，写到 /v1 为止。")
    elif not wanted.address.endswith(".gguf") or "/" in wanted.address or "\\" in wanted.address:
        raise _bad("请填写服务器 models 文件夹里的文件名，以 .gguf 结尾。")
    elif wanted.vision:
        raise _bad("服务器上的 GGUF 文件不能查看图片。")
    if wanted.api_key is not None and (len(wanted.api_key) > 400 or not wanted.api_key.isascii()):
        raise _bad("密钥不正确。")
    if not (1 <= wanted.first_token_s <= 600 and 1 <= wanted.between_tokens_s <= 600):
        raise _bad("等待时间须在 1 到 600 秒之间。")
    if not 0 <= wanted.retries <= 5 or not -1000 <= wanted.priority <= 1000:
        raise _bad("重试次数须在 0 到 5 之间，次序须在 -1000 到 1000 之间。")


def put_quotas(connection: Connection, wanted: list[Quota]) -> None:
    """Replace all rows. Raises BAD_REQUEST, NOT_FOUND."""
    if len(wanted) > MOST_QUOTAS:
        raise _bad(f"最多 {MOST_QUOTAS} 条配额。")
    keys = [(one.subject, one.subject_id) for one in wanted]
    if len(set(keys)) != len(keys):
        raise _bad("同一对象只能有一条配额。")
    for one in wanted:
        if (one.subject is QuotaSubject.EVERYONE) is bool(one.subject_id):
            raise _bad("请选择单位或人员。")
        if not 0 <= one.tokens_per_day <= 10**12:
            raise _bad("每日额度须在 0 到 1 万亿之间。")
    for subject, table in ((QuotaSubject.UNIT, units), (QuotaSubject.PERSON, persons)):
        ids = {one.subject_id for one in wanted if one.subject is subject}
        if ids - set(connection.scalars(select(table.c.id).where(table.c.id.in_(list(ids))))):
            raise ApiError(ErrorCode.NOT_FOUND, message="所选单位或人员已不存在，请刷新后重试。")
    connection.execute(delete(llm_quotas))
    for one in wanted:
        connection.execute(
            insert(llm_quotas).values(
                subject=one.subject.value, subject_id=one.subject_id, tokens_per_day=one.tokens_per_day
            )
        )


def _bad(text: str) -> ApiError:
    return ApiError(ErrorCode.BAD_REQUEST, message=text)


def _value(connection: Connection, name: str) -> str:
    return connection.scalar(select(llm_settings.c.value).where(llm_settings.c.name == name)) or ""


def _put(connection: Connection, name: str, value: str, by: str) -> None:
    values = {"value": value, "changed_by": by, "changed_at": int(time.time() * 1000)}
    here = llm_settings.c.name == name
    raised = update(llm_settings).where(here).values(version=llm_settings.c.version + 1, **values)
    if connection.execute(raised).rowcount == 0:
        connection.execute(insert(llm_settings).values(name=name, version=1, **values))
