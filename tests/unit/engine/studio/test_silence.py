"""The silence of today: counts of all engines, by trigger and gate."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.engine_parts import T0
from support.run import asynchronous

from rasa_autoplay.engine.results.count_key import CountKey
from rasa_autoplay.engine.results.sql.gate_count_store import GateCountStore
from rasa_autoplay.engine.results.sql.reader import ResultsReader
from rasa_autoplay.engine.studio.silence import SilenceRequests
from rasa_autoplay.link.base import EngineRefused

TODAY, YESTERDAY = "2023-11-14", "2023-11-13"  # T0 is on the first


@asynchronous
async def test_sums_the_counts_of_all_engines_and_variants(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    counts = [
        {
            CountKey(TODAY, "bulk", "a", "fired", ""): 5,
            CountKey(TODAY, "bulk", "a", "stopped", "interval"): 3,
            CountKey(TODAY, "bulk", "a", "deferred", "boundary"): 1,
            CountKey(TODAY, "bulk", "a", "offered", ""): 1,
            CountKey(YESTERDAY, "bulk", "a", "offered", ""): 90,
        },
        {
            CountKey(TODAY, "bulk", "b", "fired", ""): 4,
            CountKey(TODAY, "bulk", "b", "stopped", "answered"): 4,
            CountKey(TODAY, "gone", "", "withheld", ""): 2,
        },
    ]
    for number, each in enumerate(counts):
        store = GateCountStore(url, "demo", f"engine_{number}")
        assert await store.save(each)
        await store.close()
    other = GateCountStore(url, "another product", "engine_1")
    assert await other.save({CountKey(TODAY, "bulk", "", "fired", ""): 1_000})
    await other.close()
    reader = ResultsReader(url, "demo")
    try:
        found = await SilenceRequests(reader, ["export", "bulk"], lambda: T0).find()
    finally:
        await reader.close()
    nothing = {"fired": 0, "offered": 0, "withheld": 0, "dropped": 0, "gates": []}
    gates = [
        {"gate": "answered", "count": 4},
        {"gate": "interval", "count": 3},
        {"gate": "boundary", "count": 1},
    ]
    assert found == {
        "day": TODAY,
        "triggers": [
            {**nothing, "trigger_id": "export"},
            {**nothing, "trigger_id": "bulk", "fired": 9, "offered": 1, "gates": gates},
            {**nothing, "trigger_id": "gone", "withheld": 2},
        ],
    }


@asynchronous
async def test_counts_nothing_before_the_first_fire(tmp_path: Path) -> None:
    reader = ResultsReader(f"sqlite:///{tmp_path / 'autoplay.db'}", "demo")
    try:
        found = await SilenceRequests(reader, ["bulk"], lambda: T0).find()
    finally:
        await reader.close()
    assert [each["fired"] for each in found["triggers"]] == [0]


class _Broken:
    problem = "the database does not answer"

    async def read_gates(self, _day: str) -> None:
        return None


@asynchronous
async def test_says_that_the_database_is_not_available() -> None:
    with pytest.raises(EngineRefused, match="the database does not answer"):
        await SilenceRequests(_Broken(), ["bulk"], lambda: T0).find()
