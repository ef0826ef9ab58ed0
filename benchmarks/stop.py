"""How long each process takes to stop with open streams, compared with the same process without autoplay."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack

from benchmarks.browser import Browser, browser_connections
from benchmarks.deployment import Deployment, deployed
from benchmarks.figures import Figure
from benchmarks.server_process import ServerProcess

__all__ = ["measure"]

_FEEDS = 50
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_PROCESSES: dict[str, Callable[[Deployment], ServerProcess]] = {
    "Rasa server": lambda deployment: deployment.rasa,
    "action server": lambda deployment: deployment.actions,
}


async def measure() -> list[Figure]:
    """Seconds to the end of each process, by each signal, with and without autoplay."""
    figures: list[Figure] = []
    for name in _PROCESSES:
        for number in _SIGNALS:
            plain_s, with_autoplay_s = await _pair(name, number)
            what = f"{name}, {number.name}"
            figures += [
                Figure(f"{what}: stop without autoplay", plain_s, "s"),
                Figure(f"{what}: stop with {_FEEDS} open feeds", with_autoplay_s, "s"),
                Figure(f"{what}: our share", max(with_autoplay_s - plain_s, 0.0), "s", below=2),
            ]
    return figures


async def _pair(name: str, number: signal.Signals) -> tuple[float, float]:
    """Start both bots together, which is the slow part, and stop them one after another."""
    async with AsyncExitStack() as stack:
        plain, ours = await asyncio.gather(
            stack.enter_async_context(deployed(plain=True)), stack.enter_async_context(deployed())
        )
        plain_s = await _stop(_PROCESSES[name](plain), number)
        http = await stack.enter_async_context(browser_connections())
        for user in range(_FEEDS):
            await stack.enter_async_context(Browser(http, ours.project.gateway_url, f"stopped-{user}"))
        await asyncio.sleep(1)
        return plain_s, await _stop(_PROCESSES[name](ours), number)


async def _stop(process: ServerProcess, number: signal.Signals) -> float:
    process.signal(number)
    return await asyncio.get_running_loop().run_in_executor(None, process.wait_s)
