"""The engine's files change while users act: no session is lost, and nobody gets an offer twice."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, Stream, deployed, signed
from support.reloading import golden_path
from support.run import asynchronous

#: A user acts this often, and the third action fires the trigger.
PAUSE_S = 0.25
NEEDED = 3
AT_ONCE = 12
#: A new version must be in force within this time.
IN_FORCE_S = 2.0
NO_LIMITS = {
    "user_per_minute": 1_000_000,
    "user_events_per_minute": 100_000_000,
    "user_sessions_per_minute": 1_000_000,
}


def rules(body: str, key: str = "at_least") -> str:
    return (
        "product_id: demo\ncourtesy: {min_interval: 0}\ngolden_paths: paths\ntriggers:\n"
        f"  - id: pages\n    when: {{count: {{page: step, {key}: {NEEDED}}}}}\n    body: {body}\n"
    )


class Users:
    """Users who come one after another; each opens a feed and visits some pages, then stays."""

    def __init__(self, made: Deployment) -> None:
        self._made = made
        self._numbers = itertools.count()
        #: By user: their feed, and when their last action was sent.
        self.streams: dict[str, Stream] = {}
        self.acted_at: dict[str, float] = {}
        #: Set to let no more users come; those who are there stay until they have their toast.
        self.closed = False

    async def come(self) -> None:
        """Let one user after another act, until closed."""
        while not self.closed:
            await self._act(f"user{next(self._numbers)}")

    async def _act(self, user: str) -> None:
        self.streams[user] = await self._made.listen(user, sends_receipts=True)
        for page in range(NEEDED):
            event = {
                "event": "$pageview",
                "uuid": f"{user}-{page}",
                "properties": {"$session_id": f"s-{user}", "$current_url": f"https://a.example/step/{page}"},
            }
            body = json.dumps({"batch": [event]}).encode()
            status, _ = await self._made.request("POST", "/capture/e/", body, signed(user))
            assert status == 200
            self.acted_at[user] = time.time()
            if page < NEEDED - 1:
                await asyncio.sleep(PAUSE_S)
        await self.streams[user].toast()

    def bodies(self, user: str) -> list[str]:
        return [toast["body"] for toast in self.streams[user].toasts if "body" in toast]

    async def first_with(self, body: str, since: float) -> float:
        """Return how many seconds after ``since`` the first user acted who got this text."""

        def found() -> list[float]:
            return [self.acted_at[user] - since for user in self.streams if self.bodies(user) == [body]]

        await eventually(found, within_s=DEADLINE_S, what=f"a toast with {body}")
        return min(found())


@asynccontextmanager
async def under_load(folder: Path) -> AsyncIterator[tuple[Deployment, Users]]:
    (folder / "paths").mkdir()
    (folder / "paths" / "bulk.yml").write_text(golden_path("open", "apply"))
    async with deployed(folder, rules=rules("First"), rate_limits=NO_LIMITS) as made:
        users = Users(made)
        coming = [asyncio.get_running_loop().create_task(users.come()) for _ in range(AT_ONCE)]
        try:
            await users.first_with("First", 0)
            yield made, users
        finally:
            users.closed = True
            ended = await asyncio.gather(*coming, return_exceptions=True)
        assert [each for each in ended if each is not None] == []
        assert [user for user in users.streams if len(users.bodies(user)) != 1] == [], "one offer each"
        health = made.engine.health()
        assert (health["sessions"], health["sessions_evicted"]) == (len(users.acted_at), 0)
        assert health.get("failed_messages", 0) == 0


@asynchronous
async def test_versions_change_under_load(tmp_path: Path) -> None:
    file = tmp_path / "autoplay.yml"
    async with under_load(tmp_path) as (made, users):
        rest = file.read_text("utf-8")[len(rules("First")) :]

        def write(content: str) -> float:
            (tmp_path / "new").write_text(content + rest, "utf-8")
            os.replace(tmp_path / "new", file)
            return time.time()

        async def until_problem(expected: bool) -> None:
            async def reported() -> bool:
                return ("problem" in (await made.health())["engine"]["configuration"]) is expected

            await eventually(reported, within_s=IN_FORCE_S * 2, what="health follows the files")

        assert await users.first_with("Second", write(rules("Second"))) < IN_FORCE_S
        write(rules("Wrong", key="at_leest"))
        await until_problem(True)
        problem = (await made.health())["engine"]["configuration"]["problem"]
        assert problem.startswith("autoplay.yml:6: ")
        at = time.time()
        await users.first_with("Second", at)
        assert await users.first_with("Third", write(rules("Third"))) < IN_FORCE_S
        await until_problem(False)
        (tmp_path / "paths" / "bulk.yml").write_text(golden_path("open", "choose", "apply"))
        (tmp_path / "paths" / "more.yml").write_text(golden_path("more", path_id="more"))

        async def two_paths() -> bool:
            return len(made.engine._version.configuration.paths) == 2

        await eventually(two_paths, within_s=IN_FORCE_S * 2, what="the new golden path")
        assert await users.first_with("Fourth", write(rules("Fourth"))) < IN_FORCE_S
        texts = {user: users.bodies(user) for user in users.streams if users.bodies(user)}
        assert {text for (text,) in texts.values()} == {"First", "Second", "Third", "Fourth"}


@asynchronous
async def test_a_hundred_quick_changes_end_with_the_last_one_in_force(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - not for secrets
    async with under_load(tmp_path) as (made, users):
        file = tmp_path / "autoplay.yml"
        rest = file.read_text("utf-8")[len(rules("First")) :]
        for number in range(100):
            content = rules(f"Text {number}") + rest
            how = chance.randrange(4)
            if how == 0:
                content = content[: chance.randrange(len(content))]  # half of it is written
            elif how == 1:
                content = content.replace("at_least", "at_leest")
            elif how == 2:
                (tmp_path / "paths" / "bulk.yml").write_text(golden_path("open", *f"a{number}"))
            file.write_text(content, "utf-8")
            await asyncio.sleep(chance.choice((0.0, 0.01, 0.05, 0.1)))
        (tmp_path / "paths" / "bulk.yml").write_text(golden_path("open", "apply"))
        file.write_text(rules("Last") + rest, "utf-8")
        assert await users.first_with("Last", time.time()) < IN_FORCE_S
        assert "problem" not in (await made.health())["engine"]["configuration"]
