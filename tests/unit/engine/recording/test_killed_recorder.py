"""A killed engine loses no more of a recording than the last half second."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from support.engine_parts import T0
from support.processes import ROOT

from rasa_autoplay.engine.recording.row import RecordingRow
from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore

#: Records a row every 10 ms, and prints the number of each row that is durable.
PROGRAM = """\
import asyncio, sys
from rasa_autoplay.engine.recording.recorder import Recorder
from rasa_autoplay.engine.recording.sql.store import SqlRecordingStore
from rasa_autoplay.settings.engine import RecordingSettings
from support.engine_parts import T0, Clock

async def main():
    settings = RecordingSettings.parse_obj({"keep": "7d"})
    recorder = Recorder(SqlRecordingStore(sys.argv[1], "demo"), settings, Clock(), "e1", lambda: "f1")
    number = 0
    while True:
        recorder._append("u1", "s1", T0 + number, {"event": "chat_message"})
        number += 1
        await asyncio.sleep(0.01)
        print(recorder.health()["written"], flush=True)

asyncio.run(main())
"""


def _run_until_killed(url: str) -> int:
    """Run the program until 60 rows are durable, kill it, and return how many it said were durable."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, "-c", PROGRAM, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None
        written = next(number for line in running.stdout if (number := int(line)) >= 60)
        running.kill()
    return written


async def _rows(url: str) -> list[RecordingRow] | None:
    store = SqlRecordingStore(url, "demo")
    try:
        return await store.rows_of(["s1"])
    finally:
        await store.close()


def test_killed_engine_keeps_what_was_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'autoplay.db'}"
    written = _run_until_killed(url)
    rows = asyncio.run(_rows(url))
    assert rows is not None
    assert len(rows) >= written
    assert [row.at - T0 for row in rows] == list(range(len(rows)))
