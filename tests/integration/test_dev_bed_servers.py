"""The test bed's private servers: databases, Redis, a bus for one test."""

import asyncio

import psycopg
import pytest
import redis
import sqlalchemy
from bed.processes import start, stop
from dbus_fast.aio import MessageBus


def test_each_call_gives_an_empty_database(fresh_postgres):
    urls = [fresh_postgres(), fresh_postgres()]
    assert urls[0] != urls[1]
    for url in urls:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE note (body text)"))
            connection.execute(sqlalchemy.text("INSERT INTO note VALUES ('会议')"))
            assert connection.execute(sqlalchemy.text("SELECT body FROM note")).scalars().all() == ["会议"]
        engine.dispose()


def test_a_template_is_copied_and_its_copy_is_separate(fresh_postgres):
    template = fresh_postgres(driver="")
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE seat (number int)")
    copy = fresh_postgres(template.rsplit("/", 1)[1], driver="")
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM seat").fetchone() == (0,)


def test_strangers_are_refused_by_the_cluster(postgres):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=postgres.port, user="zd", password="wrong", dbname="postgres")


@pytest.mark.parametrize("turn", [1, 2])
def test_redis_is_empty_for_every_test(redis_url, turn):
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("turn", turn)


async def test_a_fresh_bus_carries_names_of_this_test_alone(fresh_bus):
    first = await MessageBus(bus_address=fresh_bus).connect()
    second = await MessageBus(bus_address=fresh_bus).connect()
    await first.request_name("cn.zhengding.Test")
    await asyncio.wait_for(second.introspect("cn.zhengding.Test", "/"), 5)
    for bus in (first, second):
        bus.disconnect()
        await bus.wait_for_disconnect()


def test_a_stopped_process_is_gone(tmp_path):
    process = start(["sleep", "60"])
    assert stop(process, seconds=5) != 0
    assert process.poll() is not None
