"""What makes a step suspect, what ends it, and what is stored of users."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.changing_app.traffic import Visit
from support.freshness import PRODUCT, FreshnessRun, freshness_run
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.changes.change import ChangeKind
from rasa_autoplay.engine.changes.sql.store import SqlChangeLog
from rasa_autoplay.engine.freshness.confirm_control import ConfirmControl
from rasa_autoplay.engine.freshness.sql.schema import controls, findings, observations, reports
from rasa_autoplay.engine.freshness.step_digest import digest_of
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.events.models import SlimAction

URL = "https://a.example.com/x"
STEPS = [("menu", "Menu"), ("format", "Format"), ("send", "Send")]
EXPORT = GoldenPath.parse_obj(
    {
        "id": "export",
        "title": "Export a report",
        "steps": [
            {
                "id": each,
                "title": f"The {label}",
                "label": label,
                "element": f"#{each}",
                "text": f'Press "{label}".',
                "done_when": {"element_id": each},
            }
            for each, label in STEPS
        ],
    }
)
USUAL = [(f"Click {label}", each) for each, label in STEPS]


class Days:
    """Sessions, one after the other."""

    def __init__(self) -> None:
        self.at, self.number = 1_000_000.0, 0

    def visits(self, count: int, acts: list[tuple[str, str]], users: int = 12) -> Iterator[Visit]:
        for _ in range(count):
            self.number += 1
            self.at += 3_600.0
            actions = [
                SlimAction(title, title, URL, place, "click", at, at, element_id=element)
                for place, (title, element) in enumerate(acts)
                for at in [self.at + 2 * place]
            ]
            yield Visit(f"u{self.number % users}", f"s{self.number}", actions)


def changed(step: int, *acts: tuple[str, str]) -> list[tuple[str, str]]:
    return [*USUAL[:step], *acts, *USUAL[step + 1 :]]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'autoplay.db'}"


async def suspect_run(run: FreshnessRun, days: Days, *acts: tuple[str, str]) -> None:
    run.visit(days.visits(40, USUAL))
    run.visit(days.visits(40, changed(1, *acts)))
    (found,) = await run.suspects()
    assert (found.key, found.why) == (("export", "format"), "not done")


@pytest.mark.parametrize("backend", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
@asynchronous
async def test_stays_suspect_over_a_restart_until_confirmed(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    if backend == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url
        engine = sa.create_engine(url, future=True)
        with engine.begin() as connection:
            names = [each.name for each in (observations, reports, controls, findings)]
            for table in (*names, "autoplay_freshness_version"):
                connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))
        engine.dispose()
    days = Days()
    async with freshness_run(url, [EXPORT]) as run:
        await suspect_run(run, days, ("Click Kind", "kind"))
    async with freshness_run(url, [EXPORT]) as run:
        (found,) = await run.suspects()
        assert found.replacement is not None
        assert (found.replacement.label, found.replacement.element) == ("Kind", "#kind")
        run.visit(days.visits(30, USUAL))
        assert await run.suspects() == [found], "only a person ends it"
        log = SqlChangeLog(url)
        control = ConfirmControl(PRODUCT, run.store, log, lambda: run.now)
        assert await control.confirm(EXPORT, "format", "Ann", "an outage") == found
        assert await control.confirm(EXPORT, "format", "Ann", "again") is None
        changes = await log.since(PRODUCT, 0.0)
        await log.close()
        assert changes is not None
        assert [(each.kind, each.who) for each in changes] == [(ChangeKind.CONFIRMED, "Ann")]
        assert changes[0].describe().startswith("Ann confirmed step format of path export (users no longer")
        assert await run.suspects() == []
        run.visit(days.visits(40, USUAL))
        run.visit(days.visits(20, changed(1)))
        (again,) = await run.suspects()
        assert again.since > found.since, "new evidence"


@asynchronous
async def test_an_edited_step_starts_afresh(url: str) -> None:
    days = Days()
    async with freshness_run(url, [EXPORT]) as run:
        await suspect_run(run, days, ("Click Kind", "kind"))
    steps = [step.dict(exclude_none=True) for step in EXPORT.steps]
    steps[1] = {**steps[1], "element": "#kind", "label": "Kind", "done_when": {"element_id": "kind"}}
    edited = GoldenPath.parse_obj({**EXPORT.dict(), "steps": steps})
    async with freshness_run(url, [edited]) as run:
        assert await run.suspects() == []
        run.visit(days.visits(60, changed(1, ("Click Kind", "kind"))))
        assert await run.suspects() == []


def test_better_texts_do_not_start_afresh() -> None:
    step = EXPORT.steps[0]
    better = step.copy(update={"text": "Open the menu.", "tooltip": "Here.", "optional": True})
    assert digest_of(better) == digest_of(step)
    assert digest_of(step.copy(update={"label": "Other"})) != digest_of(step)


@asynchronous
async def test_any_way_does_a_step(url: str) -> None:
    """The first way is gone; users do the other one, as the path says."""
    steps = [step.dict(exclude_none=True) for step in EXPORT.steps]
    steps[1]["any"] = [{"element": "#kind", "label": "Kind", "done_when": {"element_id": "kind"}}]
    either = GoldenPath.parse_obj({**EXPORT.dict(), "steps": steps})
    days = Days()
    async with freshness_run(url, [either]) as run:
        run.visit(days.visits(60, USUAL))
        run.visit(days.visits(60, changed(1, ("Click Kind", "kind"))))
        assert await run.suspects() == []


@asynchronous
async def test_is_suspect_if_three_browsers_miss_its_element_and_nobody_does_it(url: str) -> None:
    days = Days()
    async with freshness_run(url, [EXPORT]) as run:
        run.visit(days.visits(5, USUAL))
        for user in ("ann", "bob", "ann"):
            run.now += 10
            run.freshness.report_missing("export", "send", user, URL)
        assert await run.suspects() == [], "two users"
        run.visit(days.visits(1, USUAL))
        for user in ("cid", "dan"):
            run.now += 10
            run.freshness.report_missing("export", "send", user, URL)
        assert await run.suspects() == [], "somebody has done it since"
        run.now += 10
        run.freshness.report_missing("export", "send", "eve", URL)
        (found,) = await run.suspects()
        assert (found.why, found.seen.users, found.seen.page) == ("missing", 3, URL)
        assert "3 users, last on https://a.example.com/x" in found.describe()


@asynchronous
async def test_knows_when_each_step_was_last_done(url: str) -> None:
    days = Days()
    async with freshness_run(url, [EXPORT]) as run:
        run.visit(days.visits(2, USUAL))
        run.visit(days.visits(1, USUAL[:1]))
        await run.suspects()
        last = run.freshness.health()["freshness"]["last_done"]["export"]
    assert last == {"menu": days.at, "format": days.at - 3_598.0, "send": days.at - 3_596.0}


@asynchronous
async def test_stores_no_name_that_few_users_share(url: str, tmp_path: Path) -> None:
    """Names of records differ from user to user; a number is left out unless it is everybody's."""
    days = Days()
    async with freshness_run(url, [EXPORT]) as run:
        for number in range(8):
            acts = [
                ("Click Customer Miller", "row-77"),
                (f"Click Order 47{number}1", f"order-{number}"),
                ("Click Filter 2", "f2"),
            ]
            run.visit(days.visits(1, changed(1, *(acts if number < 2 else acts[1:])), users=1_000))
        await run.suspects()
    with closing(sqlite3.connect(tmp_path / "autoplay.db")) as connection:
        assert "Miller" not in "".join(connection.iterdump())
        named = set(connection.execute("SELECT name, element_id FROM autoplay_shared_controls"))
    assert named == {("Menu", "menu"), ("Send", "send"), ("Order N", "order-*"), ("Filter 2", "f2")}


@asynchronous
async def test_deletes_what_belongs_to_a_user(url: str) -> None:
    days = Days()
    async with freshness_run(url, [EXPORT]) as run:
        run.visit(days.visits(4, USUAL, users=2))
        run.freshness.report_missing("export", "send", "u1", URL)
        await run.suspects()
        run.visit(days.visits(2, USUAL, users=2))
        run.freshness.forget_user("u1")
        assert await run.store.forget("u1") == 3
        await run.suspects()
        assert await run.store.export("u1") == []
        kept = await run.store.export("u0")
        assert kept is not None
        assert len(kept) == 3
        assert await run.store.forget_before(days.at) == 2
