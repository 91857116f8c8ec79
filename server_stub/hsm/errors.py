"""Return codes of GM/T 0018 as typed errors in words."""

from enum import IntEnum

_BASE = 0x01000000


class SdfCode(IntEnum):
    """Return codes of GM/T 0018, annex A."""

    OK = 0
    UNKNOWN = _BASE + 0x01
    NOT_SUPPORTED = _BASE + 0x02
    COMMUNICATION = _BASE + 0x03
    HARDWARE = _BASE + 0x04
    OPEN_DEVICE = _BASE + 0x05
    OPEN_SESSION = _BASE + 0x06
    NO_PRIVATE_KEY_ACCESS = _BASE + 0x07
    KEY_NOT_EXIST = _BASE + 0x08
    ALGORITHM_NOT_SUPPORTED = _BASE + 0x09
    MODE_NOT_SUPPORTED = _BASE + 0x0A
    PUBLIC_KEY_OPERATION = _BASE + 0x0B
    PRIVATE_KEY_OPERATION = _BASE + 0x0C
    SIGN = _BASE + 0x0D
    VERIFY = _BASE + 0x0E
    SYMMETRIC_OPERATION = _BASE + 0x0F
    STEP = _BASE + 0x10
    FILE_SIZE = _BASE + 0x11
    FILE_NOT_EXIST = _BASE + 0x12
    FILE_OFFSET = _BASE + 0x13
    KEY_TYPE = _BASE + 0x14
    KEY = _BASE + 0x15
    ENCRYPTED_DATA = _BASE + 0x16
    RANDOM = _BASE + 0x17
    PRIVATE_KEY_ACCESS = _BASE + 0x18
    MAC = _BASE + 0x19
    FILE_EXISTS = _BASE + 0x1A
    FILE_WRITE = _BASE + 0x1B
    NO_BUFFER = _BASE + 0x1C
    ARGUMENT_IN = _BASE + 0x1D
    ARGUMENT_OUT = _BASE + 0x1E


SDF_TEXT: dict[SdfCode, str] = {
    SdfCode.OK: "操作成功",
    SdfCode.UNKNOWN: "未知错误",
    SdfCode.NOT_SUPPORTED: "设备不支持此操作",
    SdfCode.COMMUNICATION: "与加密机通信失败",
    SdfCode.HARDWARE: "加密运算模块无响应",
    SdfCode.OPEN_DEVICE: "打开加密机失败",
    SdfCode.OPEN_SESSION: "创建加密机会话失败",
    SdfCode.NO_PRIVATE_KEY_ACCESS: "没有私钥使用权限",
    SdfCode.KEY_NOT_EXIST: "密钥不存在或已销毁",
    SdfCode.ALGORITHM_NOT_SUPPORTED: "设备不支持此算法",
    SdfCode.MODE_NOT_SUPPORTED: "设备不支持此算法模式",
    SdfCode.PUBLIC_KEY_OPERATION: "公钥运算失败",
    SdfCode.PRIVATE_KEY_OPERATION: "私钥运算失败",
    SdfCode.SIGN: "签名运算失败",
    SdfCode.VERIFY: "验证签名失败",
    SdfCode.SYMMETRIC_OPERATION: "对称算法运算失败",
    SdfCode.STEP: "多步运算步骤错误",
    SdfCode.FILE_SIZE: "文件长度超出限制",
    SdfCode.FILE_NOT_EXIST: "文件不存在",
    SdfCode.FILE_OFFSET: "文件起始位置错误",
    SdfCode.KEY_TYPE: "密钥类型错误",
    SdfCode.KEY: "密钥错误",
    SdfCode.ENCRYPTED_DATA: "密文数据错误",
    SdfCode.RANDOM: "随机数产生失败",
    SdfCode.PRIVATE_KEY_ACCESS: "私钥使用权限获取失败",
    SdfCode.MAC: "消息鉴别码运算失败",
    SdfCode.FILE_EXISTS: "文件已存在",
    SdfCode.FILE_WRITE: "文件写入失败",
    SdfCode.NO_BUFFER: "存储空间不足",
    SdfCode.ARGUMENT_IN: "输入参数错误",
    SdfCode.ARGUMENT_OUT: "输出参数错误",
}

DEVICE_LOST = frozenset(
    {
        SdfCode.COMMUNICATION,
        SdfCode.HARDWARE,
        SdfCode.OPEN_DEVICE,
        SdfCode.OPEN_SESSION,
        SdfCode.RANDOM,
    }
)
"""Codes that speak of the device, not of the request: another device may still do it."""


class SdfError(Exception):
    """A refusal of the device. The same code and words answer every wrong input of a kind; no secret is in it."""

    def __init__(self, code: SdfCode | int, operation: str = "") -> None:
        try:
            self.code = SdfCode(code)
        except ValueError:
            self.code = SdfCode.UNKNOWN
        self.raw = int(code)
        self.operation = operation
        super().__init__(f"{self.code.name} (0x{self.raw:08X}){' in ' + operation if operation else ''}")

    @property
    def text(self) -> str:
        """Return the sentence for the administrator, in Chinese; unknown vendor codes keep their number."""
        known = SDF_TEXT[self.code]
        return known if self.code == self.raw else f"{known}（厂商返回码 0x{self.raw:08X}）"

    @property
    def device_lost(self) -> bool:
        """Say whether the device failed rather than the request."""
        return self.code in DEVICE_LOST
