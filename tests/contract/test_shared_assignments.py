"""Two engines on Redis give a user the same arm and variant, whichever of them serves the user."""

from __future__ import annotations

from pathlib import Path

from support.assignments import ASSIGNING, USERS, assigned, counted_as_shown, expected
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import an_engine, eventually, killed, saves, shared_gateway

from rasa_autoplay.engine.redis.engine import SharedEngine
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.storage.redis_keys import PARTITIONS

RESTARTS = 3


def held(engine: SharedEngine) -> set[int]:
    return set(engine._link._adopted)


@asynchronous
async def test_assignments_are_the_same_on_two_engines_over_three_restarts(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file, database = tmp_path / "autoplay.yml", tmp_path / "autoplay.db"
    file.write_text(f'{ASSIGNING}shared: {{redis: "{redis_server.url}"}}\n', encoding="utf-8")
    shown = [user for user in USERS if expected(user)[0] == "shown"]
    async with shared_gateway(redis_server) as gateway:
        for user in USERS:
            gateway.browser(user)
        for run in range(RESTARTS + 1):
            async with an_engine(YamlFile(file)) as one, an_engine(YamlFile(file)) as two:
                await eventually(lambda: len(held(one)) == len(held(two)) == PARTITIONS / 2)
                for user in USERS:
                    for event in saves(user, 1, session_id=f"{user}, {run}"):
                        gateway.link.send(event)
                await eventually(
                    lambda: all(len(assigned(database).get(user, ())) > run for user in USERS)  # noqa: B023
                )
                await eventually(lambda: all(gateway.toasts(user) for user in shown))
        found = assigned(database)
        assert found == {user: [expected(user)] * (RESTARTS + 1) for user in USERS}
        assert [user for user in USERS if gateway.toasts(user)] == shown


@asynchronous
async def test_withheld_offer_survives_the_end_of_its_engine(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = tmp_path / "autoplay.yml"
    ghost = ASSIGNING.replace("{share: 40%, salt: spring}", "ghost").replace("offer_ttl: 1s", "offer_ttl: 5m")
    file.write_text(f'{ghost}shared: {{redis: "{redis_server.url}"}}\n', encoding="utf-8")
    ids = [user for user in USERS if expected(user)[0] != "holdout"]
    async with an_engine(YamlFile(file)) as two, shared_gateway(redis_server) as gateway:
        one = SharedEngine(YamlFile(file))
        await one.start()
        await eventually(lambda: len(held(one)) == len(held(two)) == PARTITIONS / 2)
        for user in ids:
            for event in saves(user, 1):
                gateway.link.send(event)
        await eventually(lambda: len(assigned(tmp_path / "autoplay.db")) == len(ids))
        await killed(one)
        await eventually(lambda: len(held(two)) == PARTITIONS)
        for user in ids:
            gateway.browser(user)
        await eventually(lambda: counted_as_shown(tmp_path / "autoplay.db") == set(ids))
        assert [gateway.toasts(user) for user in ids] == [[] for _ in ids]
        found = assigned(tmp_path / "autoplay.db")
        assert {arm for decisions in found.values() for arm, _ in decisions} == {"ghost"}
        assert all(len(decisions) == 1 for decisions in found.values())
