"""The assistant's stand-ins: a model that writes a fixed text word by word, messages of an invented office, talks in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

import msgspec

from app.features.assistant.engine import OfflineEngine
from app.features.assistant.library import Readable
from app.features.assistant.ports import Addressee, Asker
from app.features.assistant.service import AssistantService
from app.session.assistant import AssistantCalls, Heard
from app.session.knowledge import KnowledgeCalls
from app.store.queries.assistant import Talk, Turn, place_of
from app.store.queries.found_pictures import PictureShown
from offline_ai.retrieval.intent import Deed
from server_stub.contract.knowledge import KnowledgeBase, KnowledgeBases, KnowledgeDocument, Viewer
from server_stub.contract.llm import (
    AssistantPolicy,
    AssistantSetup,
    ChatRequest,
    Feedback,
    ModelUse,
    Provider,
    ProviderKind,
    Providers,
    ProviderState,
    Quota,
    Quotas,
    QuotaSubject,
    SensitiveEntry,
    Usage,
    UsageSpan,
    UseKind,
    WordList,
)
from server_stub.contract.permissions import Subject
from widgets.controls import AvatarSpec
from widgets.lists import PeopleItem, PersonItem, SectionItem

from .chats import sample_picture
from .documents_service import InlineEngine

ANSWER = """本周五上午召开全市防汛工作调度会[1]，安排如下：

| 时间 | 事项 | 责任单位 |
|---|---|---|
| 8:30 | 签到、试线 | 市政府办公室 |
| 9:00 | 通报雨情水情 | 市水利局 |
| 10:00 | 部署值守和物资 | 市应急管理局 |

**需要准备**

1. 各区县于周四 17:00 前报送参会名单；
2. 准备书面材料，用 `汇报-单位名称.docx` 命名。

