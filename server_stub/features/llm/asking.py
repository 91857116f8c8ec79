"""Reading a request in OpenAI's form: bounds, roles, pictures; what we do not do is refused and never passed over."""

import base64
import re
from typing import Any

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import (
    MOST_PICTURES,
    PICTURE_BYTES,
    ChatMessage,
    ChatRequest,
    EmbeddingsRequest,
)

from .ports import Ask

MOST_MESSAGES = 200
MOST_CHARACTERS = 400_000
MOST_TEXTS = 512
_PICTURE = re.compile(r"data:image/(png|jpeg|webp|gif);base64,([A-Za-z0-9+/=]+)")
_SIGNS = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpeg": (b"\xff\xd8\xff",),
    "webp": (b"RIFF",),
    "gif": (b"GIF87a", b"GIF89a"),
}


def read_ask(body: ChatRequest, longest: int) -> Ask:
    """The question, or BAD_REQUEST. `longest`: most tokens of an answer that the policy allows."""
    if body.tools:
        raise _bad("tools", "不支持工具调用（tools）。")
    if body.n not in (None, 1):
        raise _bad("n", "一次只给出一个回答（n = 1）。")
    if not 0 < len(body.messages) <= MOST_MESSAGES:
        raise _bad("messages", f"对话须有 1 到 {MOST_MESSAGES} 条消息。")
    wanted = body.max_completion_tokens or body.max_tokens or longest
    if wanted < 1:
        raise _bad("max_tokens", "回答长度须为正数。")
    options: dict[str, Any] = {}
    bounds = {
        "temperature": (0.0, 2.0),
        "top_p": (0.0, 1.0),
        "presence_penalty": (-2.0, 2.0),
        "frequency_penalty": (-2.0, 2.0),
        "seed": (-(2**63), 2**63 - 1),
    }
    for name, (low, high) in bounds.items():
        value = getattr(body, name)
        if value is not None:
            if not low <= value <= high:
                raise _bad(name, f"参数 {name} 超出范围。")
            options[name] = value
    if body.stop is not None:
        stops = [body.stop] if isinstance(body.stop, str) else body.stop
        if len(stops) > 4 or any(not 0 < len(one) <= 100 for one in stops):
            raise _bad("stop", "停止词最多 4 个，每个不超过 100 字。")
        if stops:
            options["stop"] = stops
    if body.response_format is not None and body.response_format.type not in ("", "text"):
        if body.response_format.type != "json_object":
            raise _bad("response_format", "只支持 text 和 json_object。")
        options["response_format"] = {"type": "json_object"}
    messages = [_message(one) for one in body.messages]
    if sum(len(str(one["content"])) for one in messages if isinstance(one["content"], str)) > MOST_CHARACTERS:
        raise ApiError(ErrorCode.TOO_LARGE, "messages", message="对话过长，请新建对话或减少附件。")
    pictures = sum(
        part["type"] == "image_url"
        for one in messages
        if isinstance(one["content"], list)
        for part in one["content"]
    )
    if pictures > MOST_PICTURES:
        raise _bad("image_url", f"一次最多 {MOST_PICTURES} 张图片。")
    return Ask(body.model, messages, min(wanted, longest), options, pictures)


def _message(one: ChatMessage) -> dict[str, Any]:
    if one.role not in ("system", "developer", "user", "assistant"):
        raise _bad("role", "消息的角色须为 system、user 或 assistant。")
    role = "system" if one.role == "developer" else one.role
    if one.content is None or isinstance(one.content, str):
        return {"role": role, "content": one.content or ""}
    parts: list[dict[str, Any]] = []
    for part in one.content:
        if part.type == "text":
            parts.append({"type": "text", "text": part.text})
        elif part.type == "image_url" and part.image_url is not None:
            _check_picture(part.image_url.url)
            parts.append({"type": "image_url", "image_url": {"url": part.image_url.url}})
        else:
            raise _bad("content", "消息内容只支持 text 和 image_url。")
    return {"role": role, "content": parts}


def _check_picture(url: str) -> None:
    """Inside the request, of a bounded size, and of the kind that it says."""
    # An address would make the model's machine fetch what the caller names.
    found = _PICTURE.fullmatch(url)
    if found is None:
        raise _bad("image_url", "图片须以 data:image/… 的形式放在请求里。")
    if len(url) > PICTURE_BYTES * 4 // 3 + 100:
        raise ApiError(
            ErrorCode.TOO_LARGE, "image_url", message=f"图片不能超过 {PICTURE_BYTES // 1024 // 1024} MB。"
        )
    try:
        data = base64.b64decode(found[2], validate=True)
    except ValueError:
        raise _bad("image_url", "图片无法识别。") from None
    if not any(data.startswith(sign) for sign in _SIGNS[found[1]]):
        raise _bad("image_url", "图片的内容与类型不符。")


def read_texts(body: EmbeddingsRequest) -> list[str]:
    """The texts, or BAD_REQUEST."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    if not 0 < len(texts) <= MOST_TEXTS or any(not one for one in texts):
        raise _bad("input", f"须有 1 到 {MOST_TEXTS} 段不为空的文字。")
    if sum(len(one) for one in texts) > MOST_CHARACTERS:
        raise ApiError(ErrorCode.TOO_LARGE, "input")
    if body.encoding_format not in (None, "float", "base64"):
        raise _bad("encoding_format", "encoding_format 须为 float 或 base64。")
    if body.dimensions is not None:
        raise _bad("dimensions", "不支持 dimensions。")
    return texts


def _bad(detail: str, text: str) -> ApiError:
    return ApiError(ErrorCode.BAD_REQUEST, detail, message=text)
