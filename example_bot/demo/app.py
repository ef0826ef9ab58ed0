"""Runs the demo from the first check to the end of the last process."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Sequence

from example_bot.demo.browser import Browser
from example_bot.demo.day.crowd import Crowd
from example_bot.demo.day.people import made_up_users
from example_bot.demo.made_up_day import write_made_up_day
from example_bot.demo.options import DemoFailed, Options
from example_bot.demo.readiness import wait_until_ready
from example_bot.demo.screen import Screen
from example_bot.demo.servers import Server, check_model, check_ports, prepare_servers, stop_servers
from example_bot.demo.story import Results, tell_story
from example_bot.demo.your_turn import show_your_turn

__all__ = ["run"]

_LAST_BREATH_S = 1.0


def run() -> int:
    """Run the demo.

    Returns:
        The exit status: 0 only if the whole story happened.
    """
    screen = Screen()
    try:
        options = Options.from_environment(os.environ)
        check_model(options)
        check_ports(options)
    except DemoFailed as failure:
        screen.failure(failure)
        return 1
    return asyncio.run(_Demo(options, screen).run())


class _Demo:
    """One run.

    The coroutine that starts and stops the servers is never cancelled: signals, deaths and the end of the
    story only wake it.
    """

    def __init__(self, options: Options, screen: Screen) -> None:
        self._options = options
        self._screen = screen
        self._results = Results()
        self._signal = asyncio.Event()
        self._signal_number = 0
        self._story_began = False
        self._staying = False
        self._servers: tuple[Server, ...] = ()

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._interrupt, number)
        self._servers = prepare_servers(self._options)
        try:
            status = await self._until_something_ends()
        finally:
            stopping_at = time.perf_counter()
            await stop_servers(self._servers)
        took_s = time.perf_counter() - stopping_at
        self._screen.line(f"\nBoth processes have ended ({took_s:.1f} s).", "dim")
        if self._story_began and not self._staying:
            if status == 1:
                logs = " and ".join(server.shown_log for server in self._servers)
                self._screen.line(f"What the processes said: {logs}")
            self._screen.line()
            self._results.show(self._screen)
        return status

    def _interrupt(self, number: int) -> None:
        if self._signal.is_set():
            # Interrupted twice: stop waiting.
            for server in self._servers:
                server.kill()
        self._signal_number = number
        self._signal.set()

    async def _until_something_ends(self) -> int:
        loop = asyncio.get_running_loop()
        for server in self._servers:
            await server.start()
        work = loop.create_task(self._work())
        interrupted = loop.create_task(self._signal.wait())
        deaths = [loop.create_task(server.death()) for server in self._servers]
        tasks: list[asyncio.Task[object]] = [work, interrupted, *deaths]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not self._results.all_happened:
                # A process that dies closes its connections first; that may be the cause.
                await asyncio.wait(deaths, timeout=_LAST_BREATH_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self._status(work, deaths)

    def _status(self, work: asyncio.Task[None], deaths: Sequence[asyncio.Task[DemoFailed]]) -> int:
        if self._signal.is_set():
            self._screen.line("\nStopping …", "dim")
            return 0 if self._staying else 128 + self._signal_number
        dead = next((death.result() for death in deaths if not death.cancelled()), None)
        try:
            if dead is not None:
                raise dead
            work.result()
        except DemoFailed as failure:
            self._screen.failure(failure)
            return 1
        return 0 if self._results.all_happened else 1

    async def _work(self) -> None:
        async with Browser(self._options.gateway_url) as browser:
            await write_made_up_day(self._options, self._screen)
            await wait_until_ready(self._options, browser, self._servers, self._screen)
            self._story_began = True
            await tell_story(self._options, browser, self._screen, self._results)
            if self._options.once or not self._results.all_happened:
                return
            studio = await browser.studio_link(self._options.admin_key)
            self._screen.heading("All of it happened")
            self._results.show(self._screen)
            self._staying = True
            logs = [server.shown_log for server in self._servers]
            show_your_turn(self._options, self._screen, logs, studio)
            await Crowd(browser, f"{self._options.gateway_url}/demo", made_up_users()).work()
