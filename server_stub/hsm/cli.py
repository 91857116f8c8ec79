"""The command line of key management, for whoever may read the server's data folder."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server_stub.config import BadSettings, Settings, load
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.features.conversations.epochs import Epochs, KeptEpoch
from server_stub.features.conversations.ports import Wrapped
from server_stub.features.security.backends import measure
from server_stub.features.security.journal import DEVICE_KEY, Journal
from server_stub.features.security.service import describe
from server_stub.storage.database import Database
from server_stub.storage.engine import embedded_engine, postgres_engine
from server_stub.storage.migrate import NewerDatabase, migrate

from . import backup
from .backup import BadBackup, KeptKey
from .custody import KeyCustody
from .device import Hsm
from .errors import SdfError
from .master import FileMaster, MasterKeyUnavailable
from .opening import open_hsm
from .shares import BadShare

ACTOR = "command line"
_PIECE = 200


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    root = argparse.ArgumentParser(prog="python -m server_stub.hsm", description="加密机与密钥管理")
    root.add_argument("--data", type=Path, help="服务器数据文件夹（algorithms、speed 不需要）")
    commands = root.add_subparsers(dest="command", required=True, metavar="命令")
    commands.add_parser("status", help="设备、自检与密钥加密密钥的状态")
    commands.add_parser("algorithms", help="各算法实现：是否通过标准向量、在用哪个")
    commands.add_parser("speed", help="各算法实现在本机的实测速度")
    keep = commands.add_parser("backup", help="加密备份全部密钥，密钥分量分别写入各管理员的文件")
    keep.add_argument("file", type=Path, help="备份文件")
    keep.add_argument("--share", type=Path, action="append", required=True, help="分量文件，至少两个")
    keep.add_argument("--needed", type=int, default=2, help="恢复时需要的分量数，默认 2")
    give = commands.add_parser("restore", help="从备份恢复；本机已销毁的密钥不会恢复")
    give.add_argument("file", type=Path, help="备份文件")
    give.add_argument("--share", type=Path, action="append", required=True, help="分量文件")
    give.add_argument("--check", action="store_true", help="只验证备份能否打开，不改动任何内容")
    commands.add_parser("verify-audit", help="校验密钥审计日志的哈希链与签名")
    return root


@contextmanager
def _opened(data: Path | None, alg: Algorithms, *, fresh: bool = False) -> Iterator[tuple[Hsm, Database]]:
    """Open device and database of a data folder; `fresh`: a device may be made (restore on a new machine)."""
    if data is None or not data.is_dir() or not (fresh or (data / "keys").is_dir()):
        raise BadSettings("请用 --data 指明服务器的数据文件夹。")
    settings = load(Settings(data=data.resolve()))
    hsm = open_hsm(
        settings.data,
        alg,
        libraries=tuple(one for one in (settings.hsm_library, settings.hsm_library_2) if one),
        pin=settings.hsm_pin,
        twins=bool(settings.hsm_twins),
    )
    try:
        if settings.database:
            engine = postgres_engine(settings.database)
        else:
            key = FileMaster(settings.data / "keys" / "database.key").obtain(salt=b"", create=fresh)
            engine = embedded_engine(settings.data / "server.db", key)
        migrate(engine)
        database = Database(engine)
        try:
            yield hsm, database
        finally:
            database.close()
    finally:
        hsm.close()


def _epochs(database: Database) -> Epochs:
    def no_new_keys() -> Wrapped:
        raise RuntimeError("the command line makes no keys")

    return Epochs(database, no_new_keys, lambda _change: None)


def _status(options: argparse.Namespace, alg: Algorithms) -> int:
    with _opened(options.data, alg) as (hsm, database):
        found = describe(hsm)
        for device in found.devices:
            state = "可用" if device.up else f"不可用：{device.reason}"
            print(f"设备 {device.number + 1}  {device.issuer} {device.name}  序列号 {device.serial}  {state}")
        print(f"自检 {'通过' if not found.failures else '未通过：' + '、'.join(found.failures)}")
        under = asyncio.run(_epochs(database).under_keks())
        for kek in KeyCustody(hsm).keks():
            state = "已销毁" if kek.destroyed else "可用"
            made = time.strftime("%Y-%m-%d", time.localtime(kek.created))
            print(
                f"密钥加密密钥 {kek.id}  用途 {kek.purpose}  {made} 生成  {state}  其下 {under.get(kek.id, 0)} 个密钥"
            )
        return 1 if found.failures else 0


def _algorithms(alg: Algorithms) -> int:
    for row in alg.report():
        state = "在用" if row.used else "通过" if row.passed else f"未采用：{row.reason}"
        print(f"{row.role}  {row.library:<13} {row.name:<22} {state}")
    return 0


def _speed(alg: Algorithms) -> int:
    for row in measure(alg, seconds=0.3):
        state = "在用" if row.used else "" if row.passed else "未通过"
        print(f"{row.role}  {row.name or row.library:<24} {row.speed:>10,.1f} {row.unit}  {state}")
    return 0


def _private(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _backup(options: argparse.Namespace, alg: Algorithms) -> int:
    total = len(options.share)
    if not 2 <= options.needed <= total:
        raise BadBackup("至少需要两份分量，且所需分量数不能多于分量文件数。")
    with _opened(options.data, alg) as (hsm, database):
        kept = asyncio.run(_epochs(database).kept())
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
        made = backup.make(
            alg,
            hsm,
            serial=hsm.info().serial,
            keys=keys,
            made_at=int(time.time() * 1000),
            needed=options.needed,
            total=total,
        )
        _private(options.file, made.data)
        for path, share in zip(options.share, made.shares, strict=True):
            _private(path, share.encode() + b"\n")
        journal = Journal(database, alg.sm3, KeyCustody(hsm))
        note = f"{len(keys)} keys, SM3 {alg.sm3(made.data).hex()}"
        asyncio.run(journal.record("backup_done", ACTOR, result=note))
    print(
        f"已备份 {len(keys)} 个密钥；恢复需要 {total} 份分量中的 {options.needed} 份，请分别交由不同的管理员保管。"
    )
    return 0


def _restore(options: argparse.Namespace, alg: Algorithms) -> int:
    shares = [path.read_text(encoding="utf-8") for path in options.share]
    content = backup.open_backup(alg, options.file.read_bytes(), shares)
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(content.made_at / 1000))
    print(f"备份于 {made}，设备 {content.serial}，{len(content.keys)} 个密钥")
    if options.check:
        print("备份完好，可用于恢复。")
        return 0
    with _opened(options.data, alg, fresh=True) as (hsm, database):
        custody = KeyCustody(hsm)
        journal = Journal(database, alg.sm3, custody)
        former = custody.sign_public()
        backup.restore_device(alg, hsm, content)
        if custody.sign_public() != former:
            asyncio.run(journal.record(DEVICE_KEY, ACTOR, result=former.hex()))
        epochs, restored = _epochs(database), 0
        for at in range(0, len(content.keys), _PIECE):
            piece = [
                KeptEpoch(one.conversation_id, one.epoch, Wrapped(one.wrapped, one.kek_id), one.created_at)
                for one in content.keys[at : at + _PIECE]
            ]
            restored += asyncio.run(epochs.restore(piece))
            print(f"{min(at + _PIECE, len(content.keys))} / {len(content.keys)}", flush=True)
        note = f"device of {content.serial}, {restored} of {len(content.keys)} keys put back"
        asyncio.run(journal.record("restore_done", ACTOR, result=note))
    print("恢复完成。")
    return 0


def _verify(options: argparse.Namespace, alg: Algorithms) -> int:
    with _opened(options.data, alg) as (hsm, database):
        verdict = Journal(database, alg.sm3, KeyCustody(hsm)).verify()
    if verdict.good:
        print(f"审计日志完整：{verdict.lines} 条，其中 {verdict.signed} 条有加密机签名。")
        return 0
    print(f"审计日志在第 {verdict.broken_at} 条处不完整：{verdict.why}。", file=sys.stderr)
    return 1


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 good, 1 a check failed, 2 it could not be done."""
    options = parser().parse_args(arguments)
    alg = Algorithms.best()
    try:
        match options.command:
            case "status":
                return _status(options, alg)
            case "algorithms":
                return _algorithms(alg)
            case "speed":
                return _speed(alg)
            case "backup":
                return _backup(options, alg)
            case "restore":
                return _restore(options, alg)
            case _:
                return _verify(options, alg)
    except (BadSettings, NewerDatabase) as error:
        print(str(error), file=sys.stderr)
    except (BadBackup, BadShare, SdfError, MasterKeyUnavailable) as error:
        print(error.text, file=sys.stderr)
    except OSError as error:
        print(f"无法读写 {error.filename}：{error.strerror}", file=sys.stderr)
    return 2
