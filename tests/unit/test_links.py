"""The judgement of an address: tricks of phishing sites, and the organisation's lists (3.2.3.4.4)."""

from __future__ import annotations

import pytest

from server_stub.contract.links import LinkPolicy, Verdict, judge, site

POLICY = LinkPolicy(on=True, blocked=["bad.example"], trusted=["gov.cn", "safe.bad.example"], unknown="warn")


@pytest.mark.clause("3.2.3.4.4")
@pytest.mark.parametrize(
    ("address", "act", "reason"),
    [
        ("https://www.zhengzhou.gov.cn/a", "open", ""),
        ("https://GOV.CN./", "open", ""),
        ("https://notgov.cn/", "warn", "unknown"),
        ("https://gov.cn.evil.example/", "warn", "unknown"),
        ("https://bad.example/", "block", "blocked"),
        ("https://a.b.BAD.example:8443/x?y=gov.cn", "block", "blocked"),
        # What is blocked stays blocked below it, whatever is trusted.
        ("https://safe.bad.example/", "block", "blocked"),
        ("https://www.gov.cn@evil.example/", "warn", "disguise"),
        ("https://user:pass@gov.cn/", "warn", "disguise"),
        ("http://127.0.0.1/", "warn", "address"),
        ("http://[::1]/", "warn", "address"),
        ("http://2130706433/", "warn", "address"),
        ("http://0x7f.1/", "warn", "address"),
        ("https://gоv.cn/", "warn", "lookalike"),
        ("https://xn--gv-emc.cn/", "warn", "lookalike"),
        ("https:///path", "block", "broken"),
        ("https://[broken/", "block", "broken"),
    ],
)
def test_what_is_done_with_an_address(address: str, act: str, reason: str) -> None:
    verdict = judge(address, POLICY)
    assert (verdict.act, verdict.reason) == (act, reason)


def test_the_choice_for_other_sites_and_the_switch() -> None:
    other = "https://other.example/"
    for unknown, act in (("open", "open"), ("block", "block")):
        assert judge(other, LinkPolicy(on=True, unknown=unknown)).act == act
    assert judge("https://bad.example/", LinkPolicy(blocked=["bad.example"])) == Verdict(act="open")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Example.COM", "example.com"),
        (" https://www.example.com:8080/path ", "www.example.com"),
        ("郑州.中国", "xn--6rt074i.xn--fiqs8s"),
        ("localhost", "localhost"),
        ("example", ""),
        ("a b.com", ""),
        ("-x.com", ""),
        ("", ""),
    ],
)
def test_sites_are_kept_in_one_form(text: str, kept: str) -> None:
    assert site(text) == kept
