"""The pages for a phone browser: signing in, their sessions, their policy, what other sites cannot do with them."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from bed.office import PASSWORD, Office, running_office
from bed.phone import chromium, phone_browser
from starlette.applications import Starlette

from server_stub.companion.pages import Page, Room
from server_stub.companion.site import SHARED, Companion
from server_stub.features.accounts.rooms import SIGN_IN_ROOM
from server_stub.features.lock.rooms import LOCK_ROOM
from server_stub.http.endpoint import PHONE_COOKIE
from widgets.theme.tokens import DARK, LIGHT, Palette

needs_chromium = pytest.mark.skipif(not chromium(), reason="chromium is not installed")
OURS = {"X-ZD-Phone": "1"}


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


async def signed_in(office: Office, login: str = "fengxue", password: str = PASSWORD) -> httpx.AsyncClient:
    http = office.client()
    answer = await http.post("/phone/sign-in", json={"login": login, "password": password}, headers=OURS)
    assert answer.status_code == 204, answer.text
    return http


async def test_the_cookie_is_closed_to_scripts_and_opens_the_phones_endpoints_only(office: Office) -> None:
    http = office.client()
    answer = await http.post("/phone/sign-in", json={"login": "fengxue", "password": PASSWORD}, headers=OURS)
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert PASSWORD not in answer.text
    me = (await http.get("/phone/me")).json()
    assert (me["name"], me["unit"], me["title"]) == ("冯雪", "防汛抗旱处", "科员")
    # Neither as a cookie nor as a token does it open what desktops ask.
    assert (await http.get("/me")).status_code == 401
    token = http.cookies[PHONE_COOKIE]
    assert (await office.client(token).get("/me")).status_code == 401
    # And a desktop's token opens nothing of the phone's.
    desktop = await office.sign_in("fengxue")
    thief = office.client()
    thief.cookies.set(PHONE_COOKIE, desktop.access_token)
    assert (await thief.get("/phone/me")).status_code == 401


async def test_a_wrong_password_is_counted_like_any_other(office: Office) -> None:
    http = office.client()
    for _ in range(5):
        answer = await http.post(
            "/phone/sign-in", json={"login": "fengxue", "password": "falsch-1"}, headers=OURS
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    answer = await http.post("/phone/sign-in", json={"login": "fengxue", "password": PASSWORD}, headers=OURS)
    assert answer.json()["code"] == "throttled"


async def test_the_session_ends_with_sign_out_password_and_from_another_device(office: Office) -> None:
    desktop = await office.sign_in("fengxue")
    one, two, three = [await signed_in(office) for _ in range(3)]
    assert (await one.post("/phone/sign-out", headers=OURS)).status_code == 204
    assert (await one.get("/phone/me")).status_code == 401
    listed = (await desktop.http.get("/auth/sessions")).json()["sessions"]
    phones = [line["id"] for line in listed if line["platform"] == "phone"]
    assert len(phones) == 2
    for ended in phones[:1]:
        assert (await desktop.http.delete(f"/auth/sessions/{ended}")).status_code == 204
    alive = [http for http in (two, three) if (await http.get("/phone/me")).status_code == 200]
    assert len(alive) == 1
    changed = await desktop.http.post(
        "/auth/password", json={"old_password": PASSWORD, "new_password": "Brandneu-77"}
    )
    assert changed.status_code == 204
    assert (await alive[0].get("/phone/me")).status_code == 401


async def test_another_sites_page_changes_nothing_in_the_users_name(office: Office) -> None:
    http = await signed_in(office)
    for headers in ({}, {"origin": "https://evil.example", **OURS}, {"origin": "null", **OURS}):
        answer = await http.post("/phone/sign-out", headers=headers)
        assert answer.status_code == 403, headers
    assert (await http.get("/phone/me")).status_code == 200
    own = {"origin": office.url, **OURS}
    assert (await http.post("/phone/sign-out", headers=own)).status_code == 204
    # Signing somebody in under another account is a change as well.
    body = {"login": "fengxue", "password": PASSWORD}
    assert (await office.client().post("/phone/sign-in", json=body)).status_code == 403


async def test_pages_state_a_strict_policy_and_files_are_addressed_by_content(office: Office) -> None:
    async with httpx.AsyncClient(base_url=office.url, trust_env=False, verify=False) as http:
        answer = await http.get("/m/sign-in")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        addresses = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
        assert len(addresses) >= 3
        for address in addresses:
            file = await http.get(address)
            assert file.status_code == 200, address
            assert "immutable" in file.headers["cache-control"]
            stale = await http.get(re.sub(r"/m/a/\w+/", "/m/a/0000/", address))
            assert stale.headers["cache-control"] == "no-store"
        for outside in (
            "/m/a/x/shared/../site.py",
            "/m/a/x/shared/site.py",
            "/m/a/x/lock/rooms.py",
            "/m/nowhere",
        ):
            assert (await http.get(outside)).status_code == 404
        # A page for signed-in people sends others to sign in, and names itself to come back to.
        sent = await http.get("/m")
        assert (sent.status_code, sent.headers["location"]) == (303, "/m/sign-in?next=%2Fm")


def test_a_room_that_names_a_file_it_does_not_have_is_refused_at_start(tmp_path: Path) -> None:
    async def nobody(_token: str):
        raise AssertionError

    with pytest.raises(ValueError, match="there is no"):
        Companion([Room("x", tmp_path, (Page("/x", "x", "x.js"),))], nobody).routes()
    with pytest.raises(ValueError, match="two rooms"):
        Companion([LOCK_ROOM, LOCK_ROOM], nobody)
    (tmp_path / "x.js").write_text("")
    Starlette(routes=[*Companion([Room("x", tmp_path, (Page("/x/{code}", "x", "x.js"),))], nobody).routes()])


def test_the_colours_are_the_products() -> None:
    sheet = (SHARED.folder / "base.css").read_text("utf-8")
    parts = sheet.split("@media (prefers-color-scheme: dark)")
    for palette, text in ((LIGHT, parts[0]), (DARK, parts[1])):
        named = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]+);", text))
        assert len(named) >= 20
        for name, value in named.items():
            assert value == web_colour(palette, name.replace("-", "_")), name


def web_colour(palette: Palette, name: str) -> str:
    """Qt writes the alpha first, the web last."""
    value = getattr(palette, name)
    return value if len(value) == 7 else f"#{value[3:]}{value[1:3]}"


NEWER_THAN_CHROME_90 = re.compile(
    r"\.at\(|Object\.hasOwn|structuredClone|\.findLast|replaceAll\(.*\)\.at|:has\(|color-mix|@container|@layer"
    r"|\d(?:dvh|svh|lvh)|accent-color|crypto\.randomUUID|\.toSorted|\.toReversed|\.with\(|Array\.fromAsync|#\w+ in "
    r"|static \{|AbortSignal\.timeout|inert\b|popover|<dialog|showModal|Error\([^)]*cause:|\bsubgrid\b"
)


@pytest.mark.parametrize("room", [SHARED, LOCK_ROOM, SIGN_IN_ROOM], ids=lambda room: room.name)
def test_the_pages_use_nothing_that_chrome_90_lacks(room: Room) -> None:
    for file in room.folder.iterdir():
        found = NEWER_THAN_CHROME_90.search(file.read_text("utf-8"))
        assert found is None, (file.name, found)
        assert "innerHTML" not in file.read_text("utf-8"), file.name


@needs_chromium
async def test_signing_in_on_a_phone_leads_to_the_page_that_was_wanted(office: Office) -> None:
    async with phone_browser(office.url) as phone:
        page = phone.page
        await phone.open("/m?x=1#later")
        await page.get_by_label("账号或手机号").fill("fengxue")
        await page.get_by_label("密码").fill("falsch-1")
        await page.get_by_role("button", name="登录").click()
        await page.get_by_role("alert").filter(has_text="账号或密码不正确").wait_for()
        await page.get_by_label("密码").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/m?x=1#later")
        await page.get_by_text("冯雪").wait_for()
        assert await page.evaluate("document.cookie") == ""
        # Nothing is wider than the screen.
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        await phone.open("/m/sign-in?next=https://evil.example/")
        await page.wait_for_url("**/m")
        await page.get_by_role("button", name="退出").click()
        await page.get_by_role("dialog").get_by_role("button", name="退出").click()
        await page.wait_for_url("**/m/sign-in")
        await phone.open("/m")
        await page.wait_for_url("**/m/sign-in?next=%2Fm")
