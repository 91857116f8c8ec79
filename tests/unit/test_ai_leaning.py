"""Which questions go on from the one before: by what they lack, not by their length."""

from __future__ import annotations

import pytest

from offline_ai.retrieval.leaning import leans
from offline_ai.retrieval.rewrite import rewrite
from offline_ai.text.words import Words

FLOOD = "防汛的值班名单什么时候报？"
SAFETY = "全市安全生产工作会议在哪里开？"
LEAVE = "请年休假要经过哪些人审批？"
SEAL = "用印登记办法是哪一年印发的？"

STANDS = [
    # Short and complete: what went wrong when the length decided.
    (FLOOD, "公章谁管？"),
    (FLOOD, "年假几天？"),
    (FLOOD, "怎么请假？"),
    (LEAVE, "食堂几点开？"),
    (LEAVE, "班车时刻表"),
    (LEAVE, "加班费多少？"),
    (SEAL, "停车证怎么办？"),
    (SEAL, "密码忘了"),
    (FLOOD, "党费交多少？"),
    (FLOOD, "补贴多少钱？"),
    (SAFETY, "周末值班吗？"),
    (SAFETY, "报销流程？"),
    (SAFETY, "OA怎么登录？"),
    (FLOOD, "会议室在哪？"),
    (FLOOD, "王强是谁？"),
    (FLOOD, "王强的电话？"),
    (FLOOD, "几点开会？"),
    (SEAL, "今天有什么会？"),
    (SAFETY, "今天有哪些会议？"),
    (SAFETY, "明天有没有会议？"),
    (LEAVE, "打印机坏了找谁？"),
    (LEAVE, "体检在哪家医院？"),
    (SEAL, "工会经费"),
    (SEAL, "公积金比例"),
    (FLOOD, "培训取消了吗？"),
    (FLOOD, "二七区谁负责防汛？"),
    (LEAVE, "门禁卡丢了怎么补办？"),
    (LEAVE, "餐补多少？"),
    (LEAVE, "工资几号发？"),
    (LEAVE, "电梯坏了"),
    # Longer ones.
    (FLOOD, "抽水泵车一共有多少台可用？"),
    (FLOOD, "这个月的值班表在哪里？"),
    (SEAL, "这周有哪些培训？"),
    (SEAL, "值班表和它的附件放在哪里？"),
    (SEAL, "王强和他的同事在哪个处室？"),
    (SEAL, "其他单位报送的防汛预案在哪里？"),
    (SEAL, "还有哪些单位没有报送防汛预案？"),
    (SEAL, "另外，请假怎么办？"),
    (FLOOD, "应该怎么报销差旅费？"),
    (FLOOD, "那公章由谁保管？"),
    (SEAL, "十四五规划的重点任务有哪些？"),
    (LEAVE, "公务用车管理办法第三条是什么？"),
    (LEAVE, "我的考勤异常怎么处理？"),
    (FLOOD, "保密检查要准备哪些材料？"),
    (FLOOD, "电子发票怎么报销呢？"),
    (SAFETY, "老旧小区改造的补助标准是多少？"),
]

LEANS = [
    # Cut off.
    (FLOOD, "地点呢？"),
    (FLOOD, "电话呢"),
    (FLOOD, "那二七区呢？"),
    (FLOOD, "防汛办呢？"),
    (FLOOD, "其他区呢？"),
    (FLOOD, "明天呢？"),
    (LEAVE, "那病假呢？"),
    (SAFETY, "还有呢？"),
    # Pointing back.
    (SEAL, "它的编号是多少？"),
    (SEAL, "上述办法由哪个部门解释？"),
    (SEAL, "这份文件的附件在哪里可以下载？"),
    (SEAL, "该办法从何时起施行？"),
    (SAFETY, "他的电话是多少？"),
    (SAFETY, "那些单位要派人吗？"),
    (FLOOD, "其中哪几个单位负责排查隐患？"),
    (LEAVE, "为什么要这样规定？"),
    (LEAVE, "第二条是什么？"),
    (SEAL, "以上两个办法有什么区别？"),
    # Without a matter of their own.
    (SAFETY, "谁参加？"),
    (SAFETY, "几点开始？"),
    (SAFETY, "在哪里开？"),
    (SAFETY, "几点开会？"),
    (SAFETY, "会议几点结束？"),
    (SAFETY, "有多少人参加？"),
    (FLOOD, "谁负责？"),
    (FLOOD, "由哪个单位牵头？"),
    (FLOOD, "需要什么材料？"),
    (LEAVE, "需要先准备好哪些方面的材料？"),
    (LEAVE, "具体的办理流程是怎么样的？"),
    (LEAVE, "怎么申请？"),
    (LEAVE, "多少钱？"),
    (SEAL, "依据是什么？"),
    (SEAL, "有效期多久？"),
    (SEAL, "是哪个部门发的？"),
    (SEAL, "谁签发的？"),
    (SEAL, "为什么？"),
    (FLOOD, "什么时候截止？"),
    (FLOOD, "怎么办？"),
    (SEAL, "有附件吗？"),
    (SAFETY, "可以不去吗？"),
    (SAFETY, "能不能推迟？"),
    (SAFETY, "要报名吗？"),
    (SAFETY, "几点集合？"),
    (SAFETY, "有没有名单？"),
    # Asking for more, or for it in other words.
    (SEAL, "详细一点"),
    (SEAL, "展开说说"),
    (SEAL, "继续"),
    (SEAL, "请举个例子"),
    (LEAVE, "还需要什么手续？"),
    (LEAVE, "另外还有什么要求？"),
    (LEAVE, "其他要求有哪些？"),
    # Another person or place, the same matter.
    (FLOOD, "那二七区的联系人是谁？"),
    (FLOOD, "二七区也要报吗？"),
    (SAFETY, "那李娜参加吗？"),
    (FLOOD, "换成金水区"),
]


@pytest.fixture(scope="module")
def words() -> Words:
    return Words()


@pytest.mark.clause("3.2.6.9.6")
@pytest.mark.parametrize(("before", "question"), STANDS)
def test_a_question_with_a_matter_of_its_own_stands_by_itself(
    words: Words, before: str, question: str
) -> None:
    assert not leans(question, before, words)
    assert rewrite(question, words, before=[before]).context == ()


@pytest.mark.clause("3.2.6.9.6")
@pytest.mark.parametrize(("before", "question"), LEANS)
def test_a_question_that_lacks_its_matter_takes_it_from_the_one_before(
    words: Words, before: str, question: str
) -> None:
    assert leans(question, before, words)
    asked = rewrite(question, words, before=[before])
    assert asked.text == f"{before} {question}"
    assert asked.context


def test_the_same_words_stand_or_lean_by_what_was_asked_before(words: Words) -> None:
    assert leans("会议几点开始？", SAFETY, words)
    assert not leans("会议几点开始？", FLOOD, words)
    # Three questions back, and no further than to the one that stands by itself.
    asked = rewrite("电话呢？", words, before=[SAFETY, FLOOD, "那二七区呢？"])
    assert asked.text == f"{FLOOD} 那二七区呢？ 电话呢？"
