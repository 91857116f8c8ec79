"""The work of confirmed requests: emergency destruction (紧急销密), backup, restore."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.keys import Destruction, DestructionPreview
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.hsm import backup, single_key
from server_stub.hsm.backup import KeptKey
from server_stub.hsm.custody import KeyCustody, KeyDestroyed, WrappedKey
from server_stub.hsm.device import Hsm
from server_stub.hsm.errors import SdfCode, SdfError

from .journal import DEVICE_KEY, Journal
from .ports import Epochs, KeptEpoch
from .requests import Act, Worker

SCOPES = ("conversation", "person", "all")
_RESTORE_PIECE = 200


class Kept:
    """A key of a backup on its way into the conversations."""

    def __init__(self, key: KeptKey) -> None:
        self.conversation_id, self.epoch, self.created_at = key.conversation_id, key.epoch, key.created_at
        self.wrapped = WrappedKey(key.wrapped, key.kek_id)


class Works:
    """`preview` counts without changing anything; the workers do."""

    def __init__(
        self,
        *,
        alg: Algorithms,
        hsm: Hsm,
        custody: KeyCustody,
        epochs: Epochs,
        journal: Journal,
        names: Callable[[Sequence[str]], Awaitable[dict[str, str]]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._alg, self._hsm, self._custody, self._epochs = alg, hsm, custody, epochs
        self._journal = journal
        self._names, self._clock = names, clock

    def workers(self) -> dict[str, Worker]:
        """Return the workers by kind of request."""
        return {
            "destroy": self._destroy,
            "backup": self._backup,
            "restore": self._restore,
            "export": self._export,
            "import": self._import,
        }

    async def key_preview(self, conversation_id: str, epoch: int) -> DestructionPreview:
        """Name the key that an export would take out; the counts are those of its conversation."""
        extent = await self._epochs.extent("conversation", conversation_id)
        if extent is None or await self._one(conversation_id, epoch) is None:
            raise ApiError(ErrorCode.NOT_FOUND, "key", message="没有这个密钥，或已销毁。")
        return DestructionPreview(
            scope="key",
            target=f"{conversation_id}:{epoch}",
            name=extent.name,
            conversations=1,
            keys=1,
            messages=extent.messages,
            people=extent.people,
        )

    async def _one(self, conversation_id: str, epoch: int) -> KeptEpoch | None:
        kept = await self._epochs.kept(conversation_id=conversation_id)
        return next((one for one in kept if one.epoch == epoch), None)

    async def preview(self, wanted: Destruction) -> DestructionPreview:
        """Say what a destruction would do (演练); changes nothing."""
        if wanted.scope not in SCOPES or bool(wanted.target) == (wanted.scope == "all"):
            raise ApiError(ErrorCode.BAD_REQUEST, "scope, target")
        name = ""
        if wanted.scope == "person":
            name = (await self._names([wanted.target])).get(wanted.target, "")
            if not name:
                raise ApiError(ErrorCode.NOT_FOUND, "person", message="没有这个人员。")
        extent = await self._epochs.extent(wanted.scope, wanted.target)
        if extent is None:
            raise ApiError(ErrorCode.NOT_FOUND, "conversation", message="没有这个会话。")
        return DestructionPreview(
            scope=wanted.scope,
            target=wanted.target,
            name=name or extent.name,
            conversations=len(extent.conversations),
            keys=extent.keys,
            messages=extent.messages,
            people=extent.people,
            groups_rotated=len(extent.groups),
        )

    async def _destroy(self, act: Act) -> str:
        wanted = msgspec.json.decode(act.row.preview, type=DestructionPreview)
        if wanted.scope == "all":
            # First of all the key-encryption keys: from here on no key opens, here or in any copy of the database.
            for kek in await asyncio.to_thread(self._custody.keks):
                if kek.active:
                    await asyncio.to_thread(self._custody.destroy_kek, kek.id)
        extent = await self._epochs.extent(wanted.scope, wanted.target)
        if extent is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        revoke = self._nothing if wanted.scope == "all" else self._revoke
        act.progress.total = len(extent.conversations) + len(extent.groups)
        destroyed = 0
        for conversation_id in extent.conversations:
            destroyed += await self._epochs.destroy(conversation_id, revoke)
            act.progress.done += 1
        for conversation_id in extent.groups:
            await self._epochs.rotate(conversation_id)
            act.progress.done += 1
        return f"销毁 {len(extent.conversations)} 个会话的 {destroyed} 个密钥"

    def _revoke(self, keys: list[WrappedKey]) -> None:
        if keys:
            self._custody.revoke([WrappedKey(key.blob, key.kek_id) for key in keys])

    def _nothing(self, _keys: list[WrappedKey]) -> None:
        """The key-encryption keys are gone already."""

    async def _backup(self, act: Act) -> str:
        kept = await self._epochs.kept()
        act.progress.total = len(kept)
        keys = [
            KeptKey(
                conversation_id=one.conversation_id,
                epoch=one.epoch,
                wrapped=one.wrapped.blob,
                kek_id=one.wrapped.kek_id,
                created_at=one.created_at,
            )
            for one in kept
        ]
        made = await asyncio.to_thread(self._make, keys)
        act.progress.done = len(kept)
        act.data = made.data
        act.give = {act.row.created_by: made.shares[0], act.row.confirmed_by: made.shares[1]}
        return f"{len(kept)} 个密钥，{len(made.data)} 字节，SM3 {self._alg.sm3(made.data).hex()}"

    def _make(self, keys: list[KeptKey]) -> backup.Backup:
        made_at = int(self._clock() * 1000)
        return backup.make(self._alg, self._hsm, serial=self._hsm.info().serial, keys=keys, made_at=made_at)

    async def _restore(self, act: Act) -> str:
        content = await asyncio.to_thread(
            backup.open_backup, self._alg, bytes(act.row.data or b""), act.shares
        )
        act.progress.total = len(content.keys) + 1
        former = await asyncio.to_thread(self._custody.sign_public)
        await asyncio.to_thread(backup.restore_device, self._alg, self._hsm, content)
        self._custody.forget()
        if await asyncio.to_thread(self._custody.sign_public) != former:
            await self._journal.record(DEVICE_KEY, act.row.created_by, result=former.hex())
        act.progress.done = 1
        restored = 0
        for at in range(0, len(content.keys), _RESTORE_PIECE):
            piece = content.keys[at : at + _RESTORE_PIECE]
            restored += await self._epochs.restore([Kept(key) for key in piece])
            act.progress.done += len(piece)
        return f"来自设备 {content.serial}，{len(content.keys)} 个密钥中补回 {restored} 个"

    async def _export(self, act: Act) -> str:
        wanted = msgspec.json.decode(act.row.preview, type=DestructionPreview)
        conversation_id, _, epoch = wanted.target.rpartition(":")
        one = await self._one(conversation_id, int(epoch))
        if one is None:
            raise ApiError(ErrorCode.NOT_FOUND, "key", message="没有这个密钥，或已销毁。")
        act.progress.total = 1
        made = await asyncio.to_thread(
            lambda: single_key.export(
                self._alg,
                self._custody,
                WrappedKey(one.wrapped.blob, one.wrapped.kek_id),
                conversation_id=conversation_id,
                epoch=one.epoch,
                created_at=one.created_at,
                made_at=int(self._clock() * 1000),
                serial=self._hsm.info().serial,
            )
        )
        act.progress.done = 1
        act.data = made.data
        act.give = {act.row.created_by: made.shares[0], act.row.confirmed_by: made.shares[1]}
        return f"SM3 {self._alg.sm3(made.data).hex()}"

    async def _put_back(self, kept: KeptKey, wrapped: WrappedKey) -> bool:
        """Put an imported key where one is missing, or where the one there is of a device that is not here."""
        there = await self._one(kept.conversation_id, kept.epoch)
        if there is None:
            return bool(await self._epochs.restore([Kept(kept)]))
        mine = WrappedKey(there.wrapped.blob, there.wrapped.kek_id)
        try:
            await asyncio.to_thread(self._custody.carry, mine, self._alg.sm2_generate().public)
        except KeyDestroyed:
            pass
        except SdfError as error:
            # A device of the same numbering that never wrapped it.
            if error.code is not SdfCode.ENCRYPTED_DATA:
                raise
        else:
            return False
        await self._epochs.move(there, wrapped)
        return True

    async def _import(self, act: Act) -> str:
        act.progress.total = 1
        content, wrapped = await asyncio.to_thread(
            single_key.take, self._alg, self._custody, bytes(act.row.data or b""), act.shares
        )
        kept = KeptKey(
            conversation_id=content.conversation_id,
            epoch=content.epoch,
            wrapped=wrapped.blob,
            kek_id=wrapped.kek_id,
            created_at=content.created_at,
        )
        if not await self._put_back(kept, wrapped):
            raise ApiError(
                ErrorCode.CONFLICT,
                "key",
                message="本服务器没有这个会话，或该密钥已在使用、已被销毁，没有导入。",
            )
        act.progress.done = 1
        return f"来自设备 {content.serial} 的 {content.conversation_id}:{content.epoch}"
