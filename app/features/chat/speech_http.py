"""Has speech written down by a service that the organisation names (语音转文字支持三方集成, 3.1.2.2); see docs/protocol.md."""

from __future__ import annotations

import httpx
import msgspec

from .sound import SoundUnavailable

SECONDS = 60.0
MOST_BYTES = 64 * 1024
UNREACHABLE = "语音转文字服务没有响应，请稍后再试。"


class _Answer(msgspec.Struct):
    text: str = ""


class HttpTranscriber:
    """Sends the sound as the body of a POST, its media type as the content type; the answer is {"text": "…"}."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        self._url, self._seconds = url, seconds

    async def transcribe(self, data: bytes, media_type: str) -> str:
        headers = {"content-type": media_type or "application/octet-stream", "accept": "application/json"}
        try:
            async with httpx.AsyncClient(
                timeout=self._seconds, trust_env=False, follow_redirects=False
            ) as http:
                answer = await http.post(self._url, content=data, headers=headers)
            if answer.status_code != 200:
                raise SoundUnavailable(f"语音转文字没有成功（{answer.status_code}），请稍后再试。")
            if len(answer.content) > MOST_BYTES:
                raise SoundUnavailable(UNREACHABLE)
            return msgspec.json.decode(answer.content, type=_Answer).text
        except (httpx.HTTPError, msgspec.DecodeError):
            raise SoundUnavailable(UNREACHABLE) from None
