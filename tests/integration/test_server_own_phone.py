"""A person changes his own number: only where administrators allow it, with password and code, audited."""

from __future__ import annotations

import pytest
from bed.office import PASSWORD, running_office

NEW = "13900009876"


@pytest.mark.clause("E151", "E138")
async def test_the_own_number_is_changed_by_a_code_to_the_new_one_where_allowed(tmp_path) -> None:
    async with running_office(tmp_path) as office:
        admin, wang = (await office.sign_in("admin")).http, (await office.sign_in("wangjianguo")).http
        asked = {"phone": NEW, "password": PASSWORD}
        assert (await wang.post("/auth/own-phone/code", json=asked)).status_code == 403
        await admin.put("/admin/directory/settings", json={"own_phone_change": True})
        wrong = await wang.post("/auth/own-phone/code", json=asked | {"password": "Wrong-000"})
        assert wrong.json()["message"] == "登录密码不正确。"
        assert (await wang.post("/auth/own-phone/code", json=asked)).status_code == 200
        code = await office.code_sent_to(NEW)
        assert code
        # The code is good for this number alone.
        other = await wang.post("/auth/own-phone", json={"phone": "13900001111", "code": code})
        assert other.json()["code"] == "bad_code"
        done = await wang.post("/auth/own-phone", json={"phone": NEW, "code": code})
        assert done.status_code == 204, done.text
        assert (await wang.get("/me")).json()["phone"] == NEW
        again = await wang.post("/auth/own-phone", json={"phone": NEW, "code": code})
        assert again.json()["code"] == "bad_code"
        assert len(await office.audited("phone_change")) == 4
        await office.sign_in(NEW)

        # A number of somebody else is refused to whoever holds it; the switch closes it all again.
        li = (await office.sign_in("liqiang")).http
        await li.post("/auth/own-phone/code", json=asked)
        taken = await li.post("/auth/own-phone", json={"phone": NEW, "code": await office.code_sent_to(NEW)})
        assert taken.status_code == 409
        await admin.put("/admin/directory/settings", json={"own_phone_change": False})
        assert (await li.post("/auth/own-phone", json={"phone": NEW, "code": "1"})).status_code == 403
