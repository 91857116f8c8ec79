"""REST endpoints of import and export, for administrators."""

import asyncio
from urllib.parse import quote

from server_stub.contract.accounts import Progress
from server_stub.contract.directory import ImportApply, ImportPreview, ImportResult, ImportRows
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Access, Call, Endpoint, Query, Response
from server_stub.storage.database import Database

from .exporting import XLSX, export, template
from .importing_plan import AccountBook
from .importing_service import AuditRecord, ImportService

_TAGS = ("admin", "directory")
MOST_BYTES = 64 * 1024 * 1024


class ImportRoutes:
    """Handlers; the rules are in the service."""

    def __init__(
        self, service: ImportService, database: Database, accounts: AccountBook, audit: AuditRecord
    ) -> None:
        self._service = service
        self._database = database
        self._accounts = accounts
        self._audit = audit

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table."""
        base, admin = "/api/v1/admin/directory", Access.ADMIN
        one = base + "/import/{id}"
        return [
            Endpoint(
                "GET",
                base + "/template",
                admin,
                self._template,
                "An empty .xlsx for an import, with an explanation of its columns",
                answer=Response,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                base + "/import",
                admin,
                self._preview,
                "Upload an .xlsx or .csv of people; the answer says what it would change, nothing is written",
                body=bytes,
                max_body=MOST_BYTES,
                answer=ImportPreview,
                query={
                    "filename": Query(str, required=True, max_length=200),
                    "create_units": Query(bool, False, doc="make units that do not exist yet"),
                },
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                one + "/rows",
                admin,
                self._rows,
                "A page of a previewed file: every row with what becomes of it and why",
                answer=ImportRows,
                query={
                    "offset": Query(int, 0, minimum=0, maximum=1_000_000),
                    "limit": Query(int, 200, minimum=1, maximum=500),
                    "only": Query(str, "", max_length=20, doc="problems or warnings"),
                },
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                one + "/problems",
                admin,
                self._problems,
                "The rows that an import would leave out, as .xlsx with what is wrong with each",
                answer=Response,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                one + "/apply",
                admin,
                self._apply,
                "Write a previewed import, all in one transaction",
                body=ImportApply,
                answer=ImportResult,
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                one + "/progress",
                admin,
                self._progress,
                "How far the writing is",
                answer=Progress,
                tags=_TAGS,
            ),
            Endpoint(
                "DELETE",
                one,
                admin,
                self._discard,
                "Forget an uploaded file; what is being written is taken back",
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                base + "/export",
                admin,
                self._export,
                "Everybody as .xlsx, in the form that the import reads",
                answer=Response,
                tags=_TAGS,
            ),
        ]

    async def _template(self, _call: Call[None]) -> Response:
        return _file(await asyncio.to_thread(template), "通讯录导入模板.xlsx")

    async def _preview(self, call: Call[bytes]) -> ImportPreview:
        if not call.body:
            raise ApiError(ErrorCode.BAD_REQUEST, "empty", message="文件是空的，请重新选择文件。")
        return await self._service.preview(
            call.caller, call.query["filename"], call.body, create_units=call.query["create_units"]
        )

    async def _rows(self, call: Call[None]) -> ImportRows:
        only = call.query["only"]
        if only not in ("", "problems", "warnings"):
            raise ApiError(ErrorCode.BAD_REQUEST, "only")
        return await self._service.rows(
            call.caller, call.path["id"], offset=call.query["offset"], limit=call.query["limit"], only=only
        )

    async def _problems(self, call: Call[None]) -> Response:
        return _file(await self._service.problems(call.caller, call.path["id"]), "有问题的行.xlsx")

    async def _apply(self, call: Call[ImportApply]) -> ImportResult:
        return await self._service.apply(call.caller, call.path["id"], call.body)

    async def _progress(self, call: Call[None]) -> Progress:
        return await self._service.progress(call.caller, call.path["id"])

    async def _discard(self, call: Call[None]) -> None:
        await self._service.discard(call.caller, call.path["id"])

    async def _export(self, call: Call[None]) -> Response:
        data = await self._database.read(lambda connection: export(connection, self._accounts))
        await self._audit("directory_export", call.caller.person_id, "", f"{len(data)} bytes")
        return _file(data, "通讯录.xlsx")


def _file(data: bytes, name: str) -> Response:
    return Response(
        data,
        media_type=XLSX,
        headers={
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "cache-control": "no-store",
        },
    )
