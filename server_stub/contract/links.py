"""Links in messages: which sites are blocked or trusted, and what to do with others (异常链接管控, 3.2.3.4.4).

Messages are sealed, so that the judgement is made on the client, by `host_of` and the rules here.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from .wire import Request, Wire

MOST_SITES = 1000
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class LinkPolicy(Request, frozen=True, kw_only=True):
    """While it is `on`: `blocked` sites (and what lies below them) do not open, `trusted` ones do, others as `unknown` says:
    open, warn or block."""

    on: bool = False
    blocked: list[str] = []
    trusted: list[str] = []
    unknown: str = "warn"


class LinkReport(Request, frozen=True, kw_only=True):
    """A link that was stopped or asked about: its host, never the whole address. `outcome`: blocked, left or opened."""

    host: str
    reason: str
    outcome: str


class Verdict(Wire, frozen=True, kw_only=True):
    """What is to be done with an address: open, warn or block, and why (a key of REASONS)."""

    act: str
    reason: str = ""
    host: str = ""


REASONS = {
    "blocked": "这个网站已被管理员禁止访问。",
    "unknown": "这个网站不在可信网站之列。",
    "address": "地址是一串数字，看不出是哪个网站。",
    "disguise": "地址里有“@”，看上去的网站和真正打开的不是同一个。",
    "lookalike": "网址用了容易和其他网站混淆的字符。",
    "broken": "这个地址不完整，不能确认是哪个网站。",
}


def site(text: str) -> str:
    """Return the site as it is kept: lower case, without scheme, path and port; "" for what is none."""
    text = text.strip().lower()
    host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    good = bool(host) and len(host) <= 253 and all(_LABEL.fullmatch(one) for one in host.split("."))
    return host if good and ("." in host or host == "localhost") else ""


def judge(address: str, policy: LinkPolicy) -> Verdict:
    """Return what is to be done with an address under a policy."""
    if not policy.on:
        return Verdict(act="open")
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return Verdict(act="block", reason="broken")
    plain = site(host)
    if not host:
        return Verdict(act="block", reason="broken")
    if _within(plain, policy.blocked):
        return Verdict(act="block", reason="blocked", host=plain)
    if parts.username is not None or "@" in parts.netloc:
        return Verdict(act="warn", reason="disguise", host=plain or host)
    if _within(plain, policy.trusted):
        return Verdict(act="open", host=plain)
    if _is_number(host):
        return Verdict(act="warn", reason="address", host=host)
    if not plain or any(one.startswith("xn--") for one in plain.split(".")):
        return Verdict(act="warn", reason="lookalike", host=plain or host)
    if policy.unknown == "open":
        return Verdict(act="open", host=plain)
    return Verdict(act="block" if policy.unknown == "block" else "warn", reason="unknown", host=plain)


def _within(host: str, sites: list[str]) -> bool:
    return any(host == one or host.endswith(f".{one}") for one in sites)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        # Browsers also take 2130706433 and 0x7f.1 for addresses.
        return bool(re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}", host))
    return True
