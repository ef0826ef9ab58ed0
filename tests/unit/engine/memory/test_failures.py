"""Failures are counted per workflow: through the engine's parts, with two workflows on one page."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.engine_parts import T0, EngineParts, action, batch, settings
from support.rules import triggers
from support.run import asynchronous
from support.visits import APP, EXPORT

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.events.models import SlimAction

SHARE = GoldenPath.parse_obj(
    {
        "id": "share",
        "title": "Share a report",
        "page": "/reports",
        "steps": [
            {"id": name, "title": name.title(), "text": f"Press {name}.", "done_when": {"element_id": name}}
            for name in ("share", "people", "send")
        ],
    }
)


def engine(folder: Path, entry: str = "  - {builtin: repeated_failure}\n") -> EngineParts:
    quick = settings(session={"interaction_timeout": "5s", "cooldown": "0s"})
    made = EngineParts(folder, triggers(folder, entry), configuration=quick, paths=[EXPORT, SHARE])
    made.clock.now = T0 + 200
    return made


def acts(story: str) -> list[SlimAction]:
    """Return actions 5 s apart: ``menu`` is a click, ``menu!`` a failing click, ``oops`` an error."""
    return [_act(word, 5.0 * number) for number, word in enumerate(story.split())]


def _act(word: str, at: float) -> SlimAction:
    name, _, page = word.partition("@")
    url = f"{APP}{page or '/reports'}"
    if name == "oops":
        return action("Error", at, url, type="blur", signal="error")
    element = name.rstrip("!")
    return action(f"Click {element}", at, url, element_id=element, signal="error" if "!" in name else "")


@pytest.mark.parametrize(
    ("story", "path_id"),
    [
        ("menu oops menu oops menu oops", "export"),
        ("menu! menu! menu!", "export"),
        ("menu format! oops@/files format!", "export"),
        ("menu oops share oops oops share! share!", "share"),
        ("oops oops oops", ""),
    ],
)
@asynchronous
async def test_three_consecutive_failures_in_a_workflow_make_an_offer(
    tmp_path: Path, story: str, path_id: str
) -> None:
    async with engine(tmp_path) as made:
        await made.take(batch(*acts(story)))
        (offer,) = await made.offers()
        assert (offer.trigger_id, offer.golden_path or "") == ("repeated_failure", path_id)


@pytest.mark.parametrize(
    "story",
    [
        "menu! menu! share!",  # two workflows
        "menu! menu! menu format menu!",  # a step succeeded in between
        "oops oops@/files oops",  # in no workflow, and on another page
        "menu! menu! elsewhere@/files oops@/files",  # the third belongs to no workflow: too long after a step
    ],
)
@asynchronous
async def test_does_not_add_up_failures_of_different_workflows(tmp_path: Path, story: str) -> None:
    async with engine(tmp_path) as made:
        await made.take(batch(*acts(story)))
        assert await made.offers() == []


@asynchronous
async def test_counts_rage_clicks_of_a_source_without_signals(tmp_path: Path) -> None:
    """The first clicks of a burst repeat the step, and do not end the series."""
    async with engine(tmp_path) as made:
        clicks = [_act("menu", 20.0 * burst + 0.3 * click) for burst in range(3) for click in range(3)]
        await made.take(batch(*clicks[:6]), source="stream")
        assert await made.offers() == []
        await made.take(batch(*clicks[6:]), source="stream")
        (offer,) = await made.offers()
        assert offer.golden_path == "export"


@asynchronous
async def test_offer_consumes_its_evidence(tmp_path: Path) -> None:
    async with engine(tmp_path) as made:
        await made.take(batch(*acts("menu! menu! menu!")))
        assert len(await made.offers()) == 1
        await made.take(batch(_act("menu!", 60.0), _act("menu!", 65.0)))
        assert len(await made.offers()) == 1, "two of three new ones"
