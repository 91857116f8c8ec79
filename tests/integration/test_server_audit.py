"""The audit trail keeps what was said whole, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.office import running_office

from server_stub.features.audit.trail import LONGEST_RESULT


@pytest.mark.parametrize("database", ["sqlcipher", "postgresql"])
async def test_a_long_reason_stands_whole_in_the_trail(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("fresh_postgres")(driver="") if database == "postgresql" else ""
    async with running_office(tmp_path, database=url) as office:
        admin = (await office.sign_in("admin")).http
        fengxue = office.staff["fengxue"].id
        reason = "账号异常：" + "凌晨三点从外地登录，电话联系不上本人，" * 4 + "先行锁定"
        answer = await admin.post("/admin/lock/holds", json={"person_id": fengxue, "reason": reason})
        assert answer.status_code == 200, answer.text
        assert [line[2] for line in await office.audited("lock_forced")] == [reason]
        # Nobody can fill the disk with one line.
        await office.server.audit.record("test", fengxue, "", "长" * 100_000)
        ((_, _, kept),) = await office.audited("test")
        assert len(kept) == LONGEST_RESULT
        assert kept.endswith("…")
