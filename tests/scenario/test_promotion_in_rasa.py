"""``engine: in_process`` and ``discover: {promote: auto}``: the Rasa server promotes proposals by itself."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.background import BackgroundLoop, eventually
from support.pair import Pair, RasaAlone
from support.processes import ROOT
from support.project import ADMIN_KEY
from support.proposals import write_proposal
from support.stories import through_save
from support.user import User
from support.workshop import Workshop

#: The engine looks once a minute whether its turn has come.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
WITHIN_S = 200.0
JWT_KEY = "key-of-promotion-7d1e40b2c86f4e55a1"
TRIGGER = """\
id: {id}
when: {{count: {{title: save changes, at_least: 1}}}}
body: "May I show you a quicker way?"
goal: {{count: {{title: apply to all, at_least: 1}}, within: 1d}}
"""


@pytest.fixture(scope="module")
def alone(workshop: Workshop, background: BackgroundLoop) -> Iterator[Pair]:
    project = workshop.project("promotes")
    project.channel.update(identity="required", jwt_key=JWT_KEY)
    # The project's example_bot is a link, and the step writes a golden path.
    shutil.copytree(ROOT / "example_bot" / "golden_paths", project.folder / "paths")
    project.autoplay.update(golden_paths="paths", discover={"promote": "auto"})
    write_proposal(project.folder / "proposals", "p", trigger=TRIGGER, path="default")
    with workshop.running(project, background, RasaAlone) as pair:
        yield pair


def _log(folder: Path, name: str) -> list[tuple[str, str, str]]:
    lines = (folder / "proposals" / name / "log.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    return [(entry["before"], entry["after"], entry["who"]) for entry in entries]


async def _triggers(pair: Pair) -> list[str]:
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with pair.http.get(f"{pair.base}/triggers", headers=headers) as answer:
        return [each["trigger_id"] for each in (await answer.json())["triggers"]]


async def test_the_rasa_server_takes_the_step_and_records_decisions(alone: Pair) -> None:
    folder = alone.project.folder
    file = folder / "autoplay.yml"

    async def is_loaded() -> bool:
        return "p" in await _triggers(alone)

    await eventually(is_loaded, within_s=WITHIN_S, what="the engine has loaded its own step")
    assert "rollout: ghost" in file.read_text()
    assert _log(folder, "p") == [("draft", "ghost", "the rule")]
    promotion = (await alone.health())["engine"]["promotion"]
    assert (promotion["steps"], "problem" in promotion) == (1, False)
    user = User(alone, "anna", JWT_KEY)
    async with user.feed():
        # One save: after the third one, the example's own trigger takes the moment.
        story = user.story()
        await user.send_story(story[: through_save(story, 1)])
        sql = "select trigger_id from autoplay_offers where arm = ? and user_id = ? and trigger_id = 'p'"
        await eventually(lambda: alone.query(sql, "ghost", user.id), what="a decision as ghost")
        assert alone.query(sql, "shown", user.id) == [], "a ghost shows nothing"


async def test_a_killed_server_completes_its_step_at_the_next_start(alone: Pair) -> None:
    """The last test of this file, because it kills the server.

    What a killed server leaves is made by hand, because nobody can hit the millisecond.
    """
    folder = alone.project.folder
    await alone.hang_up()
    alone.kill()
    log = folder / "proposals" / "p" / "log.jsonl"
    (line,) = log.read_text().splitlines()
    digest = hashlib.sha256((folder / "autoplay.yml").read_bytes()).hexdigest()
    note = f'{{"entry": {line}, "change_id": "change_killed", "file_digest": "{digest}"}}'
    (log.parent / "step.json").write_text(note)
    log.write_text(line[:40])
    alone.start_rasa()
    await alone.ready()
    sql = "select who, detail from autoplay_changes where change_id = ?"
    written = await eventually(
        lambda: alone.query(sql, "change_killed"), within_s=WITHIN_S, what="the step is in the log of changes"
    )
    assert written == [("the rule", "from draft to ghost")]
    assert _log(folder, "p") == [("draft", "ghost", "the rule")]
    await eventually(lambda: not (log.parent / "step.json").exists(), what="nothing is unfinished")
    assert "It is logged now" in alone.rasa_log()
