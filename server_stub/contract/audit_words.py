"""Words for what the server writes into the audit trail: actions, targets and results."""

import re
from collections.abc import Callable

from .permissions import BY_KEY

ACTION_GROUPS: dict[str, dict[str, str]] = {
    "登录与账号": {
        "sign_in": "登录",
        "scan_sign_in": "扫码登录",
        "second_factor": "二次验证",
        "refresh": "续期登录",
        "sign_out": "退出登录",
        "activate": "激活账号",
        "reset": "找回密码",
        "change_password": "修改密码",
        "phone_change": "更换手机号",
        "account_reset": "重置他人密码",
        "login_policy": "修改登录安全设置",
    },
    "组织": {
        "directory_unit_add": "新增单位",
        "directory_unit_change": "修改单位",
        "directory_unit_remove": "删除单位",
        "directory_order": "调整通讯录顺序",
        "directory_person_add": "新增人员",
        "directory_person_change": "修改人员",
        "directory_person_enable": "启用人员",
        "directory_person_disable": "停用人员",
        "directory_admin_add": "指定管理员",
        "directory_admin_remove": "取消管理员",
        "directory_line_add": "新增条线",
        "directory_line_change": "修改条线",
        "directory_line_remove": "删除条线",
        "directory_line_members": "调整条线成员",
        "directory_settings": "修改通讯录显示",
        "directory_import": "导入通讯录",
        "directory_export": "导出通讯录",
        "visibility_add": "新增可见性规则",
        "visibility_change": "修改可见性规则",
        "visibility_remove": "删除可见性规则",
        "feature_grant": "更改功能权限",
    },
    "群聊与消息": {
        "group_rename": "修改群名称",
        "group_owner": "更换群主",
        "group_members": "增减群成员",
        "group_dissolve": "解散群",
        "group_limits": "修改群聊上限",
        "group_limit": "修改单个群上限",
        "retention_policy": "修改消息保留",
        "retention_run": "删除过期消息",
        "link_policy": "修改链接规则",
        "link_blocked": "链接被拦截",
        "link_left": "提醒后未打开链接",
        "link_opened": "提醒后打开链接",
    },
    "应用锁": {
        "lock_policy": "修改应用锁策略",
        "lock_page": "修改锁屏页面",
        "lock_forced": "强制锁定",
        "lock_lifted": "解除强制锁定",
        "lock_remote": "手机锁定电脑",
        "lock_scan": "扫码解锁",
        "lock_opened_by_phone": "手机解锁电脑",
        "lock_report": "锁定状态上报",
        "lock_log": "锁定日志",
    },
    "密聊": {
        "secret_policy": "修改密聊设置",
        "secret_capture": "密聊中录屏或截图",
        "secret_lease": "密聊辅助工具例外",
        "secret_access_asked": "申请密聊留底调阅",
        "secret_access_confirmed": "确认密聊留底调阅",
        "secret_access_cancelled": "撤回密聊留底调阅",
        "secret_access_read": "调阅密聊留底",
        "secret_access_part": "调阅密聊留底附件",
    },
    "会议": {
        "meeting_publish": "发布座位",
        "meeting_announce": "通知会议变更",
        "meeting_room_shared": "占用他人会议室时段",
    },
    "智能助手": {
        "llm_chat": "智能问答",
        "llm_embed": "文本向量",
        "llm_policy": "修改助手策略",
        "llm_words": "修改敏感词",
        "llm_provider": "修改模型服务",
        "llm_quotas": "修改助手配额",
        "knowledge": "修改知识库",
        "knowledge_read": "查看知识库文档",
    },
    "系统": {
        "setup_admin": "建立管理员",
        "setup_demo": "建立演示单位",
        "audit_read": "查阅操作审计",
        "audit_exported": "导出操作审计",
    },
    "越权访问": {
        "refused_console": "越权使用管理接口",
        "refused_conversation": "越权访问会话",
        "refused_file": "越权访问文件",
        "refused_person": "越权查看人员",
        "refused_unit": "越权查看单位",
        "refused_meeting": "越权访问会议",
        "refused_meeting_unit": "越权在单位下办会",
        "refused_meeting_room": "越权访问会议室",
        "refused_meeting_building": "越权访问楼栋",
        "refused_secret": "越权使用密聊",
        "refused_secret_access": "越权调阅密聊留底",
        "refused_lock_device": "越权操作电脑",
        "refused_lock_scan": "越权处理解锁请求",
        "refused_login_scan": "越权处理扫码登录",
    },
}
"""What the server writes down, in words, in the groups and the order in which a filter offers them."""
ACTIONS = {key: words for group in ACTION_GROUPS.values() for key, words in group.items()}

