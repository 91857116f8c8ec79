"""A login service in memory."""

from __future__ import annotations

from collections.abc import Callable

from app.features.login.service import Outcome
from app.session.states import AccountEntry, SignInStep
from server_stub.contract.accounts import DemoAccount, Progress, ServerInfo, SetupAdmin
from server_stub.contract.errors import ApiError, ErrorCode

WORD = "Zhengding1"
DEMO = [
    DemoAccount(login="liqiang", password=WORD, name="李强", title="中原区政府办 副主任"),
    DemoAccount(login="zhaomin", password=WORD, name="赵敏", title="市自然资源和规划局 规划处 处长"),
]


class ShowcaseLogin:
    """See features.login.service.LoginService. `outcomes` are given one after another to sign-in attempts."""

    def __init__(self, *, needs_setup: bool = False) -> None:
        self.server_url = ""
        self.bundled = True
        self.outcomes: list[Outcome] = []
        self.calls: list[tuple[str, tuple[object, ...]]] = []
        self.error: Exception | None = None
        self.remembered: list[AccountEntry] = []
        self._info = ServerInfo(
            name="政钉服务",
            version="0.1.0",
            protocol=1,
            time=0,
            organisation="" if needs_setup else "郑州市",
            needs_setup=needs_setup,
            demo_accounts=[] if needs_setup else DEMO,
        )

    def _note(self, name: str, *arguments: object) -> None:
        self.calls.append((name, arguments))
        if self.error is not None:
            error, self.error = self.error, None
            raise error

    async def connect_bundled(self) -> ServerInfo:
        self._note("connect_bundled")
        self.server_url, self.bundled = "http://127.0.0.1:9", True
        return self._info

    async def connect(self, url: str) -> ServerInfo:
        self._note("connect", url)
        self.server_url, self.bundled = url, False
        return replace_info(self._info, organisation="示例市", demo_accounts=[], needs_setup=False)

    async def fill_demo(self, on_progress: Callable[[Progress], None]) -> ServerInfo:
        self._note("fill_demo")
        on_progress(Progress(done=600, total=1200, stage="创建人员"))
        self._info = replace_info(self._info, organisation="郑州市", needs_setup=False, demo_accounts=DEMO)
        return self._info

    async def make_administrator(self, administrator: SetupAdmin) -> ServerInfo:
        self._note("make_administrator", administrator)
        self._info = replace_info(self._info, organisation=administrator.organisation, needs_setup=False)
        return self._info

    def entries(self) -> list[AccountEntry]:
        return self.remembered

    async def sign_in(self, login: str, password: str, code: str = "") -> Outcome:
        self._note("sign_in", login, password, *([code] if code else []))
        return self._next()

    async def scan(self, show: Callable[[str, str], None]) -> Outcome:
        self._note("scan")
        show("http://127.0.0.1:9/m/login#0197f0a0-0000-7000-8000-000000000001", "4271")
        return self._next()

    async def give_passcode(self, passcode: str) -> Outcome:
        self._note("give_passcode", passcode)
        return self._next()

    async def start_over(self) -> Outcome:
        self._note("start_over")
        return self._next()

    def _next(self) -> Outcome:
        return self.outcomes.pop(0) if self.outcomes else Outcome(SignInStep.SIGNED_IN)

    async def request_code(self, login: str, purpose: str) -> int:
        self._note("request_code", login, purpose)
        return 60

    async def set_password(self, login: str, purpose: str, code: str, password: str) -> None:
        self._note("set_password", login, purpose, code)
        if code == "000000":
            raise ApiError(ErrorCode.BAD_CODE)


def replace_info(info: ServerInfo, **changes: object) -> ServerInfo:
    """A copy with other values."""
    import msgspec

    return msgspec.structs.replace(info, **changes)
