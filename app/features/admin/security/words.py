"""The key pages' words for what the server calls by name."""

from __future__ import annotations

from datetime import datetime

KIND = {
    "destroy": "紧急销密",
    "backup": "密钥备份",
    "restore": "密钥恢复",
    "export": "导出单个密钥",
    "import": "导入单个密钥",
}
REQUEST_STATE = {
    "waiting": ("待第二位管理员确认", "warn"),
    "running": ("正在执行", "brand"),
    "done": ("已完成", "ok"),
    "failed": ("未完成", "bad"),
    "cancelled": ("已撤回", "neutral"),
    "expired": ("已过期", "neutral"),
}
KEY_STATE = {"active": "使用中", "retired": "已退役", "archived": "已归档", "destroyed": "已销毁"}
PURPOSE = {"conversation": "会话密钥", "file": "文件密钥", "retention": "留存密钥"}
SCOPE = {"conversation": "会话", "person": "人员", "all": "全部", "key": "密钥"}
ROLE = {"SM2": "SM2 签名", "SM3": "SM3 杂凑", "SM4": "SM4-GCM 加密"}
CHECK = {
    "repetition": "随机数重复检验",
    "adaptive proportion": "随机数比例检验",
    "monobit": "随机数单比特检验",
    "poker": "随机数扑克检验",
    "state": "密钥状态完整性",
    "self-test": "设备自检",
    "random": "随机数检验",
}

_ACTION = {
    "policy": "修改轮换策略",
    "rotate_kek": "轮换密钥加密密钥",
    "rotate_conversations": "按策略轮换会话密钥",
    "audit_exported": "导出审计",
    "share_taken": "领取密钥分量",
    "device_key": "登记恢复前的设备公钥",
    "seal_refused": "客户端拒收被篡改或重放的内容",
}
_STEP = {
    "asked": "发起",
    "done": "完成",
    "failed": "失败",
    "cancelled": "撤回",
    "downloaded": "下载文件",
}
AUDIT_KINDS = (
    *(f"{kind}_{step}" for kind in KIND for step in ("asked", "done", "failed", "cancelled")),
    "backup_downloaded",
    "export_downloaded",
    *_ACTION,
)
"""For the filter."""


def action(kind: str) -> str:
    """An audit line's kind in words; an unknown one as it is."""
    head, _, step = kind.rpartition("_")
    if head in KIND and step in _STEP:
        return f"{KIND[head]}：{_STEP[step]}"
    return _ACTION.get(kind, kind)


def check(name: str) -> str:
    """A self-test's name in words; of two machines each names its own ("device 1: repetition")."""
    machine, _, rest = name.partition(": ")
    if not machine.startswith("device "):
        return CHECK.get(name, name)
    number = machine.removeprefix("device ")
    return f"{number} 号机{CHECK.get(rest, rest)}" if rest else f"{number} 号机离线"


def target(text: str) -> str:
    """What an audit line is about, its first word put into Chinese."""
    head, _, rest = text.partition(" ")
    words = {**PURPOSE, **SCOPE} if not rest.startswith("#") else PURPOSE
    return f"{words[head]} {rest}".strip() if head in words else text


def when(at_ms: int) -> str:
    """A time of the server's in local words; "" for never."""
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M") if at_ms else ""
