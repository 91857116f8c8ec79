"""What can go wrong with the store, each with a sentence for the user."""


class StoreError(Exception):
    """Base; `text` is a Chinese sentence for the user."""

    text = "本地数据无法使用。"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.text)
        self.detail = detail


class StoreInUse(StoreError):
    """Another running client has this store open."""

    text = "该账号已在另一个窗口中打开。"


class StoreTooNew(StoreError):
    """A newer version of the client made this store."""

    text = "本地数据由更新版本的政钉创建，请升级后再打开。"


class StoreDamaged(StoreError):
    """The database file is damaged and could not be mended in place."""

    text = "本地数据损坏，正在恢复。"


class WrongPasscode(StoreError):
    """The passcode opens no slot."""

    text = "本机口令不正确。"


class PasscodeTooShort(StoreError):
    """A new passcode has fewer characters than MIN_PASSCODE."""

    text = "本机口令至少 6 位。"


class SlotsDamaged(StoreError):
    """`slots.json` is missing or unreadable although a store exists."""

    text = "本机密钥文件损坏，无法打开本地数据。"


class NoUsableSlot(StoreError):
    """No slot can be made: no keyring answers and no passcode was given."""

    text = "系统钥匙串不可用，请设置本机口令。"
