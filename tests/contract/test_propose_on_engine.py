"""A proposal on real servers: the command takes it from stage to stage, and the running engine follows."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support.background import eventually
from support.deployment import DEADLINE_S, Deployment, deployed
from support.proposals import write_proposal
from support.run import asynchronous
from support.serve_process import OwnProcess

_RULES = "# Our copilot.\nproduct_id: demo\ncourtesy: {min_interval: 0}\n"
_TRIGGER = """\
id: {id}
when: {{count: {{title: save changes, at_least: 3, within: 120s}}}}
body: "May I show you a quicker way?"
goal: {{count: {{title: apply to all, at_least: 1}}, within: 1d}}
"""


async def _propose(folder: Path, *arguments: str) -> str:
    """Run the command in a process of its own; return what it prints."""
    command = (sys.executable, "-m", "rasa_autoplay.tools.cli", "propose", *arguments)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=pipe, stderr=pipe)
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode()


async def _figures(folder: Path) -> dict[str, Any]:
    (found,) = json.loads(await _propose(folder, "p", "--json"))["proposals"]
    figures: dict[str, Any] = found["decision"]["figures"]
    return figures


async def _move(made: Deployment, folder: Path, *step: str) -> None:
    """Take a step, and wait until the engine has loaded it."""
    before = (await made.health())["engine"]["configuration"]["fingerprint"]
    await _propose(folder, "p", *step, "--yes", "--by", "Ann")

    async def is_in_force() -> bool:
        return bool((await made.health())["engine"]["configuration"]["fingerprint"] != before)

    await eventually(is_in_force, within_s=DEADLINE_S, what=f"the engine follows {step}")


@pytest.mark.slow
@asynchronous
async def test_the_running_engine_follows_each_step(tmp_path: Path) -> None:
    write_proposal(tmp_path / "proposals", "p", trigger=_TRIGGER)
    async with deployed(tmp_path, rules=_RULES, actions=OwnProcess(tmp_path)) as made:
        before = (tmp_path / "autoplay.yml").read_text()
        await _move(made, tmp_path, "--to", "ghost")
        feed = await made.listen("anna")
        await made.send_story("anna")

        async def is_recorded() -> bool:
            ghost = (await _figures(tmp_path))["ghost"]
            return bool((ghost["fires"], ghost["users"]) == (1, 1))

        await eventually(is_recorded, within_s=DEADLINE_S, what="a decision as ghost")
        assert feed.toasts == []
        await _move(made, tmp_path, "--to", "5%", "--force", "a test")
        await made.send_story("ben")

        async def is_divided() -> bool:
            return bool((await _figures(tmp_path))["trial"]["running"] == 1)

        await eventually(is_divided, within_s=DEADLINE_S, what="a decision under chance")
        await _move(made, tmp_path, "--to", "live", "--force", "a test")
        assert (await made.offer_to("carol"))["body"] == "May I show you a quicker way?"
        for _ in range(3):
            await _move(made, tmp_path, "--back")
        assert (tmp_path / "autoplay.yml").read_text() == f"{before}triggers: []\n"
        log = tmp_path / "proposals" / "p" / "log.jsonl"
        assert "6 of 6 decisions computed again" in await _propose(tmp_path, "--check", str(log))
        assert feed.toasts == []