```text
报送邮箱：fxdd@example.gov.cn
```
"""
MESSAGES = (
    Readable(
        "m/c-flood/128",
        "防汛值守工作群 2026-11-23",
        "各单位：本周五（11月27日）上午9:00在市政府第一会议室召开全市防汛工作调度会，请分管负责同志参加，"
        "8:30前到场签到。参会名单请于周四17:00前报市政府办公室，联系人王建国，电话0371-67180001。",
    ),
    Readable(
        "m/c-flood/131",
        "防汛值守工作群 2026-11-23",
        "抽水泵车由市水利局负责调度，共有32台，其中12台在城东仓库备勤，11月26日前完成检修。",
    ),
    Readable(
        "m/c-office/77",
        "市政府办公室秘书一处 2026-11-20",
        "请各处室于11月30日前完成年度公文归档，由秘书一处负责汇总，纸质件送档案室。",
    ),
)

PICTURES = {"m/c-flood/132#tunnel": "二七路隧道抽水现场.jpg", "m/c-flood/133#pumps": "城东仓库抽水泵车.jpg"}


class ShowcaseServer:
    """See ports.Server. `gate`: the model waits for it after its first words, where it is set."""

    def __init__(self, answer: str = ANSWER, models: Sequence[str] = ("政务大模型-32B",)) -> None:
        self.answer, self.models = answer, list(models)
        self.words: list[tuple[str, str]] = []
        self.seeing: list[str] = []
        self.policy = AssistantPolicy()
        self.asked: list[ChatRequest] = []
        self.uses: list[UseKind] = []
        self.votes: list[Feedback] = []
        self.gate: asyncio.Event | None = None
        self.stopped = False
        self.failure: Exception | None = None

    async def setup(self) -> AssistantSetup:
        if self.failure is not None:
            raise self.failure
        words = [SensitiveEntry(text=text, kind=kind) for text, kind in self.words]
        return AssistantSetup(policy=self.policy, models=self.models, words=words, vision_models=self.seeing)

    async def used(self, kind: UseKind) -> None:
        self.uses.append(kind)

    async def feedback(self, wanted: Feedback) -> None:
        self.votes.append(wanted)

    async def chat(self, wanted: ChatRequest) -> AsyncIterator[Heard]:
        self.asked.append(wanted)
        ended = False
        try:
            for at in range(0, len(self.answer), 8):
                yield Heard(text=self.answer[at : at + 8])
                await asyncio.sleep(0)
                if self.gate is not None and at >= 16:
                    await self.gate.wait()
            ended = True
        finally:
            self.stopped = not ended


class MemoryHistory:
    """See ports.History."""

    def __init__(self) -> None:
        self.kept: dict[str, Turn] = {}
        self.titles: dict[str, str] = {}
        self.setup: AssistantSetup | None = None

    async def talks(self, text: str = "") -> list[Talk]:
        made = [
            Talk(
                id=id_,
                title=title,
                changed_at=max((one.at for one in self._of(id_)), default=0),
                turns=len(self._of(id_)),
            )
            for id_, title in self.titles.items()
            if text in title or any(text in one.question + one.answer for one in self._of(id_))
        ]
        return sorted(made, key=lambda one: -one.changed_at)

    def _of(self, talk_id: str) -> list[Turn]:
        found = [one for one in self.kept.values() if one.talk_id == talk_id]
        return sorted(found, key=lambda one: (one.at, one.id))

    async def turns(self, talk_id: str) -> list[Turn]:
        return self._of(talk_id)

    async def put(self, turn: Turn, title: str) -> None:
        self.kept[turn.id] = turn
        self.titles.setdefault(turn.talk_id, title)

    async def vote(self, turn_id: str, value: int, reason: str) -> None:
        self.kept[turn_id] = msgspec.structs.replace(self.kept[turn_id], vote=value, reason=reason)

    async def rename(self, talk_id: str, title: str) -> None:
        self.titles[talk_id] = title

    async def remove_turn(self, turn_id: str) -> None:
        gone = self.kept.pop(turn_id)
        if not self._of(gone.talk_id):
            self.titles.pop(gone.talk_id, None)

    async def remove_talk(self, talk_id: str) -> None:
        for one in self._of(talk_id):
            del self.kept[one.id]
        self.titles.pop(talk_id, None)

    async def remember(self, setup: AssistantSetup | None) -> None:
        self.setup = setup

    async def remembered(self) -> AssistantSetup | None:
        return self.setup


class MemoryLibrary:
    """See library.Library; `hidden` keys are not to be seen."""

    def __init__(self, messages: Sequence[Readable] = MESSAGES) -> None:
        self.messages = list(messages)
        self.hidden: set[str] = set()

    async def find(self, terms: Sequence[Sequence[str]]) -> list[Readable]:
        words = {word for group in terms for word in group}
        return [
            one
            for one in self.messages
            if one.key not in self.hidden and any(word in one.text for word in words)
        ]

    async def read(self, key: str) -> Readable | None:
        return next((one for one in self.messages if one.key == key and key not in self.hidden), None)

    async def pictures(self, terms: Sequence[Sequence[str]], sources: Sequence[str]) -> list[str]:
        words = {word for group in terms for word in group}
        return [key for key, name in PICTURES.items() if any(word in name for word in words)]

    async def picture(self, key: str) -> PictureShown | None:
        place = place_of(key)
        if place is None or key in self.hidden:
            return None
        return PictureShown(key, PICTURES[key], *place, sample_picture(320, 214))


def showcase_assistant(server: ShowcaseServer | None = None) -> AssistantService:
    """The service with all of them."""
    return AssistantService(
        server or ShowcaseServer(),
        MemoryHistory(),
        MemoryLibrary(),
        OfflineEngine(InlineEngine()),
        Asker("李强", "中原区政府办", "13800003721", "副主任", "郑州市/中原区/中原区政府办"),
    )


class ShowcaseAdmin(AssistantCalls):
    """The console's calls with invented answers; what is saved is shown again."""

    def __init__(self) -> None:
        self._policy = AssistantPolicy()
        self._words = WordList(
            version=3,
            words=[
                SensitiveEntry(text="绝密词", kind="涉密", note="一律不答"),
                SensitiveEntry(text="内部口令", kind="涉密"),
                SensitiveEntry(text="VPN", kind="违规工具", note="写作：专用网络"),
            ],
        )
        self._quotas = Quotas(
            quotas=[
                Quota(subject=QuotaSubject.EVERYONE, tokens_per_day=100_000),
                Quota(subject=QuotaSubject.UNIT, subject_id="u-emg", name="市应急管理局", tokens_per_day=2_000_000, used_today=381_204),
                Quota(subject=QuotaSubject.PERSON, subject_id="p-li", name="李强", tokens_per_day=500_000, used_today=12_480),
            ]
        )  # fmt: skip
        self._providers = Providers(
            providers=[
                Provider(
                    id="1", name="政务云大模型", kind=ProviderKind.OPENAI, address="http://10.12.0.8:8000/v1",
                    has_key=True, models=["政务大模型-32B"], embedding_models=["bge-m3"], state=ProviderState.GOOD,
                ),
                Provider(
                    id="2", name="备用机", kind=ProviderKind.OPENAI, address="http://10.12.0.9:8000/v1", priority=1,
                    models=["政务大模型-32B"], state=ProviderState.OPEN, problem="无法连接模型服务。",
                ),
            ]
        )  # fmt: skip

    async def policy(self) -> AssistantPolicy:
        return self._policy

    async def set_policy(self, wanted: AssistantPolicy) -> None:
        self._policy = wanted

    async def words(self) -> WordList:
        return self._words

    async def set_words(self, wanted: WordList) -> WordList:
        self._words = WordList(version=wanted.version + 1, words=wanted.words)
        return self._words

    async def providers(self) -> Providers:
        return self._providers

    async def quotas(self) -> Quotas:
        return self._quotas

    async def usage(self) -> Usage:
        def span(day: date, number: int, scale: int) -> UsageSpan:
            people = (17 + number * 7 % 23) * scale
            return UsageSpan(
                begins=day.isoformat(), people=people, requests=people * 4, local=people * 2,
                blocked=number % 3, prompt_tokens=people * 3100, completion_tokens=people * 900,
            )  # fmt: skip

        today = date(2026, 11, 24)
        monday = today - timedelta(days=today.weekday())
        return Usage(
            days=[span(today - timedelta(days=29 - n), n, 1) for n in range(30)],
            weeks=[span(monday - timedelta(weeks=11 - n), n, 3) for n in range(12)],
            months=[span(date(2025 + (11 + n) // 12, (11 + n) % 12 + 1, 1), n, 6) for n in range(12)],
            models=[ModelUse(model="政务大模型-32B", requests=2412, tokens=3_918_220)],
            up=214,
            down=9,
            reasons=["不准确：时间写错", "来源不对"],
        )


class ShowcaseKnowledge(KnowledgeCalls):
    """Two invented knowledge bases."""

    def __init__(self) -> None:
        return

    async def bases(self) -> KnowledgeBases:
        def document(number: int, name: str, characters: int) -> KnowledgeDocument:
            at = 1_764_000_000_000 + number * 86_400_000
            return KnowledgeDocument(id=f"d{number}", name=name, characters=characters, added_at=at)

        return KnowledgeBases(
            bases=[
                KnowledgeBase(
                    id="1",
                    name="公文写作规范",
                    viewers=[Viewer(subject=Subject.EVERYONE)],
                    documents=[
                        document(1, "党政机关公文处理工作条例.docx", 8_420),
                        document(2, "公文格式 GBT9704-2012.pdf", 12_310),
                    ],
                ),
                KnowledgeBase(
                    id="2",
                    name="防汛预案与物资",
                    viewers=[
                        Viewer(subject=Subject.UNIT, subject_id="u-emg", name="市应急管理局"),
                        Viewer(subject=Subject.PERSON, subject_id="p-li", name="李强"),
                    ],
                    documents=[document(3, "防汛应急预案（2026年修订）.docx", 23_981)],
                ),
            ]
        )


class ShowcaseDoing:
    """See ports.Doing: an invented office; what was agreed to is kept in `done`, what was opened in `opened`."""

    def __init__(self) -> None:
        self.done: list[tuple[Deed, Addressee | None]] = []
        self.opened: list[str] = []
        self.sought: list[str] = []
        self.failure: Exception | None = None
        self.place = ""

    def where(self) -> str:
        return self.place

    async def known(self) -> tuple[Sequence[str], Sequence[str]]:
        return ("消息", "通讯录", "会议", "公文", "设置"), ("防汛值守工作群",)

    async def find(self, text: str) -> Sequence[PeopleItem]:
        if "值班表" not in text and "王" not in text:
            return []
        return [
            SectionItem("联系人"),
            PersonItem(
                "person p-wang 0", "王建国", "市水利局防汛抗旱处 · 处长", AvatarSpec("王建国", "p-wang")
            ),
            SectionItem("聊天记录"),
            PersonItem(
                "chat c-flood 128",
                "防汛值守工作群",
                "值班表已更新，请各单位核对",
                AvatarSpec("防汛值守工作群", "c-flood"),
                tag="11月23日",
            ),
            SectionItem("文件"),
            PersonItem(
                "file c-flood 130 0",
                "防汛值班表（11月）.xlsx",
                "防汛值守工作群",
                AvatarSpec("防汛值班表", "office", icon="file"),
                tag="11月23日",
            ),
        ]

    def open_row(self, item_id: str) -> None:
        self.opened.append(item_id)

    def search(self, text: str) -> None:
        self.sought.append(text)

    async def addressees(self, name: str) -> Sequence[Addressee]:
        if name == "王建国":
            return [
                Addressee("p-wang", "王建国", "市水利局防汛抗旱处 处长"),
                Addressee("p-wang2", "王建国", "二七区应急管理局 科员"),
            ]
        if name == "防汛值守工作群":
            return [Addressee("c-flood", name, "群聊，36 人", conversation=True)]
        return []

    async def do(self, deed: Deed, addressee: Addressee | None) -> str:
        if self.failure is not None:
            raise self.failure
        self.done.append((deed, addressee))
        return f"已发给“{addressee.name}”。" if addressee is not None else f"已打开“{deed.target}”。"
