"""The whole story on every supported combination of Rasa and Python, and how long its steps take there."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from support.background import BackgroundLoop
from support.pair import Pair, RasaAlone
from support.platforms import ALONE, PLATFORMS, Platform, PlatformProject
from support.processes import ROOT
from support.stories import through_save
from support.user import User

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
_USERS = 20
_TABLE = re.compile(r"^\| `(\S+)` \| `(\S+)` \|", re.MULTILINE)


@pytest.fixture(params=PLATFORMS, ids=str)
def story_pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, background: BackgroundLoop
) -> Iterator[Pair]:
    """Both servers of one combination, with a model of its own."""
    platform: Platform = request.param
    project = PlatformProject(tmp_path_factory.mktemp("platform"), platform)
    project.train()
    pair = (RasaAlone if platform.engine == ALONE else Pair)(project)
    try:
        background.run(pair.start(), 250)
        yield pair
    finally:
        background.run(pair.close(), 150)


async def _seconds_to_toast(pair: Pair) -> float:
    """Return the time between the third save's request and the toast, as a browser sees it."""
    user = User(pair)
    story = user.story()
    before = through_save(story, 3) - 1
    async with user.feed() as feed:
        await user.send_story(story[:before])
        await pair.has_counted(user.id, 2)
        begun = time.time()
        await user.send_story(story[before : before + 1])
        return (await feed.toast()).at - begun


async def test_the_story(story_pair: Pair, record_property: Callable[[str, object], None]) -> None:
    user = User(story_pair)
    async with user.feed() as feed, user.chat() as window:
        await user.send_story(user.story())
        toast = await feed.toast()
        await user.acknowledge(toast)
        begun = time.monotonic()
        assert await user.open_chat(window, toast) == (200, {"status": "ok"})
        question = await window.bubble()
        assert question.text == toast.data["body"]
        assert "1. Open the small" in (await window.bubble()).text
        await window.write("tick the rows, then what?")
        assert "Bulk edit" in (await window.bubble()).text
        (tour,) = toast.data["tours"]
        status, _ = await story_pair.post("/tour/start", {"user_id": user.id, "tour_id": tour["id"]})
        assert status == 200
        assert await story_pair.post("/tour/end", {"user_id": user.id}) == (200, {"status": "ok"})
    to_toast_s = sorted([await _seconds_to_toast(story_pair) for _ in range(_USERS)])
    record_property(
        "latencies",
        f"save to toast: p50 {statistics.median(to_toast_s) * 1e3:.1f} ms, "
        f"p90 {to_toast_s[_USERS * 9 // 10] * 1e3:.1f} ms; "
        f"Open chat to the question: {(question.at - begun) * 1e3:.0f} ms",
    )
    for process in story_pair.processes():
        assert process.own_tracebacks() == []


def test_the_documentation_lists_exactly_these() -> None:
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    assert [Platform(*row) for row in _TABLE.findall(page)] == list(PLATFORMS)
