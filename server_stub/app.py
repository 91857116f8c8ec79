"""Composition root of the server: builds every part and joins the features' endpoints in one place."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server_stub.audit_names import AuditNames
from server_stub.bus import TOPIC_ASSISTANT, TOPIC_LINKS, Bus, InProcessBus
from server_stub.companion.site import Companion
from server_stub.config import Settings
from server_stub.contact_rules import ContactRules
from server_stub.contract.accounts import ServerInfo
from server_stub.contract.directory import Person
from server_stub.contract.events import AssistantEvent, LinksEvent
from server_stub.contract.frames import PROTOCOL
from server_stub.contract.permissions import (
    LEADERS_PHONE,
    MEETING_CLERK,
    SECRET_CHAT,
    GrantChange,
    Subject,
)
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.demo_world import DemoWorld
from server_stub.features.accounts.book import AccountBook
from server_stub.features.accounts.desk import AccountDesk
from server_stub.features.accounts.devices import DeviceBook
from server_stub.features.accounts.own_phone import OwnPhone
from server_stub.features.accounts.passwords import Passwords, check_strength
from server_stub.features.accounts.phone import PhoneSessions
from server_stub.features.accounts.rooms import SIGN_IN_ROOM
from server_stub.features.accounts.routes import AccountRoutes
from server_stub.features.accounts.scans import LoginScans
from server_stub.features.accounts.service import AccountLimits, AccountService, read_secret
from server_stub.features.accounts.sms import OutboxGateway, SmsGateway, outbox
from server_stub.features.accounts.tokens import Tokens
from server_stub.features.audit.reading import AuditReader
from server_stub.features.audit.routes import AuditRoutes
from server_stub.features.audit.trail import AuditTrail
from server_stub.features.conversations.access import Right
from server_stub.features.conversations.acquaintance import acquainted
from server_stub.features.conversations.limits import Limits
from server_stub.features.directory.access import DirectoryAccess
from server_stub.features.directory.display import put_phone, read_settings
from server_stub.features.directory.importing_routes import ImportRoutes
from server_stub.features.directory.importing_service import ImportService
from server_stub.features.directory.pinyin import of_name
from server_stub.features.directory.places import UnitPlaces
from server_stub.features.directory.routes import DirectoryRoutes
from server_stub.features.directory.service import DirectoryService
from server_stub.features.directory_admin.lines import LineDesk
from server_stub.features.directory_admin.people import PeopleDesk
from server_stub.features.directory_admin.routes import DirectoryAdminRoutes
from server_stub.features.directory_admin.units import UnitDesk
from server_stub.features.directory_admin.visibility import VisibilityDesk
from server_stub.features.files.service import FileLimits
from server_stub.features.knowledge.assembly import Knowledge, TextSealer
from server_stub.features.links.service import Links
from server_stub.features.llm.assembly import Assistant, KeySealer
from server_stub.features.lock.admin_routes import AdminLockRoutes
from server_stub.features.lock.phone_routes import PhoneLockRoutes
from server_stub.features.lock.rooms import LOCK_ROOM
from server_stub.features.lock.routes import LockRoutes
from server_stub.features.lock.service import LockService
from server_stub.features.meetings.pages import MEETING_ROOM, CheckInPages
from server_stub.features.meetings.routes import MeetingRoutes
from server_stub.features.meetings.service import MeetingsService
from server_stub.features.permissions.routes import PermissionRoutes
from server_stub.features.permissions.service import PermissionService
from server_stub.features.personal.routes import PersonalRoutes
from server_stub.features.personal.service import PersonalService, personal_since, phone_givers
from server_stub.features.secret.policy import read_policy
from server_stub.features.secret.routes import SecretRoutes
from server_stub.features.secret.service import SecretService
from server_stub.features.security.reports import SealReports
from server_stub.features.security.routes import SecurityRoutes
from server_stub.features.security.service import KeyManagement
from server_stub.features.setup.routes import SetupRoutes, is_local
from server_stub.features.setup.service import SetupService, Tools
from server_stub.gateway.assembly import Chat
from server_stub.gateway.assembly import Settings as ChatSettings
from server_stub.gateway.bare_news import BareNews
from server_stub.gateway.custody import CustodyKeys
from server_stub.gateway.directory_news import DirectoryNews
from server_stub.gateway.feature_news import FeatureNews
from server_stub.gateway.people_news import PeopleNews
from server_stub.gateway.phone_keys import CustodyPhoneKeys
from server_stub.gateway.secret_keys import SecretKeys
from server_stub.gateway.secret_news import SecretNews
from server_stub.hsm.custody import KeyCustody
from server_stub.hsm.master import FileMaster
from server_stub.hsm.opening import open_hsm
from server_stub.http.endpoint import Access, Call, Caller, Endpoint
from server_stub.http.openapi import openapi
from server_stub.http.router import Router
from server_stub.observability.metrics import CONTENT_TYPE, Metrics
from server_stub.setup_store import SetupStore
from server_stub.storage.database import Database
from server_stub.storage.engine import embedded_engine, postgres_engine
from server_stub.storage.migrate import migrate
from server_stub.storage.schema import begin_events

log = logging.getLogger(__name__)
_SERVER = Caller(person_id="", session_id="", device_id="", is_admin=True)
"""The server itself, where it asks the directory for names."""


def product_version() -> str:
    """Return the installed version, or that of the source tree."""
    try:
        return version("zhengding-desktop")
    except PackageNotFoundError:
        return "0.1.0"


def _bus(url: str) -> Bus:
    """Without other processes none of Redis is loaded: it takes a part of the start."""
    if not url:
        return InProcessBus()
    from server_stub.gateway.redis_bus import RedisBus

    return RedisBus(url)


def _sms(database: Database, settings: Settings) -> SmsGateway:
    if not settings.sms_url:
        return OutboxGateway(database)
    from server_stub.features.accounts.sms_http import HttpGateway

    return HttpGateway(database, settings.sms_url, settings.sms_token)


class _Clerks:
    """Meeting clerks: administrators, and whom the feature permission is given to."""

    def __init__(self, permissions: PermissionService) -> None:
        self._permissions = permissions

    def is_clerk(self, connection: Connection, caller: Caller) -> bool:
        """See features.meetings.ports.Clerks."""
        own = [caller.person_id]
        return caller.is_admin or bool(self._permissions.allowed_now(connection, own, MEETING_CLERK))


class Server:
    """All parts of one server process, built but not started."""

    def __init__(self, settings: Settings) -> None:
        """Open (or make) the data folder, bring the database up to date, build the features."""
        self.settings = settings
        settings.data.mkdir(parents=True, exist_ok=True)
        self.algorithms = Algorithms.best()
        self.database = self._open_database()
        self.bus = _bus(settings.bus)
        self.metrics = Metrics()
        self.audit = AuditTrail(self.database, self.metrics.refused)
        self.hsm = open_hsm(
            settings.data,
            self.algorithms,
            libraries=tuple(one for one in (settings.hsm_library, settings.hsm_library_2) if one),
            pin=settings.hsm_pin,
            twins=bool(settings.hsm_twins),
        )
        self.custody = KeyCustody(self.hsm)
        self.keys = CustodyKeys(self.custody)
        self.permissions = PermissionService(self.database, self.audit.record)
        self.directory_access = DirectoryAccess(
            self.audit,
            lambda connection, person_id: bool(
                self.permissions.allowed_now(connection, [person_id], LEADERS_PHONE)
            ),
            acquainted,
            phone_givers,
        )
        self.directory = DirectoryService(self.database, self.directory_access)
        self.sms = _sms(self.database, settings)
        self.passwords = Passwords()
        tokens = Tokens(self.algorithms.hmac_sm3, self.database.write_now(read_secret))
        self.accounts = AccountService(
            database=self.database,
            tokens=tokens,
            passwords=self.passwords,
            sms=self.sms,
            cards=self.directory,
            bus=self.bus,
            verify=self.algorithms.sm2_verify,
            audit=self.audit.record,
            limits=AccountLimits(settings.access_token_s, settings.refresh_days * 86400),
        )
        self.phones = PhoneSessions(self.accounts, tokens, self.directory, settings.refresh_days * 86400)
        self.companion = Companion([LOCK_ROOM, MEETING_ROOM, SIGN_IN_ROOM], self.phones.authenticate)
        self.chat = Chat(
            database=self.database,
            bus=self.bus,
            authenticate=self.accounts.authenticate,
            keys=self.keys,
            people=self.directory,
            devices=self.accounts,
            refusals=self.audit,
            digest=self.algorithms.sm3,
            settings=ChatSettings(
                chunk_folder=settings.data / "chunks",
                limits=Limits(recall_seconds=settings.recall_s),
                file_limits=FileLimits(
                    max_bytes=settings.max_file_bytes,
                    blocked_extensions=frozenset(settings.blocked_extensions),
                ),
            ),
            sessions=self.accounts,
            visibility=self.directory,
            gate=ContactRules(self.permissions),
            sources=[personal_since],
            avatar_exists=PersonalService.avatar_exists,
            record=self.audit.record,
        )
        self.people_news = PeopleNews(
            bus=self.bus, gateway=self.chat.gateway, cards=self.directory, database=self.database
        )
        self.personal = PersonalService(
            database=self.database,
            publisher=self.chat.gateway.fanout,
            people=self.directory,
            tell_status=self.chat.gateway.tell_status,
            card_changed=self.people_news.announce,
        )
        self.chat.gateway.statuses = self.personal
        self.setup = SetupService(
            SetupStore(self.database),
            DemoWorld(self.database, self.chat, self.keys, self.algorithms),
            self.algorithms,
            Tools(of_name, self.passwords.hash, check_strength, self.audit.record),
        )
        self.key_management = KeyManagement(
            database=self.chat.conversations.database,
            alg=self.algorithms,
            hsm=self.hsm,
            custody=self.custody,
            epochs=self.chat.conversations.epochs,
            names=lambda ids: self.directory.names(_SERVER, ids),
            administrators=AccountDesk(self.database, self.accounts).administrators,
            notify=self.chat.conversations.notify_work,
        )
        self.meetings = MeetingsService(
            database=self.database,
            bus=self.bus,
            units=UnitPlaces(),
            clerks=_Clerks(self.permissions),
            refusals=self.audit,
            notices=self.chat.conversations,
            texts=self.sms,
            secret=self.database.write_now(read_secret),
            public_address=settings.public_address,
        )
        self.metrics.watch(self.chat.gateway)
        self.directory_news = DirectoryNews(
            bus=self.bus, gateway=self.chat.gateway, note_changed=self.directory.note_changed
        )
        self.own_phone = OwnPhone(
            self.database,
            tokens,
            self.passwords,
            self.sms,
            self.audit.record,
            allowed=lambda connection: read_settings(connection).own_phone_change,
            put=put_phone,
            announce=self.people_news.announce,
        )
        self.feature_news = FeatureNews(
            bus=self.bus, gateway=self.chat.gateway, decisions=self.permissions, database=self.database
        )
        self.permissions.on_change(self.feature_news.announce)
        self.lock = LockService(
            database=self.database,
            bus=self.bus,
            devices=DeviceBook(self.database, self.accounts),
            online=self.chat.gateway.online_sessions,
            tell=self.chat.gateway.fanout.tell,
            everybody=self.chat.gateway.signed_in_connections,
            keys=CustodyPhoneKeys(self.custody),
            algorithms=self.algorithms,
            names=lambda ids: self.directory.names(_SERVER, ids),
            audit=self.audit.record,
            refusals=self.audit,
        )
        self.assistant_news = BareNews(
            bus=self.bus,
            gateway=self.chat.gateway,
            topic=TOPIC_ASSISTANT,
            event=AssistantEvent(event_id=0),
        )
        self.link_news = BareNews(
            bus=self.bus, gateway=self.chat.gateway, topic=TOPIC_LINKS, event=LinksEvent(event_id=0)
        )
        self.assistant = Assistant(
            self.database,
            self.permissions,
            KeySealer(
                self.algorithms,
                FileMaster(settings.data / "keys" / "llm.key").obtain(salt=b"", create=True),
            ),
            settings.data / "models",
            self.audit.record,
            self.metrics,
            self.assistant_news.announce,
        )
        self.knowledge = Knowledge(
            self.database,
            TextSealer(
                self.algorithms,
                FileMaster(settings.data / "keys" / "knowledge.key").obtain(salt=b"", create=True),
            ),
            self.assistant.service.admit,
            self.audit.record,
            self.assistant_news.announce,
            self.assistant.service.pool,
        )
        self.secret = self._build_secret()
        self.endpoints = self._endpoints()
        self.app = self._asgi()

    def _build_secret(self) -> SecretService:
        database = self.chat.conversations.database
        secret = SecretService(
            database=database,
            permissions=self.permissions,
            gate=ContactRules(self.permissions),
            names=self.directory,
            devices=self.accounts,
            connected=self.chat.gateway,
            keys=SecretKeys(self.custody),
            news=SecretNews(lambda: self.chat.gateway, database),
            audit=self.audit,
        )
        self.permissions.gate(SECRET_CHAT, lambda connection: read_policy(connection).enabled)
        secret.oversight.on_switch = lambda: self.feature_news.announce(
            SECRET_CHAT, [GrantChange(subject=Subject.EVERYONE, allow=None)]
        )
        return secret

    def _open_database(self) -> Database:
        if self.settings.database:
            engine = postgres_engine(self.settings.database)
            migrate(engine)
            return Database(engine, readers=8, writers=2)
        key = FileMaster(self.settings.data / "keys" / "database.key").obtain(salt=b"", create=True)
        engine = embedded_engine(self.settings.data / "server.db", key)
        migrate(engine)
        return Database(engine)

    def _endpoints(self) -> list[Endpoint]:
        """Every REST endpoint of the server: a new feature adds its line here."""
        return [
            Endpoint(
                "GET",
                "/api/v1/server",
                Access.PUBLIC,
                self._info,
                "What anyone may know of the server",
                answer=ServerInfo,
                tags=("server",),
            ),
            *AccountRoutes(
                self.accounts,
                self.chat.gateway.online_sessions,
                lambda limit: outbox(self.database, limit),
            ).endpoints(),
            *self.own_phone.endpoints(),
            *self.phones.endpoints(),
            *LoginScans(
                self.database, self.accounts, self.algorithms.sm2_verify, self.audit.record, self.audit
            ).endpoints(),
            *SetupRoutes(self.setup).endpoints(),
            *DirectoryRoutes(self.directory).endpoints(),
            *PermissionRoutes(self.permissions).endpoints(),
            *ImportRoutes(
                ImportService(self.database, AccountBook(), self.audit.record, self.people_news.announce),
                self.database,
                AccountBook(),
                self.audit.record,
            ).endpoints(),
            *DirectoryAdminRoutes(
                UnitDesk(self.database, self.audit.record, self.directory_news.announce),
                PeopleDesk(
                    self.database,
                    self.directory_access,
                    AccountDesk(self.database, self.accounts),
                    self.audit.record,
                    self.people_news.announce,
                ),
                LineDesk(self.database, self.directory_access, self.audit.record),
                VisibilityDesk(self.database, self.audit.record, self.directory_news.announce),
            ).endpoints(),
            *self.chat.endpoints(),
            *SecretRoutes(self.secret).endpoints(),
            *PersonalRoutes(self.personal, self._set_picture).endpoints(),
            *SecurityRoutes(self.key_management, self._seal_reports()).endpoints(),
            *LockRoutes(self.lock).endpoints(),
            *PhoneLockRoutes(self.lock).endpoints(),
            *AdminLockRoutes(self.lock, self.audit.record).endpoints(),
            *MeetingRoutes(self.meetings).endpoints(),
            *CheckInPages(self.meetings.checkins).endpoints(),
            *self.assistant.endpoints(),
            *self.knowledge.endpoints(),
            *AuditRoutes(AuditReader(self.database, self.audit, AuditNames(self.database))).endpoints(),
            *Links(self.database, self.audit.record, self.link_news.announce).endpoints(),
        ]

    def _seal_reports(self) -> SealReports:
        reading = self.chat.conversations.reading
        return SealReports(
            self.database,
            self.key_management.journal,
            lambda caller, id_: reading.check(caller, id_, Right.READ),
        )

    async def _set_picture(self, caller: Caller, avatar_id: str) -> Person:
        await self.directory.set_picture(caller.person_id, avatar_id)
        await self.people_news.announce([caller.person_id])
        return await self.directory.own_card(caller.person_id)

    def _asgi(self) -> Starlette:
        document = json.dumps(
            openapi(self.endpoints, title="政钉服务器", version=product_version()), ensure_ascii=False
        ).encode()

        async def spec(_request: Request) -> Response:
            return Response(document, media_type="application/json")

        async def health(_request: Request) -> Response:
            return Response(b'{"status":"ok"}', media_type="application/json")

        async def ready(_request: Request) -> Response:
            try:
                await self.directory.top_name()
            except Exception:
                log.exception("not ready")
                return Response(b'{"status":"unavailable"}', status_code=503, media_type="application/json")
            return Response(b'{"status":"ready"}', media_type="application/json")

        async def metrics(_request: Request) -> Response:
            return Response(self.metrics.text(), media_type=CONTENT_TYPE)

        router = Router(
            self.accounts.authenticate, self.metrics, self.phones.authenticate, self.audit.refused
        )
        return Starlette(
            routes=[
                Route("/health", health),
                Route("/ready", ready),
                Route("/metrics", metrics),
                Route("/openapi.json", spec),
                *router.routes(self.endpoints),
                *self.companion.routes(),
            ]
        )

    @property
    def websocket_protocol(self) -> Callable[..., asyncio.Protocol]:
        """What uvicorn gets as `ws`."""
        return self.chat.websocket_protocol()

    async def start(self) -> None:
        """Begin to serve."""
        await self.database.write(begin_events)
        await self.bus.start()
        await self.accounts.start()
        await self.chat.start()
        self.people_news.start()
        self.directory_news.start()
        self.feature_news.start()
        self.assistant_news.start()
        self.link_news.start()
        self.lock.start()
        await self.setup.start()
        await self.key_management.start()
        await self.meetings.start()
        await self.secret.start()
        await self.assistant.start()
        # Who connected before would miss what other processes publish meanwhile, and nothing would tell him.
        await self.bus.ready()

    async def close(self) -> None:
        """End connections and jobs, finish writes, let go of files."""
        await self.knowledge.close()
        await self.assistant.close()
        await self.lock.close()
        await self.meetings.close()
        await self.secret.close()
        await self.key_management.close()
        await self.setup.close()
        await self.feature_news.close()
        self.assistant_news.close()
        self.link_news.close()
        await self.people_news.close()
        self.directory_news.close()
        await self.chat.close()
        await self.accounts.close()
        await self.sms.close()
        await self.bus.close()
        await asyncio.to_thread(self.database.close)
        self.hsm.close()

    async def _info(self, call: Call[Any]) -> ServerInfo:
        unfinished = await self.setup.needs_setup()
        organisation = "" if unfinished else await self.directory.top_name()
        # Whoever comes over the network is not told how to sign in.
        demo_accounts = await self.setup.demo_accounts() if is_local(call) and not unfinished else []
        return ServerInfo(
            name="政钉",
            version=product_version(),
            protocol=PROTOCOL,
            time=int(time.time() * 1000),
            organisation=organisation or self.settings.organisation,
            needs_setup=unfinished,
            demo_accounts=demo_accounts,
            max_file_bytes=self.settings.max_file_bytes,
            blocked_extensions=sorted(self.settings.blocked_extensions),
            recall_seconds=self.settings.recall_s,
            map_url=self.settings.map_url,
            speech_url=self.settings.speech_url,
            client_version=self.settings.client_version,
            client_notes=self.settings.client_notes,
            client_url=self.settings.client_url,
            preview_hosts=list(self.settings.preview_hosts),
        )
