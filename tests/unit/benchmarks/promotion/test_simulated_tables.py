"""The benchmark's figures are those that the database gives: the same decisions, counted in both ways."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from benchmarks.promotion.behaviour import planted
from benchmarks.promotion.bookkeeping import Bookkeeping
from benchmarks.promotion.tables import DAY_S, PRODUCT, TRIGGER, SqlTables
from benchmarks.promotion.users import Users
from rasa_autoplay.engine.proposals.backtest import Backtest
from rasa_autoplay.engine.proposals.base import FiguresQuery, StoredFigures
from rasa_autoplay.engine.proposals.sql.reader import ProposalReader
from rasa_autoplay.engine.proposals.stage import Stage

_SHARE = 0.3
_GHOST_DAYS, _TRIAL_DAYS, _LIVE_DAYS = 3, 12, 4


def _read(url: str, stage: Stage, now: float) -> StoredFigures:
    query = FiguresQuery(TRIGGER, "", stage, DAY_S, (1 + _GHOST_DAYS) * DAY_S, 7, DAY_S)

    async def read() -> StoredFigures:
        reader = ProposalReader(url, PRODUCT)
        try:
            found = await reader.read([query], now)
        finally:
            await reader.close()
        assert found is not None, reader.problem
        return found[TRIGGER]

    return asyncio.run(read())


@pytest.mark.parametrize("number", [3, 21, 24], ids=["useful", "annoying", "misleading"])
def test_both_ways_of_counting_agree(tmp_path: Path, number: int) -> None:
    behaviour = list(planted(np.random.default_rng(5), 4_000))[number]
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    tables = SqlTables(url)
    users = Users(behaviour, _SHARE, np.random.default_rng(6))
    books = Bookkeeping(users, behaviour.users, _SHARE, tables)
    for days, stage in ((_GHOST_DAYS, Stage.GHOST), (_TRIAL_DAYS, Stage.TRIAL), (_LIVE_DAYS, Stage.LIVE)):
        for _ in range(days):
            books.day(stage)
        expected = books.figures(stage, Backtest(0, 0.0, None), 0, 7)
        found = _read(url, stage, tables.now)
        if stage is Stage.GHOST:
            assert found.ghost == expected.ghost
            assert found.ghost is not None
            assert found.ghost.fires > 20
            continue
        assert found.harm == expected.harm
        assert found.harm is not None
        assert found.harm.seen > 20
        if stage is Stage.TRIAL:
            assert found.trial == expected.trial
            assert found.trial is not None
            assert found.trial.users > 50
    tables.close()
