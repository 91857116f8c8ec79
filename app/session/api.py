"""Every call of the contract, typed."""

from collections.abc import Sequence

from app.session.http import HttpCaller
from server_stub.contract.accounts import (
    ChangePassword,
    CodeRequest,
    CodeSent,
    DeviceInfo,
    LoginScan,
    LoginScanAsk,
    LoginScanProof,
    LoginScanState,
    PhoneChange,
    PhoneCode,
    Progress,
    ServerInfo,
    SessionInfo,
    SessionList,
    SetPassword,
    SetupAdmin,
    SetupDemo,
    SignedIn,
    SignIn,
)
from server_stub.contract.conversations import (
    Conversation,
    ConversationSetting,
    CreateGroup,
    CreateSingle,
    EnvelopeRequest,
    Envelopes,
    EnvelopeWanted,
    GroupChange,
    KeyEnvelope,
    Member,
    MemberList,
    MembersChange,
    Message,
    Page,
    Reaction,
    SendMessage,
    Sent,
    SetReaction,
    SettingChange,
)
from server_stub.contract.directory import (
    CardsChanged,
    ChangedCards,
    People,
    PeopleBatch,
    Person,
    SearchResult,
    UnitChildren,
)
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.events import SyncPage
from server_stub.contract.files import HEADER_CHUNK_DIGEST, FileComplete, FileStart, FileState
from server_stub.contract.keys import SealReport
from server_stub.contract.permissions import (
    FeatureSummaries,
    FeatureSummary,
    GrantChange,
    GrantChanges,
    Grants,
    OwnFeatures,
)


