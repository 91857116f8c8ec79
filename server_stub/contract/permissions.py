"""Who may use which feature: grants to everyone, to units and to people (功能权限)."""

from enum import StrEnum

from .wire import Request, Wire


class Feature(Wire, frozen=True, kw_only=True):
    """A feature that administrators give to units and people. `key` never changes; the rest is for the eye."""

    key: str
    title: str
    """As the interface calls it, such as 密聊."""
    hint: str = ""
    """One sentence for the administrator: what is given."""


SECRET_CHAT = "secret_chat"
CONTACT_LEADERS = "contact_leaders"
LEADERS_PHONE = "leaders_phone"
ASSISTANT = "assistant"
DOCUMENTS = "documents"
MEETING_CLERK = "meeting_clerk"

FEATURES: tuple[Feature, ...] = (
    Feature(key=SECRET_CHAT, title="密聊", hint="与同样有此权限的人进行阅后即焚的私密聊天。"),
    Feature(key=CONTACT_LEADERS, title="联系领导", hint="向设为重点保护的领导发起聊天、DING 和会议。"),
    Feature(key=LEADERS_PHONE, title="查看领导电话", hint="在通讯录中看到设为重点保护的领导的电话号码。"),
    Feature(key=ASSISTANT, title="智能助手", hint="使用智能问答、写作和总结。"),
    Feature(key=DOCUMENTS, title="文档处理", hint="使用公文校对、格式转换和资料整理。"),
    Feature(
        key=MEETING_CLERK, title="会务管理", hint="管理本单位（局、区县）范围内的会议室、会议、座位图和签到。"
    ),
)
"""The registry: a feature that is given by administrators adds its line here, and asks PermissionService."""

BY_KEY: dict[str, Feature] = {one.key: one for one in FEATURES}


class Subject(StrEnum):
    """To whom a grant is made. A person's row beats the nearest unit's, which beats everyone's."""

    EVERYONE = "everyone"
    UNIT = "unit"
    PERSON = "person"


class OwnFeatures(Wire, frozen=True, kw_only=True):
    """Keys of the features that the caller may use, sorted; what is not named is not allowed."""

    features: list[str]


class FeatureSummary(Wire, frozen=True, kw_only=True):
    """A feature with the number of its grants. `everyone`: the row for everyone, None where there is none."""

    feature: Feature
    everyone: bool | None = None
    units: int = 0
    people: int = 0


class FeatureSummaries(Wire, frozen=True, kw_only=True):
    """All features in the order of the registry."""

    features: list[FeatureSummary]


class Grant(Wire, frozen=True, kw_only=True):
    """One row. `subject_id` is "" for everyone; `name` and `path` (names from the city down) are for the eye."""

    subject: Subject
    subject_id: str = ""
    name: str = ""
    path: str = ""
    allow: bool
    set_by: str = ""
    """Name of the administrator."""
    set_at: int = 0
    """Unix ms."""


class Grants(Wire, frozen=True, kw_only=True):
    """The rows of one feature: everyone, then units in the order of the tree, then people by name."""

    feature: Feature
    grants: list[Grant]


class GrantChange(Request, frozen=True, kw_only=True):
    """Set a row, or remove it with `allow` None. A removed row leaves the decision to the next wider one."""

    subject: Subject
    subject_id: str = ""
    allow: bool | None


class GrantChanges(Request, frozen=True, kw_only=True):
    """Up to 500 changes at once, all or none."""

    changes: list[GrantChange]
