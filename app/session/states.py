"""States that views show: the link, the sign-in, and what ends a session."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from server_stub.contract.errors import ApiError, ErrorCode


class LinkState(StrEnum):
    """The connection to the server."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    SYNCING = "syncing"
    ONLINE = "online"

    @property
    def label(self) -> str:
        """What the quiet line in the window says; empty when all is well."""
        return _LABELS[self]


_LABELS = {
    LinkState.OFFLINE: "未连接",
    LinkState.CONNECTING: "连接中…",
    LinkState.SYNCING: "收取中…",
    LinkState.ONLINE: "",
}


class NetworkError(Exception):
    """The server cannot be reached now. `text` is for the user; trying again may help."""

    def __init__(self, text: str = "无法连接服务器，请检查网络后重试。", detail: str = "") -> None:
        super().__init__(detail or text)
        self.text = text
        self.detail = detail


class SignInStep(Enum):
    """What the login page shows next."""

    SIGNED_IN = "signed_in"
    """`session` is there."""
    NEEDS_PASSCODE = "needs_passcode"
    """A store exists and the keyring cannot open it: ask for the local passcode (本机口令)."""
    NEEDS_NEW_PASSCODE = "needs_new_passcode"
    """No keyring on this machine: let the user choose a local passcode (≥ 6 characters)."""
    NEEDS_CODE = "needs_code"
    """A code was sent by text message (E006): `text` says where to, `retry_after` when another may be asked for."""
    NEEDS_ACTIVATION = "needs_activation"
    """The account was never activated: go to the activation page."""
    REFUSED = "refused"
    """`text` says why; `retry_after` seconds to wait when throttled."""
    UNREACHABLE = "unreachable"
    """No connection; `text` says so."""
    DATA_PROBLEM = "data_problem"
    """The local store cannot be used (open elsewhere, made by a newer version, key file damaged): `text`."""


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An account that this profile remembers, for the login page. Phone numbers are kept masked only."""

    key: str
    """Names the account in `resume` and `forget`."""
    server_url: str
    login_hint: str
    """The account name, or a masked phone number."""
    name: str
    last_used_at: int = 0
    signed_in: bool = False
    """Whether `resume` can open it without a password."""
    login_complete: bool = True
    """False when `login_hint` is masked: do not put it into the login field."""


def refusal_text(error: Exception) -> str:
    """One Chinese sentence for any error that a session call raises."""
    if isinstance(error, ApiError):
        if error.code is ErrorCode.THROTTLED and error.retry_after:
            return f"操作过于频繁，请 {max(1, round(error.retry_after))} 秒后再试。"
        return error.message
    text = getattr(error, "text", "")
    return text if isinstance(text, str) and text else "操作未完成，请重试。"