RESULTS: dict[str, str] = {
    "done": "成功",
    "code": "成功（短信验证）",
    "scan": "成功（扫码）",
    "refused": "被拒绝",
    "disabled": "账号已停用",
    "password_expired": "密码已到期",
    "bad_proof": "设备签名不符",
    "bad_signature": "签名不符",
    "reuse": "令牌被重复使用，已下线",
    "signed_out": "本人退出",
    "remote": "从其他设备退出",
    "agreed": "同意",
    "rejected": "拒绝",
    "taken": "号码已被占用",
    "no_phone": "没有登记手机号",
    "code_sent": "已发送验证码",
    "changed": "已修改",
    "made": "已新建",
    "removed": "已删除",
    "blocked": "禁止的网站",
    "allow": "允许",
    "deny": "禁止",
    "default": "恢复默认",
    "tampered": "日志被篡改",
    "exported": "已导出",
    "asked": "已发出",
    "begun": "开始",
    "ended": "结束",
    "waiting": "待确认",
    "granted": "已批准",
    "cancelled": "已撤回",
    "off": "关闭",
    "answered": "已回答",
    "stopped": "已停止",
    "failed": "失败",
    "embedded": "成功",
    "local_answer": "本机回答",
    "question_blocked": "提问命中敏感词",
    "answer_blocked": "回答命中敏感词",
    "document added": "添加文档",
    "document removed": "删除文档",
    # Why a link was stopped.
    "unknown": "不在可信网站之列",
    "address": "地址是一串数字",
    "disguise": "地址带“@”，有伪装",
    "lookalike": "易混淆的字符",
    "broken": "地址不完整",
    # What a refused person wanted.
    "read": "查看",
    "use": "使用",
    "peer": "发起",
    "chat": "查看",
    "send": "发送",
    "cursor": "标记已读",
    "setting": "设置",
    "invite": "邀请成员",
    "edit": "编辑",
    "upload": "上传",
    "join": "加入",
    "manage": "管理群",
    "own": "行使群主权限",
    "leave": "退出",
    "seat": "查看座位",
}
"""What the server writes as a result, in words; everything else stands as it is."""

_TARGETS = {
    "audit": "",
    "client": "客户端",
    "groups": "全部群聊",
    "links": "全部链接",
    "messages": "全部消息",
}
_SUBJECTS = {"everyone": "所有人", "unit": "单位", "person": "个人"}
_SECOND_FACTOR = {"off": "短信验证：关闭", "admins": "短信验证：仅管理员", "everyone": "短信验证：所有人"}
_FIELDS = {
    "name": "姓名",
    "phone": "手机号",
    "rank": "职级",
    "vip": "重点保护",
    "posts": "职务",
    "fields": "自定义字段",
}
_SCOPES = {
    "all": "全部",
    "authority": "本地区",
    "unit": "本单位",
    "person": "人员",
    "line": "条线",
    "level": "级别",
}
_COUNTED = {"bytes": "字节", "copies": "份", "words": "个词", "rows": "行"}


def action_in_words(action: str) -> str:
    """An unknown action as it is."""
    return ACTIONS.get(action, action)


def target_in_words(action: str, target: str) -> str:
    """`target` may have names in the place of ids; what is not known stands as it is."""
    if action == "feature_grant":
        feature, _, rest = target.partition(" ")
        subject, _, name = rest.partition(" ")
        title = BY_KEY[feature].title if feature in BY_KEY else feature
        return f"{title}：{_SUBJECTS.get(subject, subject)} {name}".strip()
    if action == "login_policy":
        return _SECOND_FACTOR.get(target, target)
    return _TARGETS.get(target, _counted(target))


def result_in_words(action: str, result: str) -> str:
    """Results that are figures or lists are said by their action; what is not known stands as it is."""
    said = _SAID.get(action)
    return (said(result) if said is not None else "") or RESULTS.get(result, _counted(result))


def results_that_say(text: str) -> list[str]:
    """Results whose words hold a text, for searching by what is seen."""
    return [result for result, words in RESULTS.items() if text in words]


def _counted(text: str) -> str:
    number, _, unit = text.partition(" ")
    return f"{number} {_COUNTED[unit]}" if unit in _COUNTED and number.isdigit() else text


def _pattern(pattern: str, words: str) -> Callable[[str], str]:
    def say(result: str) -> str:
        found = re.fullmatch(pattern, result)
        return words.format(*found.groups()) if found is not None else ""

    return say


def _list_of(words: dict[str, str]) -> Callable[[str], str]:
    return lambda result: "、".join(words.get(one, one) for one in result.split(",") if one)


_group_limit = _pattern(r"(\d+)", "上限 {} 人")
_secret_on = _pattern(r"on=1 burn=(\d+) keep=(\d+)", "开启，阅后 {} 秒焚毁，留存 {} 秒")
_secret_off = _pattern(r"on=0 burn=(\d+) keep=(\d+)", "关闭，阅后 {} 秒焚毁，留存 {} 秒")
_SAID: dict[str, Callable[[str], str]] = {
    "directory_person_change": _list_of(_FIELDS),
    "directory_import": _pattern(r"people (\d+) changed (\d+)", "导入 {} 人，修改 {} 人"),
    "directory_line_members": _pattern(r"(\d+)", "共 {} 个成员"),
    "visibility_add": _list_of(_SCOPES),
    "visibility_change": _list_of(_SCOPES),
    "group_limit": lambda result: "不单独限制" if result == "0" else _group_limit(result),
    "group_limits": _pattern(r"(\d+)/(\d+)/(\d+)", "群上限 {} 人，大群自 {} 人起，最多 {} 个大群"),
    "secret_policy": lambda result: _secret_on(result) or _secret_off(result),
    "meeting_publish": _pattern(r"(\d+): (\d+)", "第 {} 次发布，通知 {} 人"),
    "meeting_announce": _pattern(r"(\d+)", "通知 {} 人"),
}
"""By action: "" where the result is not of that form."""
