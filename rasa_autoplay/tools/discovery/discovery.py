"""Finds proposals: reads nothing and writes nothing, so that the command, tests and benchmarks share it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.errors import UnusableRecording
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.held_out import HeldOut, split_of
from rasa_autoplay.tools.discovery.columns.training_columns import training_columns
from rasa_autoplay.tools.discovery.columns.translations import with_translations
from rasa_autoplay.tools.discovery.findings.checked_triggers import Refused, with_valid_triggers
from rasa_autoplay.tools.discovery.findings.finding import Finding
from rasa_autoplay.tools.discovery.findings.known_paths import with_known_paths
from rasa_autoplay.tools.discovery.findings.merging import merged
from rasa_autoplay.tools.discovery.miners import mine

__all__ = ["MIN_SESSIONS", "MIN_USERS", "Discovered", "discover"]

#: With fewer users or sessions, everything that is found could be the habit of a few people.
MIN_USERS, MIN_SESSIONS = 10, 50


@dataclass(frozen=True, slots=True)
class Discovered:
    """What was found.

    Args:
        findings: one for each proposal, the most costly first.
        refused: findings whose triggers the project's engine would refuse, and why.
        split: the days or users in which was searched, and those that are held out for tests.
    """

    findings: list[Finding]
    refused: list[Refused]
    split: HeldOut


def discover(
    columns: Columns,
    settings: EngineSettings,
    done: Callable[[int], object] = int,
    paths: Sequence[GoldenPath] = (),
) -> Discovered:
    """Find proposals in the first days of recordings, or in some of the users.

    Args:
        columns: all recordings.
        settings: the project's ``autoplay.yml``.
        done: called with 1 after each kind.
        paths: the project's golden paths: what they describe is not proposed once more.

    Raises:
        UnusableRecording: there are too few users or sessions.
    """
    _check_size(columns)
    split = split_of(columns)
    trained = with_translations(training_columns(columns, split))
    findings = with_known_paths(merged(mine(trained, done)), paths)
    valid, refused = with_valid_triggers(findings, settings, [path.id for path in paths])
    return Discovered(valid, refused, split)


def _check_size(columns: Columns) -> None:
    users = sum(map(bool, columns.users))
    sessions = len(columns.sessions)
    if users >= MIN_USERS and sessions >= MIN_SESSIONS:
        return
    remedy = "Record more days, or name more files."
    if users < MIN_USERS <= len(columns.users):
        anonymous = len(columns.users) - users
        remedy = (
            f"{anonymous:,} sessions are anonymous, and nothing is offered to visitors without an id. "
            "Tell the page who is signed in."
        )
    raise UnusableRecording(
        f"Discovery needs {MIN_USERS} users and {MIN_SESSIONS} sessions; these recordings have {users:,} "
        f"users and {sessions:,} sessions.",
        remedy=remedy,
    )
