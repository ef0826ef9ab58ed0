"""The days on which proposals are tested are later than those from which they come."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from support.made_sessions import Session, made

from rasa_autoplay.tools.discovery.columns.columns import Columns
from rasa_autoplay.tools.discovery.columns.held_out import (
    DAY_S,
    day_of,
    held_out_sessions,
    split_days,
    split_of,
)
from rasa_autoplay.tools.discovery.columns.training_columns import training_columns
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns


@pytest.mark.parametrize(("days", "training"), [(3, 2), (4, 3), (5, 4), (7, 5), (10, 7), (14, 10), (100, 70)])
def test_finds_proposals_on_the_first_seventy_percent_of_days(days: int, training: int) -> None:
    split = split_days(range(days))

    assert split.training_days == tuple(range(training))
    assert split.held_out_days == tuple(range(training, days))


def test_counts_only_days_with_a_session() -> None:
    split = split_days([900, 100, 500, 500])

    assert (split.training_days, split.held_out_days) == ((100, 500), (900,))


@pytest.mark.parametrize("days", [[], [4], [4, 5]])
def test_holds_out_no_day_if_there_are_too_few(days: list[int]) -> None:
    split = split_days(days)

    assert (split.training_days, split.held_out_days) == (tuple(days), ())
    assert split.begins_at == math.inf
    assert not split.is_held_out(9e9)


def test_a_session_belongs_to_the_day_on_which_it_began() -> None:
    split = split_days([0, 1, 2])

    assert not split.is_held_out(2 * DAY_S - 0.001)
    assert split.is_held_out(2 * DAY_S)
    assert day_of(2 * DAY_S - 0.001) == 1


def brief(folder: Path, users: int) -> Columns:
    """Return the recordings of a day and a half."""

    def play(session: Session) -> None:
        session.opens("/projects")
        session.clicks("Sort", "sort")

    return read_columns([made(folder / "x.jsonl", 300, play, users=users, days=1)], "demo")


def test_holds_out_users_if_there_are_too_few_days(tmp_path: Path) -> None:
    columns = brief(tmp_path, 100)
    split = split_of(columns)
    training = training_columns(columns, split)
    rows = held_out_sessions(columns, split)[columns.session]

    assert split.by_users
    assert split.has_test
    assert not set(training.user.tolist()) & set(columns.user[rows].tolist())
    assert len(np.unique(training.user)) == len(columns.users) * 70 // 100
    assert split.tested_days == split.training_days


def test_holds_out_nothing_if_there_are_too_few_users_too(tmp_path: Path) -> None:
    columns = brief(tmp_path, 20)

    assert not split_of(columns).has_test
    assert training_columns(columns, split_of(columns)) is columns
