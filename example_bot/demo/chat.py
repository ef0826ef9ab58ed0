"""``python -m example_bot.demo.chat USER``: a chat window in a terminal."""

from __future__ import annotations

import asyncio
import os
import sys

from example_bot.demo.chat_window import ChatWindow
from example_bot.demo.options import DemoFailed, Options
from example_bot.demo.screen import Screen

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Open the named user's chat window; return the exit status."""
    screen = Screen()
    if len(arguments) != 1 or arguments[0].startswith("-"):
        screen.line("Usage: python -m example_bot.demo.chat USER")
        return 2
    try:
        asyncio.run(_chat(Options.from_environment(os.environ), arguments[0], screen))
    except DemoFailed as failure:
        screen.failure(failure)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _chat(options: Options, user_id: str, screen: Screen) -> None:
    async with ChatWindow(options.rasa_url, f"chat-{user_id}", user_id) as window:
        screen.line(f"The chat window {window.session_id} is open. Write, or wait; Ctrl-C closes it.", "cyan")
        loop = asyncio.get_running_loop()
        parts = [_listen(window, screen), _write(window), window.closed()]
        tasks = [loop.create_task(part) for part in parts]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            task.result()


async def _listen(window: ChatWindow, screen: Screen) -> None:
    while True:
        screen.received("bot", (await window.bubble()).text)


async def _write(window: ChatWindow) -> None:
    """Send typed lines until the input ends."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    while line := await reader.readline():
        if text := line.decode(errors="replace").strip():
            await window.say(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
