"""The made-up day of the demo: who comes and when, and what the engine makes of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from support.background import eventually
from support.processes import ROOT
from support.run import asynchronous

from example_bot.demo.browser import Toast
from example_bot.demo.configuration import CONFIG, copy_configuration, gets_the_toast
from example_bot.demo.day.crowd import Crowd
from example_bot.demo.day.people import SEED, USERS, made_up_users
from example_bot.demo.day.seed import seed_day
from example_bot.demo.day.traffic import visits_of_a_day
from example_bot.demo.playback import Person

APP = "http://127.0.0.1:5005/webhooks/autoplay/demo"
#: A Wednesday evening.
END = datetime(2026, 11, 25, 19, 30).timestamp()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The demo's file, with a database of its own."""
    return copy_configuration(tmp_path)


def rows(config: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(config.parent / "autoplay.db")) as connection:
        return connection.execute(query).fetchall()


def decided(config: Path, end: float) -> list[Any]:
    """Everything that was decided and answered, without the ids that chance makes."""
    found = rows(
        config,
        "SELECT user_id, trigger_id, arm, variant, status, created_at FROM autoplay_offers "
        "ORDER BY created_at, user_id",
    )
    return [(*row[:-1], round(row[-1] - end, 3)) for row in found]


def test_the_same_seed_invents_the_same_day() -> None:
    def described(number: int) -> list[Any]:
        return [
            (v.user.user_id, v.session_id, v.begins_at, v.steps) for v in visits_of_a_day(number, END, 60)
        ]

    assert described(1) == described(1)
    assert described(1) != described(2)


def test_every_user_is_marked_and_has_a_name_of_their_own() -> None:
    users = made_up_users()
    assert len({user.user_id for user in users}) == USERS
    assert all(user.properties["made_up"] is True for user in users)
    assert all(user.email.endswith(".example") for user in users)
    assert len({user.behaviour for user in users}) == 5


def test_visits_follow_a_working_day() -> None:
    visits = visits_of_a_day(SEED, END, USERS)
    assert all(END - 86_400 <= visit.begins_at <= END for visit in visits)
    hours = Counter(datetime.fromtimestamp(visit.begins_at).hour for visit in visits)
    at_work = sum(hours[hour] for hour in range(8, 18))
    assert at_work > 0.8 * len(visits)
    assert hours[12] < hours[10]


@asynchronous
async def test_a_new_day_replaces_the_same_one_and_spares_real_users(config: Path) -> None:
    totals = [
        "SELECT sum(count) FROM autoplay_gate_counts",
        "SELECT sum(entries) FROM autoplay_recordings",
        "SELECT count(*) FROM autoplay_receipts",
    ]
    await seed_day(config, APP, END, users=25)
    once, sums = decided(config, END), [rows(config, total) for total in totals]
    assert {row[2] for row in once} >= {"shown", "control"}
    assert sums[1][0][0] > 300
    with closing(sqlite3.connect(config.parent / "autoplay.db")) as connection, connection:
        connection.execute("UPDATE autoplay_session_analyses SET user_id = 'real' WHERE rowid = 1")
    await seed_day(config, APP, END, users=25)
    assert decided(config, END) == once
    assert [rows(config, total) for total in totals] == sums
    assert rows(config, "SELECT count(*) FROM autoplay_session_analyses WHERE user_id = 'real'") == [(1,)]


def test_the_users_of_the_story_get_the_toast() -> None:
    page_users = ("anna-berg", "ben-ortiz")  # example_bot/host_app/js/user.js
    assert all(map(gets_the_toast, page_users))
    assert all(gets_the_toast(Person.fresh("Anna").user_id) for _ in range(20))
    others = [user.user_id for user in made_up_users()]
    assert 0.35 < sum(map(gets_the_toast, others)) / len(others) < 0.65


def test_the_demo_tells_the_story_of_the_projects_own_files() -> None:
    own, demo = (
        YAML(typ="safe").load(file.read_text(encoding="utf-8")) for file in (ROOT / "autoplay.yml", CONFIG)
    )
    for section in ("product_id", "session", "courtesy"):
        assert demo[section] == own[section]
    for mine, theirs in zip(own["triggers"], demo["triggers"], strict=False):
        added = {name: value for name, value in theirs.items() if name not in mine}
        assert {**theirs, **mine} == theirs
        assert set(added) <= {"rollout", "goal"}
    path = "golden_paths/projects-bulk-edit.yml"
    copies = [
        YAML(typ="safe").load((folder / path).read_text(encoding="utf-8"))
        for folder in (ROOT / "example_bot", CONFIG.parent)
    ]
    assert copies[0] == copies[1]


class _Browser:
    """Receives what the crowd sends, and sends one toast to each user."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.posts: list[tuple[str, dict[str, str]]] = []

    async def capture_json(self, content: dict[str, Any]) -> None:
        self.events += content["batch"]

    async def post(self, path: str, **body: str) -> dict[str, Any]:
        self.posts.append((path, body))
        return {"status": "ok"}

    @asynccontextmanager
    async def feed(self, user_id: str) -> AsyncIterator[_Feed]:
        yield _Feed(user_id)


class _Feed:
    def __init__(self, user_id: str) -> None:
        self._toasts = [Toast("proactive", {"offer_id": user_id, "trigger_id": "t", "tours": []}, 0.0)]

    async def toast(self, _timeout_s: float) -> Toast:
        if not self._toasts:
            await asyncio.Event().wait()
        return self._toasts.pop()


@asynchronous
async def test_the_crowd_works_and_answers_until_the_demo_ends() -> None:
    browser = _Browser()
    crowd = Crowd(browser, APP, made_up_users(40))  # type: ignore[arg-type]
    working = asyncio.ensure_future(crowd.work())
    await eventually(lambda: len({post[1]["offer_id"] for post in browser.posts}) > 3, what="receipts")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert {path for path, _ in browser.posts} == {"/proactive/ack"}
    users = {event["properties"]["distinct_id"] for event in browser.events}
    assert len(users) > 3
    assert users <= {user.user_id for user in made_up_users(40)}
    assert all(event["$set"]["made_up"] for event in browser.events)
    assert len(asyncio.all_tasks()) == 1
