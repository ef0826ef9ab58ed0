"""An engine in its own process, which can be killed like any process.

Run as a program, it serves the given ``autoplay.yml`` until it is asked to end.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from rasa_autoplay.engine.redis.engine import SharedEngine
from rasa_autoplay.settings.yaml_file import YamlFile
from support.processes import ROOT, ServerProcess, rasa_environment

__all__ = ["engine_process"]


def engine_process(name: str, file: YamlFile) -> ServerProcess:
    """Start an engine.

    Args:
        name: the name of its log, in the file's folder.
        file: ``autoplay.yml`` with a store in Redis.
    """
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-W", "ignore", "-m", "support.engine_process", str(file.path)]
    return ServerProcess(name, command, file.path.parent, rasa_environment(PYTHONPATH=path))


async def _serve(path: Path) -> None:
    engine = SharedEngine(YamlFile(path))
    await engine.start()
    asked_to_end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked_to_end.set)
    await asked_to_end.wait()
    await engine.stop()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(_serve(Path(sys.argv[1])))
