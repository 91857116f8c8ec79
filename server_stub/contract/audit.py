"""The audit trail as administrators look it up: who did what when, and how it ended."""

from .wire import Wire

MOST_EXPORTED = 200_000
"""Lines in one exported file; where more fit the filter, the newest."""

ACTIONS: dict[str, str] = {
    # Signing in and the own account.
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
    # The organisation.
    "directory_unit_add": "新增单位",
    "directory_unit_change": "修改单位",
    "directory_unit_remove": "删除单位",
    "directory_order": "调整通讯录顺序",
    "directory_person_add": "新增人员",
    "directory_person_change": "修改人员",
    "directory_person_enable": "启用人员",
    "directory_person_disable": "停用人员",
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
    # Groups, messages, links.
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
    # The app lock.
    "lock_policy": "修改应用锁策略",
    "lock_page": "修改锁屏页面",
    "lock_forced": "强制锁定",
    "lock_lifted": "解除强制锁定",
    "lock_remote": "手机锁定电脑",
    "lock_scan": "扫码解锁",
    "lock_opened_by_phone": "手机解锁电脑",
    "lock_report": "锁定状态上报",
    "lock_log": "锁定日志",
    # Secret chats.
    "secret_policy": "修改密聊设置",
    "secret_capture": "密聊中录屏或截图",
    "secret_lease": "密聊辅助工具例外",
    "secret_access_asked": "申请密聊留底调阅",
    "secret_access_confirmed": "确认密聊留底调阅",
    "secret_access_cancelled": "撤回密聊留底调阅",
    "secret_access_read": "调阅密聊留底",
    "secret_access_part": "调阅密聊留底附件",
    # Meetings.
    "meeting_publish": "发布座位",
    "meeting_announce": "通知会议变更",
    "meeting_room_shared": "占用他人会议室时段",
    # Assistant and knowledge bases.
    "llm_chat": "智能问答",
    "llm_embed": "文本向量",
    "llm_policy": "修改助手策略",
    "llm_words": "修改敏感词",
    "llm_provider": "修改模型服务",
    "llm_quotas": "修改助手配额",
    "knowledge": "修改知识库",
    "knowledge_read": "查看知识库文档",
    # The system.
    "setup_admin": "建立管理员",
    "setup_demo": "建立演示单位",
    "audit_read": "查阅操作审计",
    "audit_exported": "导出操作审计",
    # Refusals of the access functions.
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
}
"""What the server writes down, in words, in the order in which a filter offers them."""

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


class AuditLine(Wire, frozen=True, kw_only=True):
    """One line. `actor` is a person's id, "" for the server itself or somebody unknown."""

    id: int
    at_ms: int
    actor: str
    actor_name: str = ""
    action: str
    """A key of ACTIONS, or one that a newer server writes."""
    target: str = ""
    target_name: str = ""
    """The target with names in the place of ids; "" where it has none that are known."""
    result: str = ""


class AuditPage(Wire, frozen=True, kw_only=True):
    """GET /api/v1/admin/audit: lines, the newest first. `more`: older ones fit the filter; ask with `before` = the last id."""

    lines: list[AuditLine]
    more: bool = False


def action_in_words(action: str) -> str:
    """An unknown action as it is."""
    return ACTIONS.get(action, action)


def result_in_words(result: str) -> str:
    """An unknown result as it is."""
    return RESULTS.get(result, result)
