"""What the evidence of one proposal costs: its back-test on the held-out days, and its folder."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.discovery.project import write_project
from benchmarks.discovery.world import write_world
from benchmarks.figures import Figure
from rasa_autoplay.engine.core.configuration import load_configuration
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.discovery.discovery import discover
from rasa_autoplay.tools.discovery.evidence import proposals
from rasa_autoplay.tools.discovery.evidence.selection import recorded_days_of
from rasa_autoplay.tools.discovery.reading.recording_files import read_columns, read_sessions

__all__ = ["measure"]


async def measure() -> list[Figure]:
    """Test the proposals of the first made-up app, in one process."""
    with tempfile.TemporaryDirectory() as name:
        # A replay has an event loop of its own.
        return await asyncio.to_thread(_measure, Path(name))


def _measure(folder: Path) -> list[Figure]:
    world = write_world(folder, 1)
    write_project(folder, world.app)
    configuration = load_configuration(YamlFile(folder / "autoplay.yml"))
    files, product = [folder / "recordings"], configuration.settings.product_id
    columns = read_columns(files, product, 1)
    found = discover(columns, configuration.settings)
    times: dict[str, float] = {}
    # The stages are functions of one module; each is timed where that module calls it.
    for stage in ("run_trials", "material_of", "write_folder"):
        setattr(proposals, stage, _timed(getattr(proposals, stage), stage, times))
    begun = time.process_time()
    written = proposals.write_proposals(
        found.findings,
        recorded_days_of(columns, found.split),
        lambda sessions: read_sessions(files, product, sessions, 1),
        configuration,
        folder / "proposals",
        processes=1,
    ).written
    whole, number = time.process_time() - begun, len(written)
    trial = 1000 * times["run_trials"] / number
    rest = whole - times["run_trials"] - times["material_of"]
    fires = [evidence.backtest.fires for evidence, _ in written if evidence.backtest is not None]
    return [
        Figure("evidence: proposals", number, ""),
        Figure("evidence: fires on the held-out days, mean", sum(fires) / max(len(fires), 1), ""),
        Figure("evidence: back-test of one proposal, CPU", trial, "ms"),
        Figure("evidence: figures, pictures and folder of one proposal, CPU", 1000 * rest / number, "ms"),
        Figure("evidence: sessions read again, once for all proposals, CPU", times["material_of"], "s"),
    ]


def _timed(function: Callable[..., Any], stage: str, times: dict[str, float]) -> Callable[..., Any]:
    def run(*arguments: Any, **named: Any) -> Any:
        begun = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            times[stage] = times.get(stage, 0.0) + time.process_time() - begun

    return run
