"""What came of a sign-in, in the words of the login page."""

from dataclasses import dataclass

from app.session.session import Session
from app.session.states import NetworkError, SignInStep, refusal_text
from app.store.errors import StoreError
from server_stub.contract.errors import ApiError, ErrorCode

_STEPS = {ErrorCode.NOT_ACTIVATED: SignInStep.NEEDS_ACTIVATION, ErrorCode.CODE_NEEDED: SignInStep.NEEDS_CODE}


@dataclass(frozen=True, slots=True)
class SignInResult:
    """What came of it, and what to show next."""

    step: SignInStep
    session: Session | None = None
    text: str = ""
    detail: str = ""
    retry_after: float = 0.0


def result_of(error: Exception) -> SignInResult:
    """What to say of a failure; what nobody foresaw is raised on."""
    if isinstance(error, ApiError):
        step = _STEPS.get(error.code, SignInStep.REFUSED)
        return SignInResult(
            step, text=refusal_text(error), detail=error.detail, retry_after=error.retry_after
        )
    if isinstance(error, NetworkError):
        return SignInResult(SignInStep.UNREACHABLE, text=error.text, detail=error.detail)
    if isinstance(error, StoreError):
        return SignInResult(SignInStep.DATA_PROBLEM, text=error.text, detail=error.detail)
    if isinstance(error, OSError):
        text = "本机数据文件夹无法读写，请检查可用空间和权限。"
        return SignInResult(SignInStep.DATA_PROBLEM, text=text, detail=type(error).__name__)
    raise error
