"""What is wanted of a line: something found, something done, a question answered (3.2.6.5.1)."""

from __future__ import annotations

import pytest

from offline_ai.retrieval.intent import Deed, DeedKind, Way, read_intent
from offline_ai.text.words import Words

PLACES = (
    "消息",
    "通讯录",
    "会议",
    "助手",
    "公文",
    "设置",
    "控制台",
    "通知",
    "账号与安全",
    "存储",
    "操作审计",
    "高级搜索",
    "关于",
)
CHATS = ("防汛值守工作群", "秘书一处", "办公室全体")

SEARCHES = [
    ("搜索防汛值班表", "防汛值班表"),
    ("查找王建国", "王建国"),
    ("找一下去年的决算", "去年的决算"),
    ("帮我找一下城东仓库的物资清单", "城东仓库的物资清单"),
    ("检索 老旧小区改造", "老旧小区改造"),
    ("搜一下会议纪要", "会议纪要"),
    ("请查询郑政办〔2026〕12号", "郑政办〔2026〕12号"),
    ("防汛值班表", "防汛值班表"),
    ("王建国 电话", "王建国 电话"),
    ("王建国", "王建国"),
    ("2026年工作要点", "2026年工作要点"),
    ("市水利局", "市水利局"),
    ("营商环境 通知", "营商环境 通知"),
    ("抽水泵车", "抽水泵车"),
    ("报销流程", "报销流程"),
    ("打开防汛物资清单", "防汛物资清单"),
    ("隧道抽水现场照片", "隧道抽水现场照片"),
    ("给企业发补贴的通知", "给企业发补贴的通知"),
]
DEEDS = [
    ("打开设置", Deed(DeedKind.OPEN, "设置")),
    ("打开通讯录", Deed(DeedKind.OPEN, "通讯录")),
    ("进入控制台", Deed(DeedKind.OPEN, "控制台")),
    ("请帮我打开公文页面", Deed(DeedKind.OPEN, "公文")),
    ("能不能帮我打开设置？", Deed(DeedKind.OPEN, "设置")),
    ("切换到会议", Deed(DeedKind.OPEN, "会议")),
    ("能帮我锁定电脑吗", Deed(DeedKind.LOCK)),
    ("给李娜留言：文件已发", Deed(DeedKind.MESSAGE, "李娜", "文件已发")),
    ("打开一下操作审计", Deed(DeedKind.OPEN, "操作审计")),
    ("打开通知设置", Deed(DeedKind.OPEN, "通知")),
    ("打开防汛值守工作群", Deed(DeedKind.CHAT, "防汛值守工作群")),
    ("打开和王建国的会话", Deed(DeedKind.CHAT, "王建国")),
    ("跟王建国聊天", Deed(DeedKind.CHAT, "王建国")),
    ("联系王建国", Deed(DeedKind.CHAT, "王建国")),
    ("给王建国发消息", Deed(DeedKind.MESSAGE, "王建国")),
    ("给王建国发一条消息：明天几点开会？", Deed(DeedKind.MESSAGE, "王建国", "明天几点开会？")),
    ("给王建国发消息说材料已送达", Deed(DeedKind.MESSAGE, "王建国", "材料已送达")),
    (
        "麻烦给防汛值守工作群发个消息，请各单位报送值班表",
        Deed(DeedKind.MESSAGE, "防汛值守工作群", "请各单位报送值班表"),
    ),
    ("发消息给李娜：下午的会改到三点", Deed(DeedKind.MESSAGE, "李娜", "下午的会改到三点")),
    ("告诉王建国：材料放在前台", Deed(DeedKind.MESSAGE, "王建国", "材料放在前台")),
    ("提醒张局长明天上午九点开会", Deed(DeedKind.MESSAGE, "张局长", "明天上午九点开会")),
    ("通知防汛值守工作群今晚加强值守", Deed(DeedKind.MESSAGE, "防汛值守工作群", "今晚加强值守")),
    ("建会议", Deed(DeedKind.MEETING)),
    ("新建一个会议", Deed(DeedKind.MEETING)),
    ("帮我安排明天下午的防汛调度会", Deed(DeedKind.MEETING, text="防汛调度会")),
    ("创建全市安全生产工作会议", Deed(DeedKind.MEETING, text="全市安全生产工作会议")),
    ("锁定客户端", Deed(DeedKind.LOCK)),
    ("立即锁屏", Deed(DeedKind.LOCK)),
    ("马上锁定电脑", Deed(DeedKind.LOCK)),
    ("把电脑锁上", Deed(DeedKind.LOCK)),
    ("退出政钉", Deed(DeedKind.QUIT)),
]
QUESTIONS = [
    "防汛值班名单什么时候报？",
    "公章谁管？",
    "怎么打开会议室的投影？",
    "如何锁定客户端？",
    "锁定客户端之后还能收消息吗？",
    "给王建国发消息的是谁？",
    "怎么给王建国发消息？",
    "为什么打开设置很慢？",
    "怎么新建会议？",
    "会议在哪里开",
    "请假要经过哪些人审批",
    "写一份防汛工作的通知",
    "总结一下今天的消息",
    "翻译成英文：各有关单位",
    "介绍一下一网通办",
    "帮我想个标题",
    "请解释放管服",
    "列出本周的待办",
    "谁负责抽水泵车",
    "告诉我明天的安排",
    "打开方式有哪些？",
    "二七区防汛值班安排到了几号",
    "退出政钉会不会丢消息？",
    "大家认为这个方案可行",
    "搜索功能怎么用？",
]


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


@pytest.mark.clause("3.2.6.5.1")
@pytest.mark.parametrize(("line", "sought"), SEARCHES)
def test_a_name_or_a_wish_to_find_is_a_search(words: Words, line: str, sought: str) -> None:
    read = read_intent(line, words, places=PLACES, chats=CHATS)
    assert (read.way, read.words) == (Way.SEARCH, sought)


@pytest.mark.clause("3.2.6.5.1")
@pytest.mark.parametrize(("line", "deed"), DEEDS)
def test_a_wish_to_have_something_done_is_a_deed(words: Words, line: str, deed: Deed) -> None:
    read = read_intent(line, words, places=PLACES, chats=CHATS)
    assert (read.way, read.deed) == (Way.ACT, deed)


@pytest.mark.clause("3.2.6.5.1")
@pytest.mark.parametrize("line", QUESTIONS)
def test_a_question_is_answered_also_where_it_speaks_of_deeds_and_searches(words: Words, line: str) -> None:
    assert read_intent(line, words, places=PLACES, chats=CHATS).way is Way.ASK


def test_what_goes_on_from_a_question_is_a_question(words: Words) -> None:
    assert read_intent("二七区的地点", words).way is Way.SEARCH
    assert read_intent("地点呢", words, before="防汛工作会议在哪里开？").way is Way.ASK
    assert read_intent("详细一点", words, before="防汛工作会议在哪里开？").way is Way.ASK
    assert read_intent("地点", words, before="防汛工作会议在哪里开？").way is Way.ASK


def test_another_way_has_what_it_needs(words: Words) -> None:
    asked = read_intent("防汛值班名单什么时候报？", words)
    assert {"防汛", "值班", "名单"} <= set(asked.words.split())
    # A question about a deed names the deed, so that one click does it.
    assert read_intent("锁定客户端？", words).deed == Deed(DeedKind.LOCK)
