"""Error codes of the server, in one place; each has a text for the user."""

from enum import StrEnum

from .wire import Wire


class ErrorCode(StrEnum):
    """Machine-readable reason of a refusal. `HTTP_STATUS` gives its HTTP status, `ERROR_TEXT` its text."""

    BAD_REQUEST = "bad_request"
    UNAUTHENTICATED = "unauthenticated"
    TOKEN_EXPIRED = "token_expired"
    BAD_CREDENTIALS = "bad_credentials"
    ACCOUNT_DISABLED = "account_disabled"
    NOT_ACTIVATED = "not_activated"
    BAD_CODE = "bad_code"
    CODE_NEEDED = "code_needed"
    WEAK_PASSWORD = "weak_password"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    INTEGRITY = "integrity"
    THROTTLED = "throttled"
    KEY_DESTROYED = "key_destroyed"
    RECALL_TOO_LATE = "recall_too_late"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


HTTP_STATUS: dict[ErrorCode, int] = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.TOKEN_EXPIRED: 401,
    ErrorCode.BAD_CREDENTIALS: 401,
    ErrorCode.ACCOUNT_DISABLED: 403,
    ErrorCode.NOT_ACTIVATED: 403,
    ErrorCode.BAD_CODE: 400,
    ErrorCode.CODE_NEEDED: 403,
    ErrorCode.WEAK_PASSWORD: 400,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.GONE: 410,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.TYPE_NOT_ALLOWED: 415,
    ErrorCode.INTEGRITY: 422,
    ErrorCode.THROTTLED: 429,
    ErrorCode.KEY_DESTROYED: 410,
    ErrorCode.RECALL_TOO_LATE: 409,
    ErrorCode.OVERLOADED: 503,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.INTERNAL: 500,
}

ERROR_TEXT: dict[ErrorCode, str] = {
    ErrorCode.BAD_REQUEST: "请求内容不正确，请检查后重试。",
    ErrorCode.UNAUTHENTICATED: "请先登录。",
    ErrorCode.TOKEN_EXPIRED: "登录已过期，请重新登录。",
    ErrorCode.BAD_CREDENTIALS: "账号或密码不正确。",
    ErrorCode.ACCOUNT_DISABLED: "账号已停用，请联系单位管理员。",
    ErrorCode.NOT_ACTIVATED: "账号尚未激活，请先完成激活。",
    ErrorCode.BAD_CODE: "验证码不正确或已过期，请重新获取。",
    ErrorCode.CODE_NEEDED: "请输入短信验证码。",
    ErrorCode.WEAK_PASSWORD: "密码过于简单：至少 8 位，并同时包含字母和数字。",
    ErrorCode.FORBIDDEN: "您没有进行此操作的权限。",
    ErrorCode.NOT_FOUND: "内容不存在，或您没有查看权限。",
    ErrorCode.CONFLICT: "内容已被他人更改，请刷新后重试。",
    ErrorCode.GONE: "内容已被删除。",
    ErrorCode.TOO_LARGE: "内容超过大小限制。",
    ErrorCode.TYPE_NOT_ALLOWED: "不允许发送此类型的文件。",
    ErrorCode.INTEGRITY: "文件校验未通过，请重新上传。",
    ErrorCode.THROTTLED: "操作过于频繁，请稍后再试。",
    ErrorCode.KEY_DESTROYED: "密钥已销毁，内容无法查看。",
    ErrorCode.RECALL_TOO_LATE: "已超过可撤回的时间。",
    ErrorCode.OVERLOADED: "服务繁忙，请稍后再试。",
    ErrorCode.UNAVAILABLE: "服务暂不可用，请稍后再试。",
    ErrorCode.INTERNAL: "服务出错，请稍后再试；如反复出现请联系管理员。",
}


class ErrorBody(Wire, frozen=True, kw_only=True):
    """Body of every refusal."""

    code: ErrorCode
    message: str
    """A sentence for the user, in Chinese."""
    detail: str = ""
    """What exactly was wrong, for the detail fold; never a secret."""
    retry_after: float = 0.0
    """Seconds to wait before trying again; 0 when waiting does not help."""
    trace_id: str = ""


class ApiError(Exception):
    """A refusal with its code, raised by services and turned into `ErrorBody` at the edge."""

    def __init__(
        self, code: ErrorCode, detail: str = "", *, message: str = "", retry_after: float = 0.0
    ) -> None:
        super().__init__(f"{code}: {detail or message}")
        self.code = code
        self.detail = detail
        self.message = message or ERROR_TEXT[code]
        self.retry_after = retry_after

    def body(self, trace_id: str = "") -> ErrorBody:
        """Return the body to send."""
        return ErrorBody(
            code=self.code,
            message=self.message,
            detail=self.detail,
            retry_after=self.retry_after,
            trace_id=trace_id,
        )
