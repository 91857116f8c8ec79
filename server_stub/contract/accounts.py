"""Sign-in, activation, devices and sessions (E001–E004, E007, 3.1.3.3)."""

from .directory import Person
from .wire import Request, Wire


class DeviceInfo(Request, frozen=True, kw_only=True):
    """The device that signs in. `id` is made once by the client (UUIDv7) and kept for the profile's life."""

    id: str
    name: str
    platform: str
    """"windows", "uos", "kylin", "linux"."""
    app_version: str
    public_key: bytes
    """SM2 public key, 65 bytes 04‖X‖Y; conversation keys come as envelopes to it."""


class SignIn(Request, frozen=True, kw_only=True):
    """Account name or phone number, and password.

    Where a second factor is wanted (E006) the answer is CODE_NEEDED and a code was sent by text message; the same call
    with `code` signs in. A trusted device is spared that by `proof`: its SM2 signature (r‖s, 64 bytes) over
    b"zd-sign-in" ‖ device.id ‖ b"\\n" ‖ login as sent ‖ b"\\n" ‖ str(signed_at).
    """

    login: str
    password: str
    device: DeviceInfo
    code: str = ""
    signed_at: int = 0
    """Unix milliseconds."""
    proof: bytes = b""


class LoginPolicy(Request, frozen=True, kw_only=True):
    """The second factor of sign-in: "off", "admins" or "everyone". A device that has passed it is asked again after
    `trust_days` (0: every time). What new passwords must be, and after how many days they are to be renewed (3.2.3.4.1)."""

    second_factor: str = "off"
    trust_days: int = 30
    password_length: int = 8
    """At least so many characters."""
    password_kinds: int = 2
    """Letters and digits always; 3: of capitals, small letters, digits and signs three kinds; 4: all."""
    password_days: int = 0
    """A password that is older does not sign in any more (0: always does); it is renewed with a code by text message."""


class Tokens(Wire, frozen=True, kw_only=True):
    """Access token for `expires_in` seconds, and the refresh token that replaces it once."""

    access_token: str
    expires_in: int
    refresh_token: str


class SignedIn(Wire, frozen=True, kw_only=True):
    """Answer to a successful sign-in."""

    tokens: Tokens
    person: Person
    session_id: str
    is_admin: bool = False
    server_time: int = 0
    """Unix time in milliseconds, for the client's skew estimate."""


class LoginScanAsk(Request, frozen=True, kw_only=True):
    """This device wants to be signed in by a phone (E005)."""

    device: DeviceInfo


class LoginScan(Wire, frozen=True, kw_only=True):
    """What the login page shows: `path` below the server's address as a QR code, `code` to compare with the phone."""

    id: str
    code: str
    path: str
    expires_in: int
    """Seconds."""


class LoginScanProof(Request, frozen=True, kw_only=True):
    """SM2 signature (r‖s, 64 bytes) of the device that asked, over b"zd-scan-sign-in" ‖ id."""

    proof: bytes


class LoginScanState(Wire, frozen=True, kw_only=True):
    """ "waiting", "confirmed" (once, with the session), "rejected", "expired"."""

    state: str
    login: str = ""
    """The account's name, with the session."""
    signed_in: SignedIn | None = None


class PhoneLogin(Wire, frozen=True, kw_only=True):
    """A computer that asks to be signed in, for the phone."""

    id: str
    device_name: str
    address: str
    asked_at: int
    """Unix milliseconds."""
    code: str
    state: str
    """As in LoginScanState, and "used"."""


class Refresh(Request, frozen=True, kw_only=True):
    """Exchange a refresh token. It works once; using it a second time ends the whole session.

    `proof` is the SM2 signature (r‖s, 64 bytes) of the device over
    b"zd-refresh" ‖ session_id ‖ b"\\n" ‖ refresh_token ‖ b"\\n" ‖ str(signed_at).
    """

    session_id: str
    refresh_token: str
    signed_at: int
    proof: bytes


class CodeRequest(Request, frozen=True, kw_only=True):
    """Ask for a code by text message: `purpose` "activate" or "reset"."""

    login: str
    purpose: str


class CodeSent(Wire, frozen=True, kw_only=True):
    """The answer is the same whether or not the login exists. `masked_phone` is empty then."""

    expires_in: int
    resend_after: int


class SetPassword(Request, frozen=True, kw_only=True):
    """Activate or reset with the code that was sent."""

    login: str
    purpose: str
    code: str
    password: str


class ChangePassword(Request, frozen=True, kw_only=True):
    """Change the own password; every other session ends."""

    old_password: str
    new_password: str


class PhoneCode(Request, frozen=True, kw_only=True):
    """Ask for a code to a new own number."""

    phone: str
    password: str


class PhoneChange(Request, frozen=True, kw_only=True):
    """Change the own number with the code that was sent to it."""

    phone: str
    code: str


class SessionInfo(Wire, frozen=True, kw_only=True):
    """One signed-in device of the caller."""

    id: str
    device_name: str
    platform: str
    app_version: str
    signed_in_at: int
    last_seen_at: int
    address: str
    online: bool = False
    current: bool = False


class SessionList(Wire, frozen=True, kw_only=True):
    """All live sessions of the caller."""

    sessions: list[SessionInfo]


class SmsItem(Wire, frozen=True, kw_only=True):
    """A text message in the administrator's outbox (the default gateway sends nothing)."""

    id: str
    phone: str
    text: str
    created_at: int
    state: str
    """"queued", "sent", "failed"."""


class SmsOutbox(Wire, frozen=True, kw_only=True):
    """Newest first."""

    items: list[SmsItem]


class ServerInfo(Wire, frozen=True, kw_only=True):
    """What anyone may know of the server."""

    name: str
    version: str
    protocol: int
    time: int
    """Unix milliseconds."""
    organisation: str
    needs_setup: bool = False
    """True until an organisation was imported or the demo was made; only then is /setup open."""
    demo_accounts: list["DemoAccount"] = []
    """Named on the login page when the demo organisation is in use; empty otherwise."""
    max_file_bytes: int = 0
    blocked_extensions: list[str] = []
    recall_seconds: int = 0
    map_url: str = ""
    """Opens a place in a map: {longitude}, {latitude} and {name} are filled in; empty for the client's own."""
    speech_url: str = ""
    """Writes speech down (see docs/protocol.md); empty where there is none."""
    preview_hosts: list[str] = []
    """Hosts of the organisation's own network that clients may ask for link previews."""
    client_version: str = ""
    """The client's version that the administrators recommend; empty for none (E168)."""
    client_notes: str = ""
    client_url: str = ""
    """Where it can be had; https only."""
    websocket_path: str = "/api/v1/ws"


class DemoAccount(Wire, frozen=True, kw_only=True):
    """An account to try, of the demo organisation only."""

    login: str
    password: str
    name: str
    title: str


class SetupDemo(Request, frozen=True, kw_only=True):
    """Fill an empty server with the demo organisation."""

    people: int = 1200


class SetupAdmin(Request, frozen=True, kw_only=True):
    """Make the first administrator of an empty server."""

    organisation: str
    login: str
    name: str
    phone: str
    password: str


class Progress(Wire, frozen=True, kw_only=True):
    """State of a long piece of work."""

    done: int
    total: int
    stage: str = ""
    finished: bool = False
    error: str = ""
