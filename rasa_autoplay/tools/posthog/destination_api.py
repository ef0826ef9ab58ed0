"""Creates, updates and checks the bot's destination in a PostHog project, through PostHog's API.

Source: PostHog's API reference, "Hog functions" (``/api/environments/<project>/hog_functions``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from rasa_autoplay.errors import ConfigError, UpstreamError
from rasa_autoplay.gateway.sources.posthog.hog import hog_source

__all__ = [
    "DESTINATION_NAME",
    "DestinationResult",
    "DestinationStatus",
    "check_destination_status",
    "create_or_update_destination",
]

DESTINATION_NAME = "Rasa Autoplay"
#: The events that the bot uses; others would only cost traffic.
_EVENTS = ("$autocapture", "$identify", "$pageview", "$rageclick")
_TIMEOUT_S = 30.0
_MAX_PAGES = 50


@dataclass(frozen=True)
class DestinationResult:
    """A destination that was created or updated.

    Args:
        id: PostHog's id of the destination.
        created: True if it is new, False if an existing one of the same name was updated.
    """

    id: str
    created: bool


@dataclass(frozen=True)
class DestinationStatus:
    """The state of a destination in PostHog.

    Args:
        id: PostHog's id of the destination; empty if it does not exist.
        exists: whether the destination exists.
        enabled: whether the destination is enabled.
    """

    id: str
    exists: bool
    enabled: bool

    @property
    def ok(self) -> bool:
        """Whether events are sent."""
        return self.exists and self.enabled


async def create_or_update_destination(
    *,
    host: str,
    project_id: str,
    personal_api_key: str,
    webhook_url: str,
    webhook_secret: str,
    name: str = DESTINATION_NAME,
) -> DestinationResult:
    """Create the destination, or update the one with the same name.

    Args:
        host: PostHog's address: ``https://us.posthog.com``, ``https://eu.posthog.com`` or your own.
        project_id: the project's number.
        personal_api_key: ``phx_…``, with the scopes ``hog_function:read`` and ``hog_function:write``.
        webhook_url: where PostHog sends events.
        webhook_secret: ``posthog_secret`` of credentials.yml.
        name: the destination's name.

    Raises:
        ConfigError: the key is not a personal key, or a header cannot carry the secret.
        UpstreamError: PostHog refuses or does not answer.
    """
    body = {
        "type": "destination",
        "name": name,
        "hog": hog_source(webhook_url, webhook_secret),
        "inputs_schema": [],
        "inputs": {},
        "enabled": True,
        "filters": {"events": [{"id": event, "name": event, "type": "events"} for event in _EVENTS]},
    }
    async with _api(host, project_id, personal_api_key) as api:
        existing = await api.find(name)
        if existing is None:
            return DestinationResult(str((await api.ask("POST", "", body)).get("id", "")), created=True)
        await api.ask("PATCH", f"{existing['id']}/", body)
        return DestinationResult(str(existing["id"]), created=False)


async def check_destination_status(
    *, host: str, project_id: str, personal_api_key: str, name: str = DESTINATION_NAME
) -> DestinationStatus:
    """Ask PostHog whether the destination exists and is enabled.

    Arguments and errors are those of :func:`create_or_update_destination`. Whether events arrive is shown in
    the channel's health, under ``sources.posthog``.
    """
    async with _api(host, project_id, personal_api_key) as api:
        existing = await api.find(name)
    if existing is None:
        return DestinationStatus("", exists=False, enabled=False)
    return DestinationStatus(str(existing["id"]), exists=True, enabled=existing.get("enabled") is True)


class _Api:
    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self._base = http, base

    async def find(self, name: str) -> Mapping[str, Any] | None:
        """Return the destination with this name that is not deleted; None if there is none."""
        path = "?type=destination"
        for _ in range(_MAX_PAGES):
            page = await self.ask("GET", path)
            for row in page.get("results") or ():
                is_ours = isinstance(row, dict) and row.get("name") == name and not row.get("deleted")
                if is_ours and row.get("id"):
                    return dict(row)
            following = page.get("next")
            if not isinstance(following, str) or "?" not in following:
                return None
            # Only the query of PostHog's link is used, because the key must not go to another host.
            path = f"?{following.partition('?')[2]}"
        return None

    async def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        data = None if body is None else msgspec.json.encode(body)
        try:
            async with self._http.request(method, f"{self._base}{path}", data=data) as response:
                if response.status >= 400:
                    raise _refusal(response.status)
                answer = msgspec.json.decode(await response.read() or b"{}")
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as problem:
            raise UpstreamError(
                f"PostHog does not answer ({type(problem).__name__}).", remedy="Check --host."
            ) from None
        except msgspec.DecodeError:
            raise UpstreamError("PostHog's answer is not JSON.", remedy="Check --host.") from None
        return answer if isinstance(answer, dict) else {}


@asynccontextmanager
async def _api(host: str, project_id: str, key: str) -> AsyncIterator[_Api]:
    if not key.startswith("phx_"):
        raise ConfigError(
            "PostHog's API needs a personal API key.",
            remedy="Create one (phx_…) with the scopes hog_function:read and hog_function:write. The project "
            "key (phc_…) cannot do this.",
        )
    if not host.startswith(("http://", "https://")):
        raise ConfigError(f"{host!r} is not a server's URL.", remedy="Write it as https://eu.posthog.com.")
    base = f"{host.rstrip('/')}/api/environments/{quote(project_id, safe='')}/hog_functions/"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as http:
        yield _Api(http, base)


def _refusal(status: int) -> UpstreamError:
    remedies = {
        401: "Check that the personal API key is valid and belongs to this PostHog region.",
        403: "Give the key the scopes hog_function:read and hog_function:write for this project.",
        404: "Check --host and --project-id.",
        429: "Try again in a minute.",
    }
    # The answer's text could repeat the secret that was sent.
    return UpstreamError(f"PostHog answers HTTP {status}.", remedy=remedies.get(status, ""))
