"""The figures of golden paths equal a naive count, and reading them does not block the engine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.event_loop import LoopWatch
from support.postgres import PostgresServer
from support.run import asynchronous

from rasa_autoplay.engine.knowledge.attempts import StepEvidence
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_results import path_results_of
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.memory.analysis import PathFinding, SessionAnalysis, analysis_of
from rasa_autoplay.engine.memory.base import SessionRecord
from rasa_autoplay.engine.memory.sql.store import SqlMemoryStore
from rasa_autoplay.engine.memory.stored_evidence import encode_evidence
from rasa_autoplay.engine.studio import path_reader
from rasa_autoplay.engine.studio.path_figures import count_users
from rasa_autoplay.engine.studio.path_reader import PathReader

T0 = 1_700_000_000.0
IDS = ["menu", "format", "download"]
EXPORT = GoldenPath.parse_obj(
    {
        "id": "export",
        "title": "Export a report",
        "steps": [{"id": each, "text": each, "done_when": {"element_id": each}} for each in IDS],
    }
)
TRACKER = PathTracker([EXPORT])


def session(
    user_id: str, number: int, done: dict[str, float], product_id: str = "demo", path_id: str = "export"
) -> SessionRecord:
    """A session in which these steps were done, at these times in seconds after T0."""
    proofs = [StepEvidence(T0 + at, 0, each, each, "", (IDS.index(each),)) for each, at in done.items()]
    evidence: EvidenceByPath = {path_id: sorted(proofs)} if proofs else {}
    at = [T0 + each for each in done.values()] or [T0 + number]
    analysis = analysis_of(
        path_results_of(TRACKER, evidence),
        product_id=product_id,
        user_id=user_id,
        session_id=f"s{number}",
        started_at=min(at),
        ended_at=max(at),
        action_count=len(proofs),
        properties={},
        summary="",
    )
    return SessionRecord(analysis, encode_evidence(evidence, TRACKER))


async def report_of(url: str, records: list[SessionRecord]) -> path_reader.PathReport:
    store, reader = SqlMemoryStore(url), PathReader(url, "demo")
    assert await store.save(records)
    report = await reader.read([EXPORT])
    await store.close()
    await reader.close()
    assert report is not None
    return report


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'autoplay.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url


@asynchronous
async def test_counts_users_steps_and_times(url: str) -> None:
    report = await report_of(
        url,
        [
            session("ann", 1, {"menu": 0, "format": 4, "download": 10}),
            session("ann", 2, {"menu": 1_000, "format": 1_020}),
            session("bob", 3, {"menu": 500, "format": 505}),
            session("cid", 4, {"menu": 100, "format": 110, "download": 130}),
            session("dan", 5, {}),
            session("eve", 6, {"menu": 9_000, "format": 9_001, "download": 9_002}, product_id="other"),
        ],
    )
    assert (report.users, report.sessions, report.is_partial) == (4, 5, False)
    found = report.paths["export"]
    assert (found.mastered, found.began, found.never) == (2, 1, 1)
    assert [(step.step_id, step.users) for step in found.steps] == [
        ("menu", 3),
        ("format", 3),
        ("download", 2),
    ]
    assert [step.last_done_at for step in found.steps] == [T0 + 1_000, T0 + 1_020, T0 + 130]
    assert (found.missed_most, found.missed_by) == ("download", 1), "ann lacks it now, but masters the path"
    assert (found.median_s, found.timed) == (20.0, 2)


@asynchronous
async def test_without_sessions_nothing_is_known(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    found = (await report_of(url, [session("ann", 1, {}, product_id="other")])).paths["export"]
    assert (found.mastered, found.began, found.never, found.median_s, found.missed_most) == (
        0,
        0,
        0,
        None,
        "",
    )
    assert [step.last_done_at for step in found.steps] == [None, None, None]


@asynchronous
async def test_counts_only_the_newest_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_reader, "MOST_SESSIONS", 2)
    records = [session(f"u{number}", number, {"menu": number, "format": number}) for number in range(1, 6)]
    report = await report_of(f"sqlite:///{tmp_path / 'autoplay.db'}", records)
    assert (report.users, report.sessions, report.is_partial) == (2, 2, True)
    assert report.paths["export"].steps[0].last_done_at == T0 + 5


findings = st.builds(
    PathFinding,
    path_id=st.sampled_from(["export", "gone"]),
    attempts=st.just(1),
    completed=st.integers(0, 1),
    completion_pct=st.just(50.0),
    done=st.lists(st.sampled_from([*IDS, "gone"]), unique=True),
    missed=st.lists(st.sampled_from(IDS), unique=True),
)
#: Sessions, newest first: the user, and the findings.
histories = st.lists(
    st.tuples(st.sampled_from("abcd"), st.lists(findings, max_size=2, unique_by=lambda one: one.path_id))
)


@given(histories)
def test_counts_equal_a_naive_count(history: list[tuple[str, list[PathFinding]]]) -> None:
    rows = [(user, f"s{at}", msgspec.json.encode(found).decode()) for at, (user, found) in enumerate(history)]
    users, sessions, (counts,) = count_users([EXPORT], rows)
    found = counts.figures(users, {}, TRACKER)

    everybody = {user for user, _ in history}
    own = [(user, one) for user, of_session in history for one in of_session if one.path_id == "export"]
    mastered = {user for user, one in own if one.completed}
    tried = {user for user, _ in own}
    newest = dict(reversed(own))
    lacking = [step for user, one in newest.items() if user not in mastered for step in one.missed]
    assert (users, sessions) == (len(everybody), len(history))
    assert (found.mastered, found.began) == (len(mastered), len(tried - mastered))
    assert found.never == len(everybody - tried)
    assert [step.users for step in found.steps] == [len({u for u, one in own if i in one.done}) for i in IDS]
    most = max(IDS, key=lacking.count)
    assert (found.missed_most, found.missed_by) == ((most, lacking.count(most)) if lacking else ("", 0))


def test_unreadable_findings_are_left_out() -> None:
    rows: list[Any] = [("a", "s1", "{"), ("b", "s2", '["\ud800"]'), ("c", "s3", "[]")]
    assert count_users([EXPORT], rows)[:2] == (3, 3)


@asynchronous
async def test_reading_does_not_block_the_event_loop(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    store, reader = SqlMemoryStore(url), PathReader(url, "demo")
    (first,) = (session("ann", 1, {"menu": 0, "format": 4, "download": 10}),)
    records = [
        SessionRecord(_renamed(first.analysis, f"u{number // 3}", f"s{number}"), first.evidence)
        for number in range(6_000)
    ]
    for begin in range(0, len(records), 1_000):
        assert await store.save(records[begin : begin + 1_000])
    loop = LoopWatch()
    watching = asyncio.ensure_future(loop.watch())
    report = await reader.read([EXPORT])
    watching.cancel()
    await store.close()
    await reader.close()
    assert report is not None
    assert report.users == 2_000
    assert loop.longest_s < 0.05, "it is read and counted in another thread"


def _renamed(analysis: SessionAnalysis, user_id: str, session_id: str) -> SessionAnalysis:
    return msgspec.structs.replace(analysis, user_id=user_id, session_id=session_id)
