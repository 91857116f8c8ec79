"""`python -m server_stub.hsm` as an administrator uses it, in processes of its own."""

import asyncio
import shutil
import stat
import subprocess
import sys

import pytest
from sqlalchemy import update

from server_stub.app import Server
from server_stub.config import Settings
from server_stub.contract.ids import uuid7
from server_stub.features.conversations.tables import conversation_heads, conversations, epochs
from server_stub.features.security.tables import key_audit
from server_stub.hsm.custody import KeyDestroyed, WrappedKey


def run(*arguments) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server_stub.hsm", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=100)


@pytest.fixture
def data(tmp_path):
    """A server's folder with two conversations."""
    folder = tmp_path / "data"
    server = Server(Settings(data=folder))

    def work(connection):
        for number in (1, 2):
            wrapped = server.custody.new_conversation_key()
            connection.execute(
                conversations.insert().values(
                    number=number,
                    id=uuid7(),
                    kind="group",
                    unique_key=str(number),
                    created_at=1,
                    event_id=0,
                )
            )
            connection.execute(conversation_heads.insert().values(conversation_no=number))
            connection.execute(
                epochs.insert().values(
                    conversation_no=number,
                    epoch=1,
                    wrapped_key=wrapped.blob,
                    kek_id=wrapped.kek_id,
                    created_at=1,
                )
            )

    server.database.write_now(work)
    close(server)
    return folder


def close(server: Server) -> None:
    async def end() -> None:
        await server.start()
        await server.close()

    asyncio.run(end())


def usable(folder) -> int:
    """How many of the conversations' keys open on this machine."""
    server = Server(Settings(data=folder))
    found = 0
    for row in server.database.read_now(lambda connection: list(connection.execute(epochs.select()))):
        if row.wrapped_key is None:
            continue
        try:
            server.custody.rewrap(WrappedKey(bytes(row.wrapped_key), row.kek_id), row.kek_id)
            found += 1
        except KeyDestroyed:
            pass
    close(server)
    return found


@pytest.mark.clause("3.3.4")
def test_backup_on_one_machine_and_restore_on_another(data, tmp_path):
    one, two, file = tmp_path / "share1", tmp_path / "share2", tmp_path / "keys.bak"
    made = run("--data", data, "backup", file, "--share", one, "--share", two)
    assert made.returncode == 0, made.stderr
    assert "2 个密钥" in made.stdout
    for path in (one, two, file):
        assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run("--data", data, "backup", file, "--share", one, "--share", two).returncode == 2, (
        "never replaced"
    )
    checked = run("restore", file, "--share", one, "--share", two, "--check")
    assert (checked.returncode, "备份完好" in checked.stdout) == (0, True)
    alone = run("restore", file, "--share", one, "--check")
    assert (alone.returncode, alone.stderr.strip()) == (2, "需要 2 份不同的密钥分量。")

    other = tmp_path / "other"
    shutil.copytree(data, other)
    shutil.rmtree(other / "hsm")
    (other / "keys" / "hsm-master.key").unlink()
    assert usable(other) == 0
    restored = run("--data", other, "restore", file, "--share", one, "--share", two)
    assert restored.returncode == 0, restored.stderr
    assert "2 / 2" in restored.stdout
    assert usable(other) == 2
    verified = run("--data", other, "verify-audit")
    assert verified.returncode == 0, verified.stderr


@pytest.mark.clause("3.3.4")
def test_the_audit_log_is_verified_and_a_change_is_named(data, tmp_path):
    for number in range(3):
        shares = [tmp_path / f"s{number}{which}" for which in "ab"]
        run("--data", data, "backup", tmp_path / f"f{number}", "--share", shares[0], "--share", shares[1])
    good = run("--data", data, "verify-audit")
    assert (good.returncode, "3 条" in good.stdout) == (0, True)
    server = Server(Settings(data=data))
    server.database.write_now(
        lambda connection: (
            connection.execute(update(key_audit).where(key_audit.c.seq == 2).values(result="0 keys")) and None
        )
    )
    close(server)
    bad = run("--data", data, "verify-audit")
    assert bad.returncode == 1
    assert "第 2 条" in bad.stderr


def test_status_names_the_device_and_its_keys(data):
    shown = run("--data", data, "status")
    assert shown.returncode == 0, shown.stderr
    assert "SoftHsm" in shown.stdout
    assert "自检 通过" in shown.stdout
    assert "其下 2 个密钥" in shown.stdout
    missing = run("--data", data / "none", "status")
    assert missing.returncode == 2
    assert "--data" in missing.stderr


def test_algorithms_are_listed_with_the_one_in_use(tmp_path):
    shown = run("algorithms")
    assert shown.returncode == 0, shown.stderr
    used = [line.split()[0] for line in shown.stdout.splitlines() if line.rstrip().endswith("在用")]
    assert sorted(used) == ["SM2", "SM3", "SM4"]
    assert list(tmp_path.iterdir()) == []


def test_speed_is_measured(tmp_path):
    shown = run("speed")
    assert shown.returncode == 0, shown.stderr
    assert "MB/s" in shown.stdout
    assert "次签名/秒" in shown.stdout
