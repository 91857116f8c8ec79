"""The assistant's stand-ins: a model that writes a fixed text word by word, messages of an invented office, talks in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec

from app.features.assistant.engine import OfflineEngine
from app.features.assistant.library import Readable
from app.features.assistant.ports import Asker
from app.features.assistant.service import AssistantService
from app.session.assistant import Heard
from app.store.queries.assistant import Talk, Turn
from server_stub.contract.llm import AssistantPolicy, AssistantSetup, ChatRequest, Feedback, UseKind

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


class ShowcaseServer:
    """See ports.Server. `gate`: the model waits for it after its first words, where it is set."""

    def __init__(self, answer: str = ANSWER, models: Sequence[str] = ("政务大模型-32B",)) -> None:
        self.answer, self.models = answer, list(models)
        self.words: list[tuple[str, str]] = []
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
        from server_stub.contract.llm import SensitiveEntry

        words = [SensitiveEntry(text=text, kind=kind) for text, kind in self.words]
        return AssistantSetup(policy=self.policy, models=self.models, words=words)

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


def showcase_assistant(server: ShowcaseServer | None = None) -> AssistantService:
    """The service with all of them."""
    return AssistantService(
        server or ShowcaseServer(),
        MemoryHistory(),
        MemoryLibrary(),
        OfflineEngine(InlineEngine()),
        Asker("李强", "中原区政府办", "13800003721"),
    )
