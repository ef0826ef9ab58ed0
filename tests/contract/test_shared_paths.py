"""Two engines on Redis: any of them keeps drafts of golden paths, and both know a suspect step."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from support.redis_server import RedisServer
from support.run import asynchronous
from support.shared_engines import an_engine, eventually, shared_gateway, write_autoplay

from rasa_autoplay.engine.freshness.entry import suspicion
from rasa_autoplay.engine.freshness.step_digest import digest_of
from rasa_autoplay.engine.freshness.suspect import Seen, Suspect
from rasa_autoplay.engine.knowledge.golden_path import load_golden_paths
from rasa_autoplay.engine.redis.engine import SharedEngine
from rasa_autoplay.link.path_draft_requests import DeleteDraft, FindDraft, FindDrafts, SaveDraft
from rasa_autoplay.link.studio_requests import ConfirmStep
from rasa_autoplay.storage.redis_keys import PARTITIONS

PATH, STEP = "projects-bulk-edit", "options"
#: Requests without a user go to any engine; this many reach both.
OFTEN = 8


@asynchronous
async def test_drafts_are_the_same_at_both_engines(tmp_path: Path, redis_server: RedisServer) -> None:
    file = write_autoplay(tmp_path, redis_server)
    async with shared_gateway(redis_server) as gateway, an_engine(file) as one, an_engine(file) as two:
        await eventually(lambda: all(len(e._link._adopted) == PARTITIONS / 2 for e in (one, two)))
        ask = gateway.link.ask

        async def listed() -> list[str]:
            drafts: Any = (await ask(FindDrafts())).drafts["drafts"]
            return [each["draft_id"] for each in drafts]

        draft: dict[str, Any] = {
            "id": "save",
            "title": "Save",
            "steps": [{"id": "press", "text": "Press it."}],
        }
        draft_id = (await ask(SaveDraft(draft))).draft_id
        for _ in range(OFTEN):
            assert await listed() == [draft_id]
            assert (await ask(FindDraft(draft_id))).draft["title"] == "Save"
        await ask(DeleteDraft(draft_id))
        for _ in range(OFTEN):
            assert await listed() == []


@asynchronous
async def test_both_engines_know_a_suspect_step_and_its_confirmation(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    file = write_autoplay(tmp_path, redis_server)
    (path,) = load_golden_paths(tmp_path / "golden_paths")
    step = next(each for each in path.steps if each.id == STEP)
    suspect = Suspect(PATH, STEP, digest_of(step), "missing", time.time(), Seen(3, 3))

    def is_suspect(engine: SharedEngine) -> bool:
        return bool(engine.engine._freshness.suspects.of_path(path))

    async with shared_gateway(redis_server) as gateway, an_engine(file) as one, an_engine(file) as two:
        both = (one, two)
        await eventually(lambda: all(len(e._link._adopted) == PARTITIONS / 2 for e in both))
        assert await one.engine.stores.freshness.append(suspicion(suspect, 0.0, time.time()))
        await eventually(lambda: all(map(is_suspect, both)))
        assert (await gateway.link.ask(ConfirmStep(PATH, STEP, "Ann", "I looked"))).has_changed
        await eventually(lambda: not any(map(is_suspect, both)))
