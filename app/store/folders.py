"""Where data lie: the home folder, profiles, accounts and the bundled server's folder."""

import contextlib
import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import platformdirs

HOME_VARIABLE = "ZHENGDING_HOME"
DEFAULT_PROFILE = "default"
_PROFILE_NAME = re.compile(r"[\w\-.]{1,40}")


class BadProfileName(ValueError):
    """The name of a profile cannot be a folder's name."""


def make_private(folder: Path) -> Path:
    """Make `folder` (and what is missing above it), readable by the owner alone; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name != "nt":
        folder.chmod(0o700)
    return folder


@dataclass(frozen=True, slots=True)
class AccountFolder:
    """The files of one account in one profile."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLCipher file."""
        return self.path / "store.db"

    @property
    def slots(self) -> Path:
        """The key slots beside it."""
        return self.path / "slots.json"

    @property
    def lifeline(self) -> Path:
        """Sealed append-only copy of unsent commands and the device's identity."""
        return self.path / "lifeline.bin"

    @property
    def lock(self) -> Path:
        """Held while a client has the store open."""
        return self.path / "in-use.lock"

    @property
    def files(self) -> Path:
        """Sealed file cache."""
        return self.path / "files"

    @property
    def opened(self) -> Path:
        """Plain copies of files that the user opened; wiped at exit and at the next start."""
        return self.path / "opened"

    def wipe_opened(self) -> None:
        """Delete every plain copy."""
        if self.opened.exists():
            shutil.rmtree(self.opened, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class ProfileFolder:
    """One profile: what one running client owns."""

    path: Path
    name: str

    @property
    def settings(self) -> Path:
        """Plain settings needed before any store is open; nothing secret."""
        return self.path / "profile.json"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.path / "logs"

    def account(self, server_url: str, person_id: str) -> AccountFolder:
        """The folder of a person on a server; the name tells neither."""
        digest = hashlib.sha256(f"{server_url}\n{person_id}".encode()).hexdigest()[:24]
        return AccountFolder(self.path / "accounts" / digest)

    def account_named(self, folder: str) -> AccountFolder:
        """The folder by the name that `profile.json` remembers."""
        return AccountFolder(self.path / "accounts" / Path(folder).name)


@dataclass(frozen=True, slots=True)
class Home:
    """All of the client's data on this machine for this user."""

    path: Path

    @classmethod
    def of_user(cls) -> "Home":
        """The folder named by ZHENGDING_HOME, else the platform's data folder."""
        named = os.environ.get(HOME_VARIABLE)
        if named:
            return cls(Path(named).expanduser().resolve())
        return cls(Path(platformdirs.user_data_dir("zhengding-desktop", appauthor=False)))

    @property
    def server(self) -> Path:
        """Data of the bundled server, shared by the profiles."""
        return self.path / "server"

    def profile(self, name: str = DEFAULT_PROFILE) -> ProfileFolder:
        """Make and return a profile's folder. Raises BadProfileName."""
        if not _PROFILE_NAME.fullmatch(name) or name.startswith("."):
            raise BadProfileName(f"配置名只能用文字、数字、-、_ 和 .：{name[:40]}")
        make_private(self.path)
        return ProfileFolder(make_private(self.path / "profiles" / name), name)

    def profiles(self) -> list[str]:
        """Names of the profiles that exist."""
        with contextlib.suppress(FileNotFoundError):
            return sorted(entry.name for entry in (self.path / "profiles").iterdir() if entry.is_dir())
        return []
