"""Recordings of users who change projects one by one, although some know how to change them together."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from rasa_autoplay.engine.core.configuration import Configuration, load_configuration
from rasa_autoplay.engine.knowledge.drafting import draft_of
from rasa_autoplay.engine.replay.moment import Moment
from rasa_autoplay.events.models import ActionsPayload, SlimAction
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.held_out import split_of
from rasa_autoplay.tools.discovery.evidence.proposals import WrittenProposals, write_proposals
from rasa_autoplay.tools.discovery.evidence.selection import recorded_days_of
from rasa_autoplay.tools.discovery.evidence.words import Reword
from rasa_autoplay.tools.discovery.findings.finding import Act, Example, Finding, FindingKind
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns
from rasa_autoplay.tools.simulation.recordings import read_recordings

__all__ = [
    "BEGAN_AT",
    "BULK",
    "DAY_S",
    "SAVE",
    "a_finding",
    "a_project",
    "a_session",
    "an_action",
    "discovered",
    "recorded",
    "recorded_days",
]

BEGAN_AT = 1_700_006_400.0  # midnight, UTC
DAY_S = 86_400.0
_PAGE = "https://app.example.com/projects"
SAVE = Act("/projects", "", "Click Save changes", "click")
BULK = Act("/projects", "", "Click Bulk edit", "click")
APPLY = Act("/projects", "", "Click Apply to all", "click")

_CONFIG = """\
product_id: demo
session: {interaction_timeout: 60s, cooldown: 120s}
courtesy: {min_interval: 5m}
database: {url: "sqlite:///autoplay.db"}
"""


def an_action(title: str, at: float, page: str = _PAGE, kind: str = "click") -> SlimAction:
    """An action of a user."""
    return SlimAction(title, f"User did {title}", page, type=kind, timestamp_start=at, timestamp_end=at)


def a_session(
    user: str, session: str, acts: Iterable[tuple[str, float]], language: str = ""
) -> ActionsPayload:
    """A session: titles with their times (epoch seconds)."""
    actions = [
        an_action(title, at, kind="pageview" if title.startswith("Page") else "click") for title, at in acts
    ]
    return ActionsPayload(
        "demo", session, user, None, actions, forwarded_at=actions[-1].timestamp_start, language=language
    )


def recorded_days(
    days: int = 10, users: int = 30, found_share: float = 0.2, seed: int = 1
) -> list[ActionsPayload]:
    """Each day, each user saves projects one by one; some then find bulk edit by themselves.

    Args:
        days: how many days.
        users: how many users, each with a session a day.
        found_share: the share of the sessions in which the user finds bulk edit at once.
        seed: of the noise.
    """
    luck = random.Random(seed)  # noqa: S311 - the same days each time, and no secret
    batches = []
    for day in range(days):
        for number in range(users):
            at = BEGAN_AT + day * DAY_S + luck.uniform(8, 18) * 3600
            acts = [("Page load: Projects", at)]
            finds = luck.random() < found_share
            saves = 3 if finds else luck.choice([2, 5, 6])
            for _ in range(saves):
                at += luck.uniform(5, 15)
                acts.append(("Click Save changes", at))
            if finds:
                acts += [("Click Bulk edit", at + 20), ("Click Apply to all", at + 30)]
            batches.append(a_session(f"secret-user-{number}", f"secret-session-{day}-{number}", acts))
    return batches


def recorded(folder: Path, batches: Sequence[ActionsPayload]) -> Path:
    """Write batches to a file, as the connector would have sent them."""
    file = folder / "recording.jsonl"
    file.write_bytes(b"\n".join(msgspec.json.encode(batch) for batch in batches))
    return file


def a_finding(batches: Sequence[ActionsPayload] = (), **changes: Any) -> Finding:
    """The finding that a miner would make of :func:`recorded_days`."""
    examples = tuple(
        Example(batch.session_id or "", batch.actions[1].timestamp_start, batch.actions[-1].timestamp_start)
        for batch in batches[:10]
    )
    path = draft_of([an_action("Click Bulk edit", 1.0), an_action("Click Apply to all", 2.0)])
    values: dict[str, Any] = {
        "kind": FindingKind.REPETITION,
        "id": "projects-save-changes",
        "title": "Users do “Save changes” on one project after the other, which “Bulk edit” does at once.",
        "page": "/projects",
        "slow_way": (SAVE, SAVE, SAVE),
        "fast_way": (BULK, APPLY),
        "goal": None,
        "users": 30,
        "sessions": 150,
        "times": 160,
        "extra_acts": 3.0,
        "extra_s": 21.5,
        "examples": examples,
        "trigger": {
            "id": "projects-save-changes",
            "when": {
                "all": [
                    {"on_page": {"exact": "/projects"}},
                    {"count": {"title": {"exact": "Click Save changes"}, "at_least": 3, "within": "120s"}},
                    {"never": {"title": {"exact": "Click Bulk edit"}}},
                ]
            },
        },
        "path": path,
    }
    return Finding(**{**values, **changes})


def a_project(folder: Path, more: str = "") -> Configuration:
    """Write ``autoplay.yml``, and load it."""
    file = folder / "autoplay.yml"
    file.write_text(_CONFIG + more)
    return load_configuration(YamlFile(file))


def discovered(
    folder: Path,
    batches: Sequence[ActionsPayload],
    findings: Sequence[Finding],
    *,
    more: str = "",
    processes: int = 1,
    reword: Reword | None = None,
) -> WrittenProposals:
    """Write the proposals of findings to ``proposals/``."""
    base = a_project(folder, more)
    file = recorded(folder, batches)
    columns: Columns = read_columns([file], "demo", 1)

    def read_again(_sessions: frozenset[str]) -> list[Moment]:
        return read_recordings([file], "demo").moments

    days = recorded_days_of(columns, split_of(columns))
    return write_proposals(
        findings, days, read_again, base, folder / "proposals", processes=processes, reword=reword
    )
