"""REST endpoints of files."""

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.files import HEADER_CHUNK_DIGEST, FileComplete, FileStart, FileState
from server_stub.http.endpoint import Access, Call, Endpoint, Response

from .service import MAX_CHUNK_BYTES, FileService

_TAGS = ("files",)


class FileRoutes:
    """Handlers; the rules are in the service."""

    def __init__(self, service: FileService) -> None:
        self._service = service

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        base = "/api/v1/files"
        chunk = base + "/{id}/chunks/{index}"
        signed_in = Access.SIGNED_IN
        return [
            Endpoint(
                "POST",
                base,
                signed_in,
                self._start,
                "Announce a file, or resume its upload",
                body=FileStart,
                answer=FileState,
                tags=_TAGS,
            ),
            Endpoint(
                "GET", base + "/{id}", signed_in, self._state, "State of a file", answer=FileState, tags=_TAGS
            ),
            Endpoint(
                "PUT",
                chunk,
                signed_in,
                self._put,
                f"Store a sealed chunk; the header {HEADER_CHUNK_DIGEST} holds its SM3 in hexadecimal",
                body=bytes,
                max_body=MAX_CHUNK_BYTES,
                tags=_TAGS,
            ),
            Endpoint(
                "GET",
                chunk,
                signed_in,
                self._get,
                f"A sealed chunk; the header {HEADER_CHUNK_DIGEST} holds its SM3",
                answer=Response,
                tags=_TAGS,
            ),
            Endpoint(
                "POST",
                base + "/{id}/complete",
                signed_in,
                self._complete,
                "Close the upload once every chunk is there",
                body=FileComplete,
                answer=FileState,
                tags=_TAGS,
            ),
        ]

    async def _start(self, call: Call[FileStart]) -> FileState:
        return await self._service.start(call.caller, call.body)

    async def _state(self, call: Call[None]) -> FileState:
        return await self._service.state(call.caller, call.path["id"])

    async def _put(self, call: Call[bytes]) -> None:
        digest = call.http.headers.get(HEADER_CHUNK_DIGEST, "")
        if len(digest) != 64 or not digest.isascii() or not digest.isalnum():
            raise ApiError(ErrorCode.BAD_REQUEST, HEADER_CHUNK_DIGEST)
        await self._service.put_chunk(
            call.caller, call.path["id"], _index(call.path["index"]), call.body, digest
        )

    async def _get(self, call: Call[None]) -> Response:
        data, digest = await self._service.chunk(call.caller, call.path["id"], _index(call.path["index"]))
        return Response(
            data,
            media_type="application/octet-stream",
            headers={HEADER_CHUNK_DIGEST: digest.hex(), "cache-control": "private, immutable"},
        )

    async def _complete(self, call: Call[FileComplete]) -> FileState:
        return await self._service.complete(call.caller, call.path["id"], call.body)


def _index(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise ApiError(ErrorCode.NOT_FOUND)
    return int(text)
