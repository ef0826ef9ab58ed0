"""Posts to the operators' routes of a Rasa server, with the admin key."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.no_redirects import NoRedirects

__all__ = ["ROUTES", "ask_as_operator", "post_as_operator"]

#: The prefix of the gateway's routes.
ROUTES = "/webhooks/autoplay"
_TIMEOUT_S = 10.0
_MAX_ANSWER_BYTES = 100_000


def post_as_operator(
    url: str, route: str, body: Mapping[str, Any], key: str, missing: AutoplayError
) -> dict[str, Any]:
    """Post a body to a route, and return its answer.

    Args:
        url: the Rasa server's scheme and host, and the prefix of a proxy if there is one.
        route: below the gateway's routes.
        body: as JSON.
        key: the admin key.
        missing: the error if the server has no such route.

    Raises:
        AutoplayError: ``url`` is not an HTTP address, a header cannot carry the key, or the server refuses.
    """
    return _answer(url, route, json.dumps(body).encode(), key, missing)


def ask_as_operator(url: str, route: str, key: str, missing: AutoplayError) -> dict[str, Any]:
    """Return the answer of a route that is read with GET; the arguments are those of ``post_as_operator``."""
    return _answer(url, route, None, key, missing)


def _answer(url: str, route: str, body: bytes | None, key: str, missing: AutoplayError) -> dict[str, Any]:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise AutoplayError(f"{url!r} is not an HTTP address.", remedy="Write it as http://localhost:5005.")
    if not (key.isascii() and key.isprintable()):
        raise AutoplayError("The admin key contains characters that an HTTP header cannot carry.")
    place = url.rstrip("/")
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        f"{place}{ROUTES}{route}",
        data=body,
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.build_opener(NoRedirects).open(request, timeout=_TIMEOUT_S) as answer:
            found = json.loads(answer.read(_MAX_ANSWER_BYTES))
    except urllib.error.HTTPError as refusal:
        raise _refused(place, refusal, missing) from None
    except (OSError, http.client.HTTPException) as problem:
        raise AutoplayError(
            f"{place} does not answer ({getattr(problem, 'reason', None) or problem}).",
            remedy="Start `rasa run`, or give the address of the Rasa server.",
        ) from None
    except ValueError:
        raise missing from None
    if not isinstance(found, dict):
        raise missing
    return found


def _refused(place: str, refusal: urllib.error.HTTPError, missing: AutoplayError) -> AutoplayError:
    try:
        answer = json.loads(refusal.read(_MAX_ANSWER_BYTES))
        return AutoplayError(f"{place} refuses: {answer['error']}.", remedy=str(answer.get("remedy") or ""))
    except (ValueError, OSError, KeyError, TypeError):
        return missing
