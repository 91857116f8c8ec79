"""REST endpoints of the key management console; administrators only."""

from typing import Any

from server_stub.contract.keys import (
    AlgorithmBackends,
    AuditVerdict,
    BackupRequest,
    Confirmation,
    Destruction,
    DestructionPreview,
    DeviceList,
    KeyAudit,
    KeyExport,
    KeyImport,
    KeyOverview,
    KeyRequest,
    KeyRequests,
    KeyShare,
    RestoreRequest,
    RotateNow,
    RotationPolicy,
    SealReport,
    WorkingKeys,
)
from server_stub.http.endpoint import Access, Call, Endpoint, Query, Response

from .reports import SealReports
from .service import KeyManagement

_TAGS = ("security",)
_CLAUSES = ("3.3.4",)
_MAX_BACKUP = 256 * 1024 * 1024


class SecurityRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: KeyManagement, reports: SealReports) -> None:
        self._service = service
        self._reports = reports

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        base = "/api/v1/security"
        one = base + "/requests/{id}"

        def get(path: str, handler: Any, summary: str, answer: Any, **query: Query) -> Endpoint:
            return Endpoint(
                "GET",
                path,
                Access.ADMIN,
                handler,
                summary,
                answer=answer,
                query=query,
                tags=_TAGS,
                clauses=_CLAUSES,
            )

        def do(
            method: str, path: str, handler: Any, summary: str, body: Any, answer: Any, size: int = 1 << 20
        ) -> Endpoint:
            return Endpoint(
                method,
                path,
                Access.ADMIN,
                handler,
                summary,
                body=body,
                answer=answer,
                max_body=size,
                tags=_TAGS,
                clauses=_CLAUSES,
            )

        report = Endpoint(
            "POST",
            "/api/v1/keys/reports",
            Access.SIGNED_IN,
            self._report,
            "Tell of a message or chunk that is not what its sender sealed",
            body=SealReport,
            tags=_TAGS,
            clauses=_CLAUSES,
        )
        limit = Query(int, 100, minimum=1, maximum=500)
        return [
            report,
            get(base + "/devices", self._devices, "Encryption machines with their self-test", DeviceList),
            get(base + "/keys", self._overview, "Keys by level and state, never their values", KeyOverview),
            get(
                base + "/keys/working",
                self._working,
                "Conversation keys by page",
                WorkingKeys,
                after=Query(str, "", max_length=60),
                limit=limit,
            ),
            get(base + "/rotation", self._policy, "The rotation policy", RotationPolicy),
            do("PUT", base + "/rotation", self._set_policy, "Change it", RotationPolicy, RotationPolicy),
            do("POST", base + "/rotation/now", self._rotate, "Rotate now", RotateNow, KeyOverview),
            do(
                "POST",
                base + "/destruction/preview",
                self._preview,
                "What an emergency destruction would do",
                Destruction,
                DestructionPreview,
            ),
            do("POST", base + "/destruction", self._destroy, "Ask for one", Destruction, KeyRequest),
            do("POST", base + "/backup", self._backup, "Ask for a backup", BackupRequest, KeyRequest),
            do(
                "POST",
                base + "/restore",
                self._restore,
                "Ask for a restore",
                RestoreRequest,
                KeyRequest,
                _MAX_BACKUP,
            ),
            do("POST", base + "/keys/export", self._export_key, "Ask for one key", KeyExport, KeyRequest),
            do("POST", base + "/keys/import", self._import_key, "Bring one key back", KeyImport, KeyRequest),
            get(base + "/requests", self._requests, "What two administrators do", KeyRequests, limit=limit),
            get(one, self._request, "One request with its progress", KeyRequest),
            do("POST", one + "/confirm", self._confirm, "Confirm as the second", Confirmation, KeyRequest),
            do("POST", one + "/cancel", self._cancel, "Take back a waiting request", None, KeyRequest),
            do("POST", one + "/share", self._share, "Take the own share, once", None, KeyShare),
            get(one + "/backup", self._file, "The file of a finished backup or export", Response),
            get(
                base + "/audit",
                self._audit,
                "The hash-chained log, newest first",
                KeyAudit,
                before=Query(int, minimum=1, maximum=2**53),
                kind=Query(str, "", max_length=40),
                actor=Query(str, "", max_length=36),
                limit=limit,
            ),
            get(
                base + "/audit/export",
                self._export,
                "The log as CSV",
                Response,
                kind=Query(str, "", max_length=40),
            ),
            do("POST", base + "/audit/verify", self._verify, "Verify the chain", None, AuditVerdict),
            get(base + "/algorithms", self._algorithms, "Algorithm backends, timed here", AlgorithmBackends),
        ]

    async def _report(self, call: Call[SealReport]) -> None:
        await self._reports.take(call.caller, call.body)

    async def _devices(self, _call: Call[None]) -> DeviceList:
        return await self._service.devices()

    async def _overview(self, _call: Call[None]) -> KeyOverview:
        return await self._service.keeping.overview()

    async def _working(self, call: Call[None]) -> WorkingKeys:
        return await self._service.keeping.page(call.query["after"], call.query["limit"])

    async def _policy(self, _call: Call[None]) -> RotationPolicy:
        return await self._service.keeping.policy()

    async def _set_policy(self, call: Call[RotationPolicy]) -> RotationPolicy:
        return await self._service.keeping.set_policy(call.caller.person_id, call.body)

    async def _rotate(self, call: Call[RotateNow]) -> KeyOverview:
        await self._service.keeping.rotate_kek(call.caller.person_id, call.body.purpose)
        return await self._service.keeping.overview()

    async def _preview(self, call: Call[Destruction]) -> DestructionPreview:
        return await self._service.works.preview(call.body)

    async def _destroy(self, call: Call[Destruction]) -> KeyRequest:
        preview = await self._service.works.preview(call.body)
        asked = await self._service.requests.ask(
            call.caller.person_id, "destroy", reason=call.body.reason, preview=preview
        )
        return await self._named(asked)

    async def _backup(self, call: Call[BackupRequest]) -> KeyRequest:
        asked = await self._service.requests.ask(call.caller.person_id, "backup", reason=call.body.reason)
        return await self._named(asked)

    async def _restore(self, call: Call[RestoreRequest]) -> KeyRequest:
        body = call.body
        asked = await self._service.requests.ask(
            call.caller.person_id, "restore", reason=body.reason, data=body.backup, share=body.share
        )
        return await self._named(asked)

    async def _export_key(self, call: Call[KeyExport]) -> KeyRequest:
        body = call.body
        preview = await self._service.works.key_preview(body.conversation_id, body.epoch)
        asked = await self._service.requests.ask(
            call.caller.person_id, "export", reason=body.reason, preview=preview
        )
        return await self._named(asked)

    async def _import_key(self, call: Call[KeyImport]) -> KeyRequest:
        body = call.body
        asked = await self._service.requests.ask(
            call.caller.person_id, "import", reason=body.reason, data=body.file, share=body.share
        )
        return await self._named(asked)

    async def _requests(self, call: Call[None]) -> KeyRequests:
        return await self._service.named(await self._service.requests.newest(call.query["limit"]))

    async def _request(self, call: Call[None]) -> KeyRequest:
        return await self._named(await self._service.requests.one(call.path["id"]))

    async def _confirm(self, call: Call[Confirmation]) -> KeyRequest:
        done = await self._service.requests.confirm(call.caller.person_id, call.path["id"], call.body.share)
        return await self._named(done)

    async def _cancel(self, call: Call[None]) -> KeyRequest:
        return await self._named(await self._service.requests.cancel(call.caller.person_id, call.path["id"]))

    async def _share(self, call: Call[None]) -> KeyShare:
        return KeyShare(share=await self._service.requests.share(call.caller.person_id, call.path["id"]))

    async def _file(self, call: Call[None]) -> Response:
        data = await self._service.requests.backup(call.caller.person_id, call.path["id"])
        return Response(data, media_type="application/octet-stream")

    async def _audit(self, call: Call[None]) -> KeyAudit:
        query = call.query
        return await self._service.audit(
            before=query["before"], kind=query["kind"], actor=query["actor"], limit=query["limit"]
        )

    async def _export(self, call: Call[None]) -> Response:
        text = await self._service.audit_csv(call.caller.person_id, kind=call.query["kind"])
        return Response(text, media_type="text/csv; charset=utf-8")

    async def _verify(self, _call: Call[None]) -> AuditVerdict:
        return await self._service.verify_audit()

    async def _algorithms(self, _call: Call[None]) -> AlgorithmBackends:
        return await self._service.backends()

    async def _named(self, row: KeyRequest) -> KeyRequest:
        return (await self._service.named([row])).requests[0]
