"""Whether a question goes on from the one before it (3.2.6.1.1, 3.2.6.9.6): by what it lacks, not by its length.

公章谁管？ is short and complete; 需要先准备好哪些方面的材料呢？ is long and says nothing of what for. A question leans
where it points back (它, 上述, 这份), where it is cut off (地点呢？, 那二七区呢？), or where it names no matter of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from offline_ai.text.words import STOP_WORDS, Words

_GOES_ON = re.compile(
    r"(?:那么|那(?![些个份项条种次里样边天])|然后|接着|接下来|还有(?!些)|另外|此外|再|除此之外|如果是|要是)[，,、]?"
)
"""Words that a question begins with when it follows; what comes after them decides."""
_SAME = re.compile(r"换成|改成|改为|同样的?")
_CUT_OFF = re.compile(r"呢[？?！!。\s]*$")
_POINTS = re.compile(
    r"(?<![其吉])[它他她]们?(?![人国乡])|(?<![尤极与])其(?![他它余实次])|上述|以上|前者|后者|前面|上面|刚才|上一[个条次问]|同上|对方"
    r"|[这那此][个些份项条种次篇里样位封场件](?!月|星期|季度|礼拜|学期|年)|(?:^|[^应])该(?=[一-龥]{2,6}[的由从何在是需要有])"
    r"|(?:^|[，,为由对按])此(?![外前后时刻])|(?:^|[^在])(?:第[一二三四五六七八九十\d]+[条项点款个章]|最后一[条项点个])"
)
_BESIDES = re.compile(r"其[他它余]|别的|另[一外]|剩下|余下")
"""其他要求 is what was not said yet: no matter of its own, nor one that points back by itself."""
_ALL = re.compile(r"(?:有|是)?(?:什么|哪些|几[个场次]|没有|多少[个场次])|有(?=[会吗])")
"""A question about any there may be: 今天有什么会？ is not about the one that was spoken of."""
_MEETING = re.compile(r"(?:什么|哪些|[场次个的有开])会(?![议不要有是])|会[开在](?=[哪几])")
_ASKS = re.compile(r"谁|什么|哪|几|多少|怎么|怎样|如何|为何|吗|是否|能否|多久|有没有|是不是|何时")
_NO_MATTER = ("r", "m", "t", "d", "c", "p", "u", "y", "q", "f", "o", "e", "k", "h", "z", "a", "ad")
"""Kinds of words that are no matter to ask about: pronouns, numbers, days, adverbs, particles, qualities."""
_WHOSE = ("nr", "ns", "nt", "nrt", "nrfg")
"""People, places and bodies: a matter of their own, unless the question begins with 那 or says 也."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASPECTS = _set(
    "地点 地址 位置 时间 日期 时候 期限 时限 截止 截止日期 有效期 电话 电话号码 号码 联系电话 联系人 联系方式 邮箱 负责人 责任人 经办人 "
    "人 人员 人数 名单 名额 单位 部门 处室 科室 领导 流程 程序 步骤 手续 条件 要求 标准 依据 原因 理由 目的 意义 背景 内容 重点 要点 "
    "结论 结果 范围 对象 材料 附件 原文 出处 来源 全文 细节 详情 例子 格式 模板 数量 金额 费用 钱 价格 比例 数字 进度 进展 状态 "
    "情况 问题 办法 方法 方式 措施 区别 不同 关系 影响 作用 好处 后果 例外 期间 上午 下午 早上 晚上 部分 方面 条 项 点 句 段 话 意思 "
    "观点 建议 版本 编号 文号 名称 标题 主题 全称 简称 链接 网址 入口 频率 次数 周期 顺序 级别 类型 种类 类别 事项 任务 职责 分工 "
    "怎么办 别的 区 县 市 年 月 日 天 号 遍 次 个 位 家 事 地方 结尾 开头 责任 东西 期数 规格"
)
"""Sides of a matter, not the matter."""
_DEEDS = _set(
    "负责 牵头 办理 处理 完成 开始 结束 参加 出席 参与 列席 报送 上报 提交 申请 审批 批准 审核 签字 规定 说明 解释 介绍 总结 概括 归纳 展开 "
    "继续 补充 说 讲 告诉 列出 列举 列 举例 详细 具体 简单 需要 应该 应当 必须 可以 能 可 能否 是否 准备 包括 包含 涉及 适用 执行 "
    "施行 实施 生效 发布 印发 签发 发 发文 公布 存放 查询 查看 看 查 下载 填写 填 交 报 办 管 做 用 找 去 来 走 到 开 批 领 送 买 改 写 算 "
    "定 举行 召开 举办 进行 组织 安排 联系 确认 知道 了解 明白 懂 重复 换 来自 属于 变化 变更 更新 调整 推迟 取消 延期 改期 提前 "
    "是 有 没有 还有 会 要 请 想 让 叫 给 带 能够 存在 过期 到期 超过 收费 免费 落实 反馈 解决 通过 同意 允许 支持 使用 得到 认为 觉得 "
    "分 分为 占 涨 减 加 剩 差 等 等于 截至 停 留 选 选择 派 派人 自己 迟到 缺席 代替 替 讲讲 说说 举个 简短 缩短 翻译 精简 润色 转 "
    "知道 表示 代表 指 出 起 提 提到 写明 补 补交 逾期 报名 集合 签到 出发 有没有 没"
)
"""What is done to any matter."""
_LOOSE = _set(
    "会议 开会 通知 文件 活动 培训 方案 检查 系统 制度 表 表格 项目 报告 公文 计划 预案 工作 资料 课程 考试 比赛 会场 会 材料"
)
"""A matter when it is new; the one that was spoken of when the question before named it too."""


def leans(question: str, before: str, words: Words) -> bool:
    """Whether `question` is understood only with `before`, the question that was asked last."""
    plain = question.strip()
    follows = _GOES_ON.match(plain)
    rest = plain[follows.end() :] if follows is not None else plain
    tagged = words.tagged(rest)
    also = any(word == "也" for word, _ in tagged)
    if _SAME.match(rest) or (_CUT_OFF.search(rest) and not _ASKS.search(rest)):
        return True
    matters = _matters(tagged, whose=follows is None and not also)
    points = _POINTS.search(rest)
    if points is not None and not _named_before(points.start(), tagged, matters):
        return True
    loose = [word for word in matters if word in _LOOSE]
    own = [word for word in matters if word not in _LOOSE]
    if own:
        return False
    if (loose or _MEETING.search(rest)) and not _BESIDES.search(rest):
        same = any(word in before or (word[-1:] == "会" and "会" in before) for word in loose or ["会"])
        return same and not _ALL.search(rest)
    return True


def _matters(tagged: Sequence[tuple[str, str]], *, whose: bool) -> list[str]:
    """The words that say what is asked about; `whose`: people and places count."""
    found: list[str] = []
    for word, kind in tagged:
        if word in STOP_WORDS and word not in _LOOSE:
            continue
        if kind in _NO_MATTER or kind[:1] in "uy" or not any(char.isalnum() for char in word):
            continue
        if (
            word in _ASPECTS
            or word.removeprefix("不") in _DEEDS
            or word.isdigit()
            or (kind in _WHOSE and not whose)
        ):
            continue
        found.append(word)
    return found


def _named_before(at: int, tagged: Sequence[tuple[str, str]], matters: Sequence[str]) -> bool:
    """Whether what a word points at stands before it in the question itself: 值班表和它的附件."""
    reached = 0
    for word, _ in tagged:
        if reached >= at:
            return False
        if word in matters:
            return True
        reached += len(word)
    return False
