"""An error in a file stops the start, with a helpful message and without a stack trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from support.processes import ServerProcess
from support.project import CHANNEL, Project
from support.workshop import LINK_SECRET, STREAM_TOKEN, Workshop


@contextmanager
def started(process: ServerProcess) -> Iterator[ServerProcess]:
    """A process that ends with the test."""
    try:
        yield process
    finally:
        process.kill()


def misspelt_key(settings: dict[str, Any]) -> None:
    settings["courtesy"] = {"min_intervall": "5s"}


def duration_without_unit(settings: dict[str, Any]) -> None:
    settings["session"]["cooldown"] = 20


def no_such_golden_path(settings: dict[str, Any]) -> None:
    settings["triggers"][0]["golden_path"] = "projects-bulk-edits"


def no_such_predicate(settings: dict[str, Any]) -> None:
    predicate = "example_bot.triggers:bulk_edit_oportunity"
    settings["triggers"] = [{"id": "mine", "body": "May I?", "predicate": predicate}]


def no_such_condition(settings: dict[str, Any]) -> None:
    settings["triggers"][0]["when"] = {"on_pge": "/projects"}


def also(*values: object) -> Any:
    """Further cases of the same path, which `make test-all` runs."""
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (misspelt_key, ["min_intervall", "did you mean 'min_interval'?", "Allowed:"]),
        also(duration_without_unit, ["session.cooldown", "no unit", '"10s"']),
        also(no_such_golden_path, ["projects-bulk-edits", "did you mean 'projects-bulk-edit'?"]),
        also(no_such_condition, ["triggers.0.when.on_pge", "did you mean 'on_page'?"]),
        (no_such_predicate, ["bulk_edit_oportunity", "example_bot.triggers"]),
    ],
)
async def test_the_action_server_refuses_a_wrong_autoplay_yml(
    spoil: Any, words: list[str], workshop: Workshop
) -> None:
    project = workshop.project(f"wrong_{spoil.__name__}")
    spoil(project.autoplay)
    project.write()
    with started(project.start_actions()) as actions:
        await actions.ended(within_s=120)
        complaint = complaint_of(actions)
        assert "autoplay.yml:" in complaint, "file and line"
        for word in words:
            assert word in complaint


def complaint_of(process: ServerProcess) -> str:
    """Return its output after it has refused to start."""
    assert process.exit_status not in (0, None)
    log = process.log()
    assert "Traceback" not in log
    assert "Failed to find input channel" not in log
    return log


async def test_rasa_refuses_wrong_credentials(workshop: Workshop) -> None:
    project = workshop.project("wrong_credentials")
    project.channel.update(
        allowed_origin=["http://localhost"],
        stream={"url": "", "token": STREAM_TOKEN},
        link={"secret": LINK_SECRET},
        capture="perhaps",
    )
    del project.channel["identity"]
    complaint = await rasas_complaint(project)
    assert f"{CHANNEL}.allowed_origin" in complaint
    assert "did you mean 'allowed_origins'?" in complaint
    assert f"{CHANNEL}.identity" in complaint
    assert "identity: none" in complaint, "the remedy"
    assert f"{CHANNEL}.capture" in complaint


@pytest.mark.slow
async def test_rasa_refuses_two_products(workshop: Workshop) -> None:
    project = workshop.project("two_products")
    project.autoplay["product_id"] = "another"
    complaint = await rasas_complaint(project)
    assert "'demo'" in complaint
    assert "'another'" in complaint
    assert "must agree" in complaint


async def rasas_complaint(project: Project) -> str:
    project.write()
    with started(project.start_rasa()) as rasa:
        await rasa.ended(within_s=180)
        return complaint_of(rasa)
