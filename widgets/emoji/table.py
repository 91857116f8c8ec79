"""The emoji that office staff use, by group, each with its Chinese name and further words to find it by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Emoji:
    """One emoji; `words` are what it is found by besides its name."""

    text: str
    name: str
    words: tuple[str, ...] = ()

    def matches(self, query: str) -> bool:
        """Whether the name or one of the words holds what was typed (lower case)."""
        return query in self.name or any(query in word for word in self.words) or query == self.text


def _group(lines: str) -> tuple[Emoji, ...]:
    made: list[Emoji] = []
    for line in lines.strip().splitlines():
        for entry in line.split():
            text, name, *words = entry.split("/")
            made.append(Emoji(text, name, tuple(words)))
    return tuple(made)


GROUPS: dict[str, tuple[Emoji, ...]] = {
    "表情": _group("""
        😀/大笑/笑/高兴 😄/开心/笑 😁/露齿笑/笑 😂/笑哭/笑 😅/苦笑/尴尬/汗 🙂/微笑/笑 😊/害羞微笑/笑/可爱 😉/眨眼
        😍/喜欢/爱心/色 😘/飞吻/亲 😋/好吃/馋 😎/墨镜/酷 🤓/书呆/学习 🤔/思考/想/疑问 🤨/怀疑/疑问 😐/面无表情 😑/无语
        🙄/白眼 😏/得意/坏笑 😬/龇牙/尴尬 😮/惊讶/哇 😲/震惊/惊讶 😳/脸红/害羞 🥺/可怜/求 😢/流泪/哭/难过 😭/大哭/哭
        😤/不服/生气 😠/生气 😡/愤怒/生气 😱/惊恐/害怕 😰/冷汗/担心 😓/汗/辛苦 😴/睡觉/困 🥱/打哈欠/困 😪/困 😷/口罩/生病
        🤒/发烧/生病 🤕/受伤 🤗/拥抱/抱抱 🤭/偷笑/笑 🤫/嘘/安静/保密 🤝/握手/合作 🥳/庆祝/生日 😇/天使/无辜 😌/放松/满意
        😔/失落/难过 😞/失望 😣/坚持/难受 😩/疲惫/累 😵/头晕/晕 🤯/爆炸/崩溃 🥶/冷 🥵/热 🤐/闭嘴/保密 🫡/敬礼/收到/遵命
    """),
    "手势": _group("""
        👍/赞/好/同意/强 👎/踩/反对/弱 👌/好的/没问题 ✌️/胜利/耶 🤞/祈祷好运/好运 👏/鼓掌/欢迎 🙌/欢呼/举手
        🙏/拜托/感谢/谢谢/祈祷 💪/加油/努力/强壮 👋/挥手/再见/你好 ✋/停/举手 🫱/握手邀请 👊/拳头/碰拳 ✊/握拳/加油 👈/向左
        👉/向右 👆/向上 👇/向下 ☝️/第一/注意 🫶/比心/爱心 🤙/打电话 ✍️/写字/签字/记录 🙋/举手提问/举手 🙇/鞠躬/抱歉/谢谢
        🤦/捂脸/无奈 🤷/耸肩/不知道/无奈
    """),
    "办公": _group("""
        ✅/完成/勾/已办 ☑️/勾选/完成 ❌/错误/叉/不行 ❗/感叹/重要/注意 ❓/疑问/问号 ⚠️/警告/注意 🚫/禁止 🔔/提醒/铃 📢/通知/公告/喇叭
        📣/宣传/喇叭 📌/置顶/图钉 📍/位置/地点 📎/回形针/附件 📝/记录/便签/写 📄/文件/文档 📃/页面/文档 📑/书签/文档 📊/柱状图/统计/数据
        📈/上升/增长/统计 📉/下降/统计 📅/日历/日期/日程 🗓️/日程/日历 ⏰/闹钟/时间/提醒 ⏳/沙漏/等待/进行中 🕘/九点/时间 📁/文件夹
        🗂️/档案/归档 🗑️/垃圾桶/删除 🔒/锁定/保密/锁 🔓/解锁 🔑/钥匙/密钥 💼/公文包/出差/办公 🖨️/打印机/打印 💻/电脑/笔记本 🖥️/台式机/电脑
        ⌨️/键盘 📞/电话 📱/手机 📧/邮件 📮/邮箱/信 🔍/搜索/放大镜 💡/想法/灯泡/主意 🔧/维修/扳手 🛠️/工具/维护 🎤/话筒/发言/会议
        🪑/椅子/座位 🏛️/机关/政府 🏢/办公楼/单位 🇨🇳/国旗/中国 🎯/目标 🏆/奖杯/第一 🥇/金牌/第一 🚩/旗帜/红旗/标记
    """),
    "生活": _group("""
        ❤️/爱心/红心 💔/心碎 💯/满分/一百 🎉/庆祝/礼花 🎊/彩球/庆祝 🎂/蛋糕/生日 🎁/礼物 🌹/玫瑰/花 💐/鲜花/花 🧧/红包 🏮/灯笼/春节
        🧨/鞭炮/春节 🍵/茶/喝茶 ☕/咖啡 🍚/米饭/吃饭 🍜/面条/吃饭 🥟/饺子 🍎/苹果 🍉/西瓜 🍺/啤酒/干杯 🥂/干杯 🚗/汽车/出发 🚌/公交
        🚄/高铁/火车 ✈️/飞机/出差 🚑/救护车/急救 🚒/消防车/消防 🚓/警车 🏠/家/回家 🏥/医院 🏫/学校 ⚽/足球/运动 🏀/篮球 🏃/跑步/快
        🚶/走路 💤/睡眠/困 💰/钱/经费 🎵/音乐
    """),
    "天气": _group("""
        ☀️/晴/太阳 🌤️/少云/晴 ⛅/多云 ☁️/阴/云 🌧️/下雨/雨 ⛈️/雷雨/暴雨 🌩️/雷电 ❄️/下雪/雪/冷 ☃️/雪人 🌪️/龙卷风/大风 🌫️/雾/霾
        ☔/带伞/雨 🌊/洪水/防汛/浪 🔥/火/火灾/热 💧/水/水滴 🌈/彩虹 ⭐/星星 🌙/月亮/晚安 🌸/樱花/春 🌱/发芽/春 🍀/幸运/草 🍁/枫叶/秋
    """),
}

EMOJI: dict[str, Emoji] = {one.text: one for group in GROUPS.values() for one in group}


def find(query: str) -> list[Emoji]:
    """Emoji whose name or words hold `query`, those whose name begins with it first."""
    wanted = query.strip().lower()
    if not wanted:
        return []
    found = [one for one in EMOJI.values() if one.matches(wanted)]
    return sorted(found, key=lambda one: not one.name.startswith(wanted))
