"""A private PostgreSQL cluster from the machine's own binaries, fast and forgetful as tests need it."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from bed.ports import free_port
from bed.processes import start, stop

OWNER = "postgres"
_FORGETFUL = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "listen_addresses=127.0.0.1",
]


class PostgresUnavailable(Exception):
    """No cluster can be made on this machine; the text says why."""


def binaries() -> Path:
    """The newest installed PostgreSQL's folder of programs; raises PostgresUnavailable."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if not found:
        raise PostgresUnavailable("not installed (apt-get install postgresql)")
    return found[-1].parent


def why_left_out() -> str | None:
    """Why no cluster can be made here, or None when one can."""
    if sys.platform == "win32":
        return "private clusters are made on Linux only"
    import pwd

    try:
        binaries()
        if os.geteuid() == 0:
            pwd.getpwnam(OWNER)
    except PostgresUnavailable as reason:
        return str(reason)
    except KeyError:
        return f"running as root and there is no user {OWNER}"
    return None


class PostgresCluster:
    """One running cluster; `create` gives a fresh database, from a template in tens of milliseconds."""

    def __init__(self) -> None:
        reason = why_left_out()
        if reason is not None:
            raise PostgresUnavailable(reason)
        self._bin = binaries()
        self._user = OWNER if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="zd-pg-"))
        self._password = secrets.token_urlsafe(12)
        self._made = 0
        try:
            self._initialise()
            self._process, self.port = self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def url(self, database: str = "postgres", *, driver: str = "+psycopg") -> str:
        """The URL of `database`; `driver` is SQLAlchemy's tail of the scheme, empty for libpq itself."""
        return f"postgresql{driver}://zd:{quote(self._password)}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str | None = None) -> str:
        """Create a fresh database, a copy of `template` if given; returns its name."""
        self._made += 1
        name = f"zd_{os.getpid()}_{self._made}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        return name

    def drop(self, name: str) -> None:
        """Drop `name`, ending whatever is still connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one administrative statement outside a transaction."""
        import psycopg

        with psycopg.connect(self.url(driver=""), autocommit=True) as connection:
            connection.execute(statement.encode())

    def close(self) -> None:
        """Shut the cluster down without waiting for its clients, and delete it."""
        stop(self._process, seconds=15, by=signal.SIGINT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _initialise(self) -> None:
        secret = self._folder / "password"
        secret.write_text(self._password)
        secret.chmod(0o600)
        if self._user is not None:
            for path in (self._folder, secret):
                shutil.chown(path, self._user, self._user)
        command = [self._bin / "initdb", "-D", self._folder / "data", "-U", "zd", f"--pwfile={secret}", "-N"]
        command += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"]
        log = self._folder / "initdb.log"
        with open(log, "wb") as output:
            if (
                start(command, stdout=output, stderr=subprocess.STDOUT, cwd=Path("/"), user=self._user).wait()
                != 0
            ):
                raise PostgresUnavailable(f"initdb failed: {log.read_text(errors='replace')[-300:]}")
        secret.unlink()

    def _start(self) -> tuple[subprocess.Popen[bytes], int]:
        for _ in range(5):
            port = free_port()
            settings = [*_FORGETFUL, f"port={port}", f"unix_socket_directories={self._folder}"]
            command = [self._bin / "postgres", "-D", self._folder / "data"]
            command += [part for setting in settings for part in ("-c", setting)]
            with open(self._folder / "postgres.log", "wb") as log:
                process = start(command, stdout=log, stderr=log, cwd=Path("/"), user=self._user)
            if self._answers(process, port):
                return process, port
            stop(process, by=signal.SIGINT)
        raise PostgresUnavailable((self._folder / "postgres.log").read_text(errors="replace")[-300:])

    def _answers(self, process: subprocess.Popen[bytes], port: int) -> bool:
        probe = [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            if subprocess.run(probe, check=False).returncode == 0:
                return True
            time.sleep(0.05)
        return False


def stored_bytes(url: str) -> bytes:
    """All that a database holds: its tables', indexes' and side tables' files, rows that were deleted included, and
    each value as a query gives it (long ones lie compressed in the files). `url` as libpq takes it, of the owner.
    """
    import psycopg
    from psycopg import sql

    parts: list[bytes] = []
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        files = connection.execute(
            "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND relfilenode <> 0"
            " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        ).fetchall()
        for (file,) in files:
            row = connection.execute("SELECT pg_read_binary_file(%s)", (file,)).fetchone()
            assert row is not None
            parts.append(bytes(row[0]))
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for values in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))):
                for value in values:
                    parts.append(
                        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    )
    return b"\n".join(parts)
