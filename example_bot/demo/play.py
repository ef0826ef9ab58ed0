"""``python -m example_bot.demo.play USER``: play a user who edits three projects one by one, just now."""

from __future__ import annotations

import asyncio
import os
import sys

from example_bot.demo.browser import Browser
from example_bot.demo.options import DemoFailed, Options
from example_bot.demo.playback import Person, play
from example_bot.demo.screen import Screen

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Play the recording for the named user; return the exit status."""
    screen = Screen()
    if len(arguments) != 1 or arguments[0].startswith("-"):
        screen.line("Usage: python -m example_bot.demo.play USER")
        return 2
    try:
        asyncio.run(_play(Options.from_environment(os.environ), Person(arguments[0], arguments[0]), screen))
    except DemoFailed as failure:
        screen.failure(failure)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _play(options: Options, person: Person, screen: Screen) -> None:
    async with Browser(options.gateway_url) as browser:
        await browser.health()
        await play(browser, person, screen.step)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
