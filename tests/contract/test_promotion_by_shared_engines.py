"""Three engine processes on Redis and PostgreSQL promote by themselves: one takes each step, all follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.postgres import PostgresServer
from support.proposals import write_proposal
from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import engines, eventually, saves, shared_gateway, write_autoplay

from rasa_autoplay.engine.proposals.proposal_folder import ProposalFolder
from rasa_autoplay.link.redis.gateway_link import RedisLink
from rasa_autoplay.link.requests import GetHealth
from rasa_autoplay.settings.yaml_file import YamlFile

#: Each engine looks once a minute whether its turn has come.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
WITHIN_S = 200.0
TRIGGER = """\
id: {id}
when: {{count: {{title: Save changes, at_least: 2, within: 120s}}}}
body: "May I show you a quicker way?"
goal: {{count: {{title: Apply to all, at_least: 1}}, within: 1d}}
"""


async def _engines(link: RedisLink) -> dict[str, dict[str, Any]]:
    health: dict[str, Any] = (await link.ask(GetHealth())).health
    found: dict[str, dict[str, Any]] = health["engines"]
    return found


def _steps(found: dict[str, dict[str, Any]]) -> list[int]:
    return sorted(engine["promotion"]["steps"] for engine in found.values())


def _query(database: Any, statement: str) -> list[tuple[Any, ...]]:
    with database.begin() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


@asynchronous
async def test_one_engine_takes_each_step_and_all_load_it(
    tmp_path: Path, redis_server: RedisServer, postgres: PostgresServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    text = file.path.read_text().replace("product_id: demo", "# Ours.\nproduct_id: demo")
    file.path.write_text(f'{text}database: {{url: "{postgres.url}"}}\ndiscover: {{promote: auto}}\n')
    for name in ("p", "q"):
        write_proposal(tmp_path / "proposals", name, trigger=TRIGGER)
    database = sa.create_engine(postgres.url, future=True)
    async with (
        shared_gateway(redis_server) as gateway,
        engines(YamlFile(file.path), gateway.link, "one", "two", "three") as running,
    ):

        async def loaded() -> list[str]:
            found = await _engines(gateway.link)
            return sorted(engine["configuration"]["fingerprint"] for engine in found.values())

        async def have_loaded() -> bool:
            now = await loaded()
            return len(now) == 3 and len(set(now)) == 1 and now != before

        before = await loaded()
        await eventually(lambda: sum(map(len, _logs(tmp_path))) == 2, WITHIN_S)
        await eventually(have_loaded, WITHIN_S)
        assert _steps(await _engines(gateway.link)) == [0, 0, 2], "one engine of three took both steps"
        written = file.path.read_text()
        assert written.count("rollout: ghost") == 2
        assert written.startswith("# Ours.\n")
        # A user of any engine is decided by the new triggers.
        gateway.browser("anna")
        for event in saves("anna", 3):
            gateway.link.send(event)
        sql = "select trigger_id from autoplay_offers where arm = 'ghost' and user_id = 'anna'"
        await eventually(lambda: _query(database, sql), WITHIN_S)

        # The next turn comes, also if the engine that had the last one was killed.
        running[0].kill()
        write_proposal(tmp_path / "proposals", "r", trigger=TRIGGER)
        with database.begin() as connection:
            connection.execute(sa.text("update autoplay_promotion_turns set due_at = 0"))
        await eventually(lambda: "id: r" in file.path.read_text(), WITHIN_S)
        await eventually(lambda: len(_changes(database)) == 3, WITHIN_S)
    assert [len(log) for log in _logs(tmp_path)] == [1, 1, 1], "each step is logged once"
    assert _changes(database) == [(name, "the rule", "from draft to ghost") for name in "pqr"]
    database.dispose()


def _logs(folder: Path) -> list[Any]:
    root = folder / "proposals"
    return [ProposalFolder(root).read_log(each.name) for each in sorted(root.iterdir())]


def _changes(database: Any) -> list[tuple[Any, ...]]:
    sql = "select trigger_id, who, detail from autoplay_changes where kind = 'promoted' order by number"
    return _query(database, sql)
