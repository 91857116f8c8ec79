"""Key management in memory: two machines, keys of three levels, requests of two administrators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from server_stub.contract.directory import SearchResult, UnitChildren
from server_stub.contract.keys import (
    AlgorithmBackend,
    AlgorithmBackends,
    AuditVerdict,
    Destruction,
    DestructionPreview,
    DeviceList,
    DeviceStanding,
    KekRow,
    KeyAudit,
    KeyAuditLine,
    KeyCounts,
    KeyOverview,
    KeyRequest,
    RotationPolicy,
    WorkingKey,
    WorkingKeys,
)

from .contacts_service import ShowcaseContacts
from .office import ME, MINUTE, NOW_MS

DAY = 24 * 60 * MINUTE
_CHECKS = ["SM2 签名验签", "SM2 加解密", "SM3", "SM4-GCM", "随机数重复检验", "随机数比例检验"]

LONG_RESULT = (
    "因防汛值班室两台电脑遗失，经分管领导同意，销毁该会话第 4 期密钥；已通知全部 86 名成员，"
    "原始公文另有纸质存档，存放在市档案馆 3 号库房，恢复须由两名管理员另行申请"
)


class ShowcaseKeys:
    """See features.admin.security.service.KeyConsole. `error` is raised by every call while it is set."""

    me = ME.id

    def __init__(self) -> None:
        self.error: Exception | None = None
        self._people = ShowcaseContacts()

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def devices(self) -> DeviceList:
        self._check()
        known: dict[str, Any] = {
            "issuer": "演示厂商",
            "version": 3,
            "standard": 1,
            "algorithms": ["SM2", "SM3", "SM4-GCM"],
        }
        return DeviceList(
            devices=[
                DeviceStanding(
                    number=0, up=True, name="SJJ1012-A", serial="2026110700015", served=182_304, **known
                ),
                DeviceStanding(
                    number=1, up=False, reason="连接被拒绝（通信失败，错误码 0x01000003）", served=181_990
                ),
            ],
            checks=_CHECKS,
        )

    async def overview(self) -> KeyOverview:
        return KeyOverview(
            master_ready=True,
            keks=[
                KekRow(id=1, purpose="conversation", state="archived", created_at=NOW_MS - 720 * DAY,
                       retired_at=NOW_MS - 355 * DAY, archived_at=NOW_MS - 355 * DAY),
                KekRow(id=4, purpose="conversation", state="active", created_at=NOW_MS - 355 * DAY, keys=1204),
                KekRow(id=2, purpose="file", state="active", created_at=NOW_MS - 720 * DAY, keys=86),
                KekRow(id=3, purpose="retention", state="destroyed", created_at=NOW_MS - 720 * DAY,
                       retired_at=NOW_MS - 400 * DAY, destroyed_at=NOW_MS - 30 * DAY),
            ],
            working=[KeyCounts(purpose="conversation", active=1204, retired=318, destroyed=7)],
        )  # fmt: skip

    async def working(self, after: str) -> WorkingKeys:
        self._check()
        names = (
            "城区防汛调度工作群",
            "信息化建设专班",
            "",
            "关于二〇二六年度机关综合考核与绩效评估工作的临时协调小组",
        )
        keys = [
            WorkingKey(
                conversation_id=f"0192f3c1-7a3e-7000-8000-0000000{number:05d}",
                name=names[number % 4],
                epoch=1 + number % 3,
                state=("active", "active", "retired", "destroyed")[number % 4],
                created_at=NOW_MS - number * DAY,
                destroyed_at=NOW_MS - DAY if number % 4 == 3 else 0,
                kek_id=0 if number % 4 == 3 else 4,
            )
            for number in range(40)
        ]
        return WorkingKeys(keys=keys, next="" if after else "n")

    async def policy(self) -> RotationPolicy:
        return RotationPolicy()

    async def set_policy(self, policy: RotationPolicy) -> RotationPolicy:
        return policy

    async def rotate(self, purpose: str) -> KeyOverview:
        return await self.overview()

    async def preview(self, wanted: Destruction) -> DestructionPreview:
        self._check()
        return DestructionPreview(
            scope=wanted.scope, target=wanted.target, name="城区防汛调度工作群",
            conversations=1, keys=3, messages=1286, people=86,
        )  # fmt: skip

    async def requests(self) -> list[KeyRequest]:
        self._check()
        other: dict[str, Any] = {"created_by": "p-zhao", "created_by_name": "赵敏"}
        mine: dict[str, Any] = {
            "created_by": ME.id,
            "created_by_name": ME.name,
            "confirmed_by": "p-zhao",
            "confirmed_by_name": "赵敏",
        }
        seen = await self.preview(Destruction(scope="conversation", target="c-flood"))
        one = DestructionPreview(
            scope="key",
            target="c-flood:2",
            name="信息化建设专班",
            conversations=1,
            keys=1,
            messages=12,
            people=9,
        )
        at: dict[str, Any] = {"created_at": NOW_MS - 4 * MINUTE, "expires_at": NOW_MS + 26 * MINUTE}
        old: dict[str, Any] = {
            "created_at": NOW_MS - DAY,
            "expires_at": NOW_MS - DAY + 30 * MINUTE,
            "confirmed_at": NOW_MS - DAY + MINUTE,
        }
        return [
            KeyRequest(id="r1", kind="destroy", state="waiting", preview=seen, reason="涉密群误加外部人员", **other, **at),
            KeyRequest(id="r2", kind="backup", state="running", done=742, total=1204, reason="月度备份", **mine, **at),
            KeyRequest(id="r3", kind="restore", state="waiting", reason="灾备演练", **other, **at),
            KeyRequest(id="r4", kind="export", state="done", preview=one, done=1, total=1, reason="司法调取", **mine, **old),
            KeyRequest(id="r5", kind="backup", state="done", done=1198, total=1198, reason="月度备份", **mine, **old),
            KeyRequest(id="r6", kind="destroy", state="failed", preview=seen, error="两台加密机均不可用，没有销毁任何密钥。", **mine, **old),
        ]  # fmt: skip

    async def audit(self, *, before: int | None, kind: str, actor: str) -> KeyAudit:
        self._check()
        kinds = (
            "destroy_done",
            "destroy_asked",
            "share_taken",
            "backup_done",
            "backup_asked",
            "rotate_kek",
            "policy",
        )
        lines = [
            KeyAuditLine(
                seq=412 - number, at=NOW_MS - number * 47 * MINUTE, kind=kinds[number % 7], actor=ME.id,
                actor_name=ME.name, second="p-zhao" if number % 7 in (0, 3) else "",
                second_name="赵敏" if number % 7 in (0, 3) else "", target="conversation #4",
                result=LONG_RESULT if number == 1 else "1204 keys, 388214 bytes", hash="ab" * 32, signed=number != 5,
            )
            for number in range(24)
        ]  # fmt: skip
        return KeyAudit(lines=lines, more=True)

    async def verify(self) -> AuditVerdict:
        return AuditVerdict(good=True, lines=412, signed=411)

    async def algorithms(self) -> AlgorithmBackends:
        self._check()
        rows = (
            ("SM2", "libcrypto", "OpenSSL 3.0.17", True, True, "", 2480.2),
            ("SM2", "gmssl", "gmssl 3.2.2（纯 Python）", True, False, "", 86.4),
            ("SM3", "cryptography", "cryptography 44.0", True, True, "", 222.0),
            ("SM3", "libgcrypt", "libgcrypt 1.8.5", False, False, "版本低于 1.10，没有 SM3 的快速实现", 0.0),
            ("SM4", "libgcrypt", "libgcrypt 1.10.1", True, True, "", 598.7),
            ("SM4", "cryptography", "cryptography 44.0", True, False, "", 117.3),
            ("SM4", "gmssl", "gmssl 3.2.2（纯 Python）", True, False, "", 0.2),
        )
        return AlgorithmBackends(
            backends=[
                AlgorithmBackend(
                    role=role, library=library, name=name, passed=passed, used=used, reason=reason, speed=speed,
                    unit="次签名/秒" if role == "SM2" else "MB/s",
                )
                for role, library, name, passed, used, reason, speed in rows
            ]
        )  # fmt: skip

    async def save_file(self, request_id: str, path: Path) -> None:
        return

    async def save_audit(self, kind: str, path: Path) -> None:
        return

    async def share(self, request_id: str) -> str:
        return "ZDS1-9F3A22C1-1-2-KRSXG5BAON2GKYLMEB4W65JAN5XGYZI-4D21A7"

    async def confirm(self, request_id: str, share: str = "") -> KeyRequest:
        return (await self.requests())[0]

    async def cancel(self, request_id: str) -> KeyRequest:
        return (await self.requests())[0]

    async def destroy(self, wanted: Destruction) -> KeyRequest:
        return (await self.requests())[0]

    async def backup(self, reason: str) -> KeyRequest:
        return (await self.requests())[1]

    async def restore(self, file: Path, share: str, reason: str) -> KeyRequest:
        return (await self.requests())[2]

    async def export_key(self, conversation_id: str, epoch: int, reason: str) -> KeyRequest:
        return (await self.requests())[3]

    async def import_key(self, file: Path, share: str, reason: str) -> KeyRequest:
        return (await self.requests())[3]

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        return await self._people.unit_children(unit_id)

    async def search(self, text: str, limit: int) -> SearchResult:
        return await self._people.search(text, limit)
