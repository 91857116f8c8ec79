"""Times and sizes as a clerk reads them; errors in words."""

from datetime import datetime

import pytest

from app.features.chat.sizes import progress_text, size_text
from app.features.chat.times import line_time, needs_line, short_time
from app.features.login.rules import code_problem, normal_url
from app.shell.passwords import password_problem
from app.shell.problems import describe
from server_stub.contract.errors import ApiError, ErrorCode


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


NOW = ms("2026-11-24T09:41:00")


@pytest.mark.parametrize(
    ("then", "short", "line"),
    [
        ("2026-11-24T09:20:00", "09:20", "今天 09:20"),
        ("2026-11-24T09:45:00", "09:45", "今天 09:45"),
        ("2026-11-23T23:59:00", "昨天", "昨天 23:59"),
        ("2026-11-20T08:00:00", "周五", "周五 08:00"),
        ("2026-11-03T09:41:00", "11月3日", "11月3日 09:41"),
        ("2025-03-01T09:41:00", "2025/3/1", "2025年3月1日 09:41"),
    ],
)
def test_times(then, short, line):
    assert short_time(ms(then), NOW) == short
    assert line_time(ms(then), NOW) == line


def test_a_conversation_without_messages_has_no_time():
    assert short_time(0, NOW) == ""


def test_time_lines_stand_after_silence_and_at_midnight():
    assert needs_line(0, NOW)
    assert not needs_line(NOW - 60_000, NOW)
    assert needs_line(NOW - 6 * 60_000, NOW)
    assert needs_line(ms("2026-11-23T23:59:00"), ms("2026-11-24T00:01:00"))


def test_sizes():
    assert size_text(999) == "999 B"
    assert size_text(2048) == "2 KB"
    assert size_text(1_887_436) == "1.8 MB"
    assert size_text(3 * 1024**3) == "3.00 GB"
    assert progress_text(3_250_585, 5_242_880, 2_097_152) == "3.1 / 5.0 MB · 2.0 MB/s"
    assert progress_text(10_240, 20_480, 0) == "10.0 / 20.0 KB"


def test_new_passwords():
    assert password_problem("abc1234", "abc1234") == "密码至少 8 位。"
    assert password_problem("abcdefgh", "abcdefgh") == "密码需要同时包含字母和数字。"
    assert password_problem("abcd1234", "abcd12345") == "两次输入的密码不一致。"
    assert password_problem("abcd1234", "abcd1234") == ""
    assert code_problem(" 123456 ") == ""
    assert code_problem("12ab") != ""


def test_addresses_are_made_whole():
    assert normal_url("zd.example.gov.cn/") == "https://zd.example.gov.cn"
    assert normal_url("127.0.0.1:8080") == "http://127.0.0.1:8080"
    assert normal_url(" https://zd.example.gov.cn:8443 ") == "https://zd.example.gov.cn:8443"
    for bad in ("", "ftp://x", "http://", "https://a b", "http://x:99999"):
        with pytest.raises(ValueError, match="服务器地址"):
            normal_url(bad)


def test_errors_in_words():
    assert describe(ApiError(ErrorCode.THROTTLED, retry_after=29.2)).text == (
        "操作过于频繁，请稍后再试（30 秒后可重试）。"
    )
    assert "磁盘空间不足" in describe(OSError(28, "no space", "/x"), "保存文件").text
    assert "连接不上服务器" in describe(ConnectionRefusedError(111, "refused"), "发送").text
    assert "没有及时回应" in describe(TimeoutError()).text
    secret = describe(RuntimeError("token=abc"), "登录")
    assert "abc" not in secret.text + secret.detail
