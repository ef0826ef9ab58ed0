"""Writes the made-up day while the servers load, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys

from example_bot.demo.configuration import CONFIG
from example_bot.demo.options import Options
from example_bot.demo.screen import Screen
from rasa_autoplay.settings.engine import CONFIG_VARIABLE

__all__ = ["write_made_up_day"]


async def write_made_up_day(options: Options, screen: Screen) -> None:
    """Write the day, and say what came of it."""
    screen.heading("A day of made-up users, so that the studio has something to show")
    screen.step("None of them exists. Their last 24 hours run through the real engine, on a simulated clock.")
    with screen.busy("Playing their day while the servers load"):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "example_bot.demo.day", f"{options.gateway_url}/demo"),
            cwd=options.root,
            env={**os.environ, CONFIG_VARIABLE: str(CONFIG)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = await process.communicate()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    lines = output.decode(errors="replace").strip().splitlines()
    # The story needs none of it.
    screen.verdict(process.returncode == 0, lines[-1] if lines else "The day could not be written.")