class ApiClient:
    """Raises what HttpCaller raises."""

    def __init__(self, http: HttpCaller) -> None:
        self.http = http

    # The server.

    async def server_info(self) -> ServerInfo:
        """What anyone may know."""
        return await self.http.call("GET", "/server", ServerInfo, signed_in=False)

    async def setup_demo(self, people: int = 1200) -> None:
        """Begin to fill an empty server with the demo organisation; follow `setup_progress`."""
        await self.http.call(
            "POST", "/setup/demo", type(None), body=SetupDemo(people=people), signed_in=False
        )

    async def setup_admin(self, wanted: SetupAdmin) -> None:
        """Make the first administrator of an empty server."""
        await self.http.call("POST", "/setup/admin", type(None), body=wanted, signed_in=False)

    async def setup_progress(self) -> Progress:
        """How far the demo is."""
        return await self.http.call("GET", "/setup/progress", Progress, signed_in=False)

    # Accounts.

    async def sign_in(
        self,
        login: str,
        password: str,
        device: DeviceInfo,
        *,
        code: str = "",
        signed_at: int = 0,
        proof: bytes = b"",
    ) -> SignedIn:
        """Account name or phone, password, and what the second factor wants (contract.accounts.SignIn)."""
        body = SignIn(
            login=login, password=password, device=device, code=code, signed_at=signed_at, proof=proof
        )
        return await self.http.call("POST", "/auth/sign-in", SignedIn, body=body, signed_in=False)

    async def ask_scan(self, device: DeviceInfo) -> LoginScan:
        """A code that a signed-in phone may scan to sign this device in (E005)."""
        body = LoginScanAsk(device=device)
        return await self.http.call("POST", "/auth/scans", LoginScan, body=body, signed_in=False)

    async def scan_state(self, scan_id: str, proof: bytes) -> LoginScanState:
        """What became of it."""
        body = LoginScanProof(proof=proof)
        path = f"/auth/scans/{scan_id}"
        return await self.http.call("POST", path, LoginScanState, body=body, signed_in=False)

    async def sign_out(self) -> None:
        """End this session."""
        await self.http.call("POST", "/auth/sign-out", type(None))

    async def request_code(self, login: str, purpose: str) -> CodeSent:
        """A code by text message."""
        body = CodeRequest(login=login, purpose=purpose)
        return await self.http.call("POST", "/auth/code", CodeSent, body=body, signed_in=False)

    async def set_password(self, login: str, purpose: str, code: str, password: str) -> None:
        """Activate or reset."""
        body = SetPassword(login=login, purpose=purpose, code=code, password=password)
        await self.http.call("POST", "/auth/set-password", type(None), body=body, signed_in=False)

    async def change_password(self, old: str, new: str) -> None:
        """Other sessions end."""
        body = ChangePassword(old_password=old, new_password=new)
        await self.http.call("POST", "/auth/password", type(None), body=body)

    async def send_phone_code(self, phone: str, password: str) -> None:
        """A code to a new own number."""
        body = PhoneCode(phone=phone, password=password)
        await self.http.call("POST", "/auth/own-phone/code", CodeSent, body=body)

    async def change_phone(self, phone: str, code: str) -> None:
        """Change the own number with it."""
        body = PhoneChange(phone=phone, code=code)
        await self.http.call("POST", "/auth/own-phone", type(None), body=body)

    async def sessions(self) -> list[SessionInfo]:
        """Own devices."""
        return (await self.http.call("GET", "/auth/sessions", SessionList)).sessions

    async def end_session(self, session_id: str) -> None:
        """Sign another device out."""
        await self.http.call("DELETE", f"/auth/sessions/{session_id}", type(None))

    # Feature permissions.

    async def own_features(self) -> list[str]:
        """Keys of what the account may use."""
        return (await self.http.call("GET", "/features", OwnFeatures)).features

    async def features(self) -> list[FeatureSummary]:
        """All features (administrators)."""
        return (await self.http.call("GET", "/admin/features", FeatureSummaries)).features

    async def grants(self, feature: str) -> Grants:
        """To whom a feature is given (administrators)."""
        return await self.http.call("GET", f"/admin/features/{feature}", Grants)

    async def change_grants(self, feature: str, changes: Sequence[GrantChange]) -> Grants:
        """Give, refuse, take back (administrators)."""
        body = GrantChanges(changes=list(changes))
        return await self.http.call("POST", f"/admin/features/{feature}", Grants, body=body)

    # Directory.

    async def unit_children(self, unit_id: str = "", *, offset: int = 0, limit: int = 200) -> UnitChildren:
        """The direct content of a unit; "" for the root."""
        if not unit_id:
            return await self.http.call("GET", "/directory/roots", UnitChildren)
        query = {"offset": offset, "limit": limit}
        return await self.http.call("GET", f"/directory/units/{unit_id}", UnitChildren, query=query)

    async def person(self, person_id: str) -> Person:
        """One card."""
        return await self.http.call("GET", f"/directory/people/{person_id}", Person)

    async def people(self, ids: Sequence[str]) -> list[Person]:
        """Cards; those that may not be seen are left out. Any number of ids."""
        found: list[Person] = []
        for start in range(0, len(ids), 500):
            body = PeopleBatch(ids=list(ids[start : start + 500]))
            found += (await self.http.call("POST", "/directory/people/batch", People, body=body)).people
        return found

    async def changed_cards(self, after: int, ids: Sequence[str]) -> ChangedCards:
        """Which of these cards (at most 500) changed later than an event; without ids whether any did."""
        body = CardsChanged(after=after, ids=list(ids))
        return await self.http.call("POST", "/directory/people/changed", ChangedCards, body=body)

    async def search_directory(self, text: str, limit: int = 30) -> SearchResult:
        """People and units."""
        query = {"q": text, "limit": limit}
        return await self.http.call("GET", "/directory/search", SearchResult, query=query)

    # Conversations.

    async def open_single(self, person_id: str) -> Conversation:
        """The single chat with a person."""
        body = CreateSingle(person_id=person_id)
        return await self.http.call("POST", "/conversations/single", Conversation, body=body)

    async def create_group(self, client_id: str, name: str, member_ids: Sequence[str]) -> Conversation:
        """Make a group."""
        body = CreateGroup(client_id=client_id, name=name, member_ids=list(member_ids))
        return await self.http.call("POST", "/conversations/group", Conversation, body=body)

    async def conversation(self, conversation_id: str) -> Conversation:
        """One conversation."""
        return await self.http.call("GET", f"/conversations/{conversation_id}", Conversation)

    async def change_group(
        self, conversation_id: str, name: str | None, announcement: str | None
    ) -> Conversation:
        """Change name or announcement."""
        body = GroupChange(name=name, announcement=announcement)
        return await self.http.call("PATCH", f"/conversations/{conversation_id}", Conversation, body=body)

    async def members(self, conversation_id: str, *, with_left: bool = False) -> list[Member]:
        """All members."""
        path = f"/conversations/{conversation_id}/members"
        return (await self.http.call("GET", path, MemberList, query={"with_left": with_left})).members

    async def change_members(
        self, conversation_id: str, add: Sequence[str], remove: Sequence[str]
    ) -> Conversation:
        """Add and remove."""
        body = MembersChange(add=list(add), remove=list(remove))
        path = f"/conversations/{conversation_id}/members"
        return await self.http.call("POST", path, Conversation, body=body)

    async def leave(self, conversation_id: str) -> Conversation:
        """Leave a group."""
        return await self.http.call("POST", f"/conversations/{conversation_id}/leave", Conversation)

    async def change_setting(self, conversation_id: str, change: SettingChange) -> ConversationSetting:
        """The own setting."""
        path = f"/conversations/{conversation_id}/setting"
        return await self.http.call("PATCH", path, ConversationSetting, body=change)

    async def messages(
        self,
        conversation_id: str,
        *,
        before_seq: int | None = None,
        after_seq: int | None = None,
        limit: int = 50,
    ) -> Page:
        """A page, ascending: the newest before, or the oldest after, or the newest of all."""
        query = {"before_seq": before_seq, "after_seq": after_seq, "limit": limit}
        path = f"/conversations/{conversation_id}/messages"
        return await self.http.call("GET", path, Page, query=query)

    async def send_message(
        self, conversation_id: str, client_id: str, body: bytes, file_ids: Sequence[str]
    ) -> Sent:
        """Send over REST (the link is the usual way)."""
        wanted = SendMessage(client_id=client_id, body=body, file_ids=list(file_ids))
        path = f"/conversations/{conversation_id}/messages"
        return await self.http.call("POST", path, Sent, body=wanted)

    async def recall(self, conversation_id: str, seq: int) -> Message:
        """Take a message back."""
        return await self.http.call(
            "POST", f"/conversations/{conversation_id}/messages/{seq}/recall", Message
        )

    async def react(self, conversation_id: str, seq: int, client_id: str, body: bytes) -> Reaction:
        """Replace the own emoji at a message; an empty body takes them back."""
        path = f"/conversations/{conversation_id}/messages/{seq}/reaction"
        return await self.http.call("PUT", path, Reaction, body=SetReaction(client_id=client_id, body=body))

    async def mark_read(self, conversation_id: str, seq: int) -> Member:
        """Move the own read cursor."""
        path = f"/conversations/{conversation_id}/read"
        return await self.http.call("POST", path, Member, query={"seq": seq})

    async def envelopes(self, wanted: Sequence[EnvelopeWanted]) -> list[KeyEnvelope]:
        """Conversation keys under the device's key."""
        body = EnvelopeRequest(items=list(wanted))
        return (await self.http.call("POST", "/keys/envelopes", Envelopes, body=body)).envelopes

    async def sync(self, after: int, limit: int = 500) -> SyncPage:
        """What changed since."""
        return await self.http.call("GET", "/sync", SyncPage, query={"after": after, "limit": limit})

    async def report_seal(self, report: SealReport) -> None:
        """Tell the administrators of something that is not what its sender sealed."""
        await self.http.call("POST", "/keys/reports", type(None), body=report)

    # Files.

    async def start_file(self, wanted: FileStart) -> FileState:
        """Announce or resume an upload."""
        return await self.http.call("POST", "/files", FileState, body=wanted)

    async def file_state(self, file_id: str) -> FileState:
        """How far a file is."""
        return await self.http.call("GET", f"/files/{file_id}", FileState)

    async def put_chunk(self, file_id: str, index: int, sealed: bytes, digest: bytes) -> None:
        """Store a sealed chunk."""
        headers = {HEADER_CHUNK_DIGEST: digest.hex(), "content-type": "application/octet-stream"}
        await self.http.raw("PUT", f"/files/{file_id}/chunks/{index}", content=sealed, headers=headers)

    async def get_chunk(self, file_id: str, index: int) -> tuple[bytes, bytes]:
        """A sealed chunk and the SM3 that the server has of it."""
        response = await self.http.raw("GET", f"/files/{file_id}/chunks/{index}")
        try:
            return response.content, bytes.fromhex(response.headers.get(HEADER_CHUNK_DIGEST, ""))
        except ValueError:
            raise ApiError(ErrorCode.INTEGRITY, HEADER_CHUNK_DIGEST) from None

    async def complete_file(self, file_id: str, digest: bytes) -> FileState:
        """Close an upload."""
        return await self.http.call(
            "POST", f"/files/{file_id}/complete", FileState, body=FileComplete(digest=digest)
        )
