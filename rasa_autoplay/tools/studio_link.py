"""Asks a Rasa server for a link that opens the studio signed in."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.tools.no_redirects import NoRedirects

__all__ = ["make_studio_link"]

_STUDIO = "/webhooks/autoplay/studio"
_TIMEOUT_S = 10.0


def make_studio_link(url: str, key: str) -> str:
    """Return a link that signs one browser in. The ticket is in its fragment, which browsers never send.

    Args:
        url: the Rasa server's scheme and host, and the prefix of a proxy if there is one.
        key: the admin key.

    Raises:
        AutoplayError: ``url`` is not an HTTP address, a header cannot carry the key, or the server refuses.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise AutoplayError(f"{url!r} is not an HTTP address.", remedy="Write it as http://localhost:5005.")
    if not (key.isascii() and key.isprintable()):
        raise AutoplayError("The admin key contains characters that an HTTP header cannot carry.")
    place = url.rstrip("/")
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        f"{place}{_STUDIO}/ticket",
        data=b"{}",
        headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.build_opener(NoRedirects).open(request, timeout=_TIMEOUT_S) as answer:
            ticket = json.loads(answer.read(10_000))["ticket"]
    except urllib.error.HTTPError as refusal:
        raise _refused(place, refusal) from None
    except (OSError, http.client.HTTPException) as problem:
        raise AutoplayError(
            f"{place} does not answer ({getattr(problem, 'reason', None) or problem}).",
            remedy="Start `rasa run`, or give its address: `rasa-autoplay studio URL`.",
        ) from None
    except (ValueError, KeyError, TypeError):
        raise _no_studio(place) from None
    return f"{place}{_STUDIO}#ticket={ticket}"


def _refused(place: str, refusal: urllib.error.HTTPError) -> AutoplayError:
    try:
        answer = json.loads(refusal.read(100_000))
        return AutoplayError(f"{place} refuses: {answer['error']}.", remedy=str(answer.get("remedy") or ""))
    except (ValueError, OSError, KeyError, TypeError):
        return _no_studio(place)


def _no_studio(place: str) -> AutoplayError:
    return AutoplayError(
        f"{place} has no studio.",
        remedy="Its credentials.yml must have the channel rasa_autoplay.channel.AutoplayInput.",
    )
