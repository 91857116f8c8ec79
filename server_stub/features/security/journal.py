"""The hash-chained log of key management: each line holds the hash of the one before, the device signs each hash."""

import asyncio
import csv
import io
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Connection, insert, select, update

from server_stub.contract.keys import AuditVerdict
from server_stub.hsm.errors import SdfError
from server_stub.storage.database import Database
from server_stub.storage.schema import counters

from .tables import key_audit

log = logging.getLogger(__name__)
_COUNTER = "key_audit"
_PAGE = 1000
DEVICE_KEY = "device_key"
"""A line that names the signing key which the machine had before a restore, in hexadecimal."""
FIRST = bytes(32)


class Seal(Protocol):
    """The device's signature over a hash; calls may block."""

    def sign(self, digest: bytes) -> bytes:
        """Return a signature of 64 bytes."""
        ...

    def holds(self, digest: bytes, signature: bytes, public: bytes | None = None) -> bool:
        """Say whether a signature is the device's, or by `public`."""
        ...


def line_hash(digest: Callable[[bytes], bytes], before: bytes, seq: int, at: int, texts: list[str]) -> bytes:
    """Return SM3 over the hash before, number and time (8 bytes each), and each text with its length (4 bytes)."""
    parts = [before, seq.to_bytes(8, "big"), at.to_bytes(8, "big")]
    for text in texts:
        encoded = text.encode()
        parts += [len(encoded).to_bytes(4, "big"), encoded]
    return digest(b"".join(parts))


def _texts(row: Any) -> list[str]:
    return [row.kind, row.actor, row.second, row.target, row.result]


class Journal:
    """Writes lines in one order over all server processes, and verifies them."""

    def __init__(self, database: Database, digest: Callable[[bytes], bytes], seal: Seal) -> None:
        """`digest`: SM3."""
        self._database, self._digest, self._seal = database, digest, seal

    async def record(
        self, kind: str, actor: str, *, second: str = "", target: str = "", result: str = ""
    ) -> int:
        """Write one line, wait for its commit, have it signed; return its number."""
        at = int(time.time() * 1000)
        texts = [kind[:40], actor[:36], second[:36], target[:120], result]

        def work(connection: Connection) -> tuple[int, bytes]:
            # The counter's row is locked until the commit: no two lines continue the same one.
            seq = connection.execute(
                update(counters)
                .where(counters.c.name == _COUNTER)
                .values(value=counters.c.value + 1)
                .returning(counters.c.value)
            ).scalar_one()
            before = connection.execute(
                select(key_audit.c.hash).where(key_audit.c.seq == seq - 1)
            ).scalar_one_or_none()
            value = line_hash(self._digest, bytes(before or FIRST), seq, at, texts)
            kind_, actor_, second_, target_, result_ = texts
            connection.execute(
                insert(key_audit).values(
                    seq=seq,
                    at=at,
                    kind=kind_,
                    actor=actor_,
                    second=second_,
                    target=target_,
                    result=result_,
                    hash=value,
                )
            )
            return seq, value

        seq, value = await self._database.write(work)
        try:
            signature = await asyncio.to_thread(self._seal.sign, value)
        except SdfError as error:
            # The line stands without a signature; what was done must be in the log also while a device is away.
            log.warning("audit line not signed", extra={"seq": seq, "code": error.code.name})
            return seq
        await self._database.write(
            lambda connection: (
                connection.execute(
                    update(key_audit).where(key_audit.c.seq == seq).values(signature=signature)
                )
                and None
            )
        )
        return seq

    async def lines(self, *, before: int | None, kind: str, actor: str, limit: int) -> list[Any]:
        """Return lines, newest first."""

        def work(connection: Connection) -> list[Any]:
            query = select(key_audit).order_by(key_audit.c.seq.desc()).limit(limit)
            if before is not None:
                query = query.where(key_audit.c.seq < before)
            if kind:
                query = query.where(key_audit.c.kind == kind)
            if actor:
                query = query.where((key_audit.c.actor == actor) | (key_audit.c.second == actor))
            return list(connection.execute(query))

        return await self._database.read(work)

    def verify(self) -> AuditVerdict:
        """Walk the whole chain. Blocks: call it from a thread or a command."""
        before, number, signed = FIRST, 0, 0
        doubtful: list[tuple[int, bytes, bytes]] = []
        vouched: list[bytes] = []
        while True:

            def page(connection: Connection, after: int = number) -> list[Any]:
                query = select(key_audit).where(key_audit.c.seq > after).order_by(key_audit.c.seq)
                return list(connection.execute(query.limit(_PAGE)))

            rows = self._database.read_now(page)
            for row in rows:
                broken = self._fault(row, number, before)
                if broken:
                    return AuditVerdict(
                        good=False, lines=number, signed=signed, broken_at=number + 1, why=broken
                    )
                before, number = bytes(row.hash), row.seq
                signed += row.signature is not None
                if row.signature is None:
                    continue
                if not self._seal.holds(before, bytes(row.signature)):
                    doubtful.append((number, before, bytes(row.signature)))
                elif row.kind == DEVICE_KEY:
                    # Signed by the key of now: lines that the machine wrote before a restore are by this one.
                    vouched.append(bytes.fromhex(row.result))
            if len(rows) < _PAGE:
                break
        for seq, value, signature in doubtful:
            if not any(self._seal.holds(value, signature, public) for public in vouched):
                return AuditVerdict(
                    good=False, lines=number, signed=signed, broken_at=seq, why="签名不是本加密机的"
                )
        told = self._database.read_now(
            lambda connection: connection.execute(
                select(counters.c.value).where(counters.c.name == _COUNTER)
            ).scalar_one()
        )
        if told > number:
            return AuditVerdict(
                good=False, lines=number, signed=signed, broken_at=number + 1, why="末尾的记录缺失"
            )
        return AuditVerdict(good=True, lines=number, signed=signed)

    def _fault(self, row: Any, number: int, before: bytes) -> str:
        if row.seq != number + 1:
            return "有记录被删除"
        if bytes(row.hash) != line_hash(self._digest, before, row.seq, row.at, _texts(row)):
            return "记录被更改"
        return ""


def to_csv(rows: list[Any], names: dict[str, str]) -> str:
    """Return lines as a spreadsheet reads them; cells that would be formulas are made text."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(["序号", "时间", "操作", "操作人", "确认人", "对象", "结果", "哈希"])
    for row in rows:
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row.at / 1000))
        cells = [
            row.kind,
            names.get(row.actor, row.actor),
            names.get(row.second, row.second),
            row.target,
            row.result,
        ]
        safe = ["'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells]
        writer.writerow([row.seq, at, *safe, bytes(row.hash).hex()])
    return out.getvalue()
