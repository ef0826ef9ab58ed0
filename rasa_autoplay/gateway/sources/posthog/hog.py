"""The Hog source of a PostHog destination that posts to our webhook.

Hog is PostHog's own language. What is written here keeps to string literals, property access and ``fetch``.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rasa_autoplay.errors import ConfigError

__all__ = ["FIELDS", "destination_url", "hog_source"]

#: The payload's fields, and where Hog finds each. The element's id and the field's name are not among them:
#: the chain has both.
FIELDS = {
    "uuid": "event.uuid",
    "event": "event.event",
    "timestamp": "event.timestamp",
    "distinct_id": "event.distinct_id",
    "session_id": "event.properties.$session_id",
    "current_url": "event.properties.$current_url",
    "referrer": "event.properties.$referrer",
    "event_type": "event.properties.$event_type",
    "elements_chain": "event.elements_chain",
    "button_or_link_text": "event.properties.$el_text",
    "link_destination": "event.properties.$external_click_url",
    "email": "person?.properties?.email ?? event.properties.email",
    "is_identified": "event.properties.$is_identified",
    "device_id": "event.properties.$device_id",
}

_PATH = "/webhooks/autoplay/posthog"
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE = re.compile(r"[\\'\x00-\x1f\x7f]")
_BLANK = re.compile(r"[\x00-\x20\x7f]")
#: What a header can carry: visible ASCII, no space at either end.
_HEADER_VALUE = re.compile(r"[!-~]+(?: +[!-~]+)*")

_SOURCE = """\
// Sends clicks, changes and page views to the bot. What has no session cannot be helped with.
if (empty(event.properties.$session_id)) {{
  return
}}
let answer := fetch({url}, {{
  'method': 'POST',
  'headers': {{'Content-Type': 'application/json', 'x-posthog-secret': {secret}}},
  'body': {{
{fields}
  }}
}})
if (answer.status >= 400) {{
  throw Error(f'The bot answers HTTP {{answer.status}}: {{answer.body}}')
}}
"""


def destination_url(base: str) -> str:
    """Where the destination posts to.

    Args:
        base: the Rasa server as PostHog reaches it, or already the webhook itself.

    Raises:
        ConfigError: it is no such URL.
    """
    try:
        parts = urlsplit("" if _BLANK.search(base.strip()) else base.strip())
    except ValueError:  # brackets that hold no IPv6 address
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{base!r} is no URL of a server.", remedy="Write it as https://bot.example.com.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError("the URL holds a user, a query or a fragment.", remedy="Leave them out.")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path.removesuffix(_PATH)}{_PATH}"


def hog_source(url: str, secret: str) -> str:
    """The source to paste into a PostHog destination.

    Args:
        url: of the webhook.
        secret: ``posthog_secret`` of credentials.yml.

    Raises:
        ConfigError: no header can carry the secret.
    """
    if not _HEADER_VALUE.fullmatch(secret):
        raise ConfigError(
            "the secret is empty, or holds what no HTTP header can carry.",
            remedy="Take letters, digits and punctuation of ASCII only.",
        )
    fields = ",\n".join(f"    {_literal(name)}: {place}" for name, place in FIELDS.items())
    return _SOURCE.format(url=_literal(url), secret=_literal(secret), fields=fields)


def _literal(text: str) -> str:
    """A Hog string literal."""
    escaped = _TO_ESCAPE.sub(lambda match: _ESCAPES.get(match[0], f"\\x{ord(match[0]):02x}"), text)
    return f"'{escaped}'"
