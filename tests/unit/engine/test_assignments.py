"""The real engine gives a user the same arm and variant after every restart."""

from __future__ import annotations

from pathlib import Path

from support.assignments import ASSIGNING, USERS, assigned, expected
from support.engine_parts import T0, Clock, Publisher, batch, save
from support.run import asynchronous

from rasa_autoplay.engine.engine import Engine
from rasa_autoplay.link.messages import Event, FeedInfo, FeedOpened
from rasa_autoplay.settings.yaml_file import YamlFile

RESTARTS = 3
HOUR_S = 3600.0


@asynchronous
async def test_assignments_are_the_same_over_three_restarts(tmp_path: Path) -> None:
    file = tmp_path / "autoplay.yml"
    file.write_text(ASSIGNING, encoding="utf-8")
    clock = Clock()
    publisher = Publisher()
    for run in range(RESTARTS + 1):
        clock.now = T0 + run * HOUR_S
        engine = Engine(YamlFile(file), publisher, clock)
        await engine.start()
        for user in USERS:
            saved = Event(batch(save(run * HOUR_S), user=user, session=f"{user}, {run}"), "capture")
            await engine.apply_messages("d1", [FeedOpened(FeedInfo(f"{user} {run}", user)), saved])
            await engine.finish_pending()
        await engine.stop()
    found = assigned(tmp_path / "autoplay.db")
    assert found == {user: [expected(user)] * (RESTARTS + 1) for user in USERS}
    assert {arm for arm, _ in map(expected, USERS)} == {"shown", "control", "holdout"}
    assert {variant for _, variant in map(expected, USERS)} == {"a", "b"}
    sent = {frame.user_id for _, frame in publisher.pushed}
    assert sent == {user for user in USERS if expected(user)[0] == "shown"}
