"""The source code of a PostHog destination that posts to our webhook.

It is written in Hog, PostHog's own language, with string literals, property access and ``fetch`` only.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rasa_autoplay.errors import ConfigError

__all__ = ["FIELDS", "destination_url", "hog_source"]

#: The payload's fields, with the Hog expression of each. The elements chain contains the element's id and the
#: field's name.
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
    "timezone": "event.properties.$timezone ?? event.properties.$geoip_time_zone",
    "user_properties": "person?.properties",
}

_PATH = "/webhooks/autoplay/posthog"
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_TO_ESCAPE = re.compile(r"[\\'\x00-\x1f\x7f]")
_BLANK = re.compile(r"[\x00-\x20\x7f]")
#: A valid header value: visible ASCII, no space at either end.
_HEADER_VALUE = re.compile(r"[!-~]+(?: +[!-~]+)*")

_SOURCE = """\
// Sends clicks, changes and page views to the bot, which has no use for events without a session.
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
    """The URL that the destination posts to.

    Args:
        base: the URL at which PostHog reaches the Rasa server, or that of the webhook itself.

    Raises:
        ConfigError: it is not the URL of a server.
    """
    try:
        parts = urlsplit("" if _BLANK.search(base.strip()) else base.strip())
    except ValueError:  # brackets without an IPv6 address
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            f"{base!r} is not the URL of a server.", remedy="Write it as https://bot.example.com."
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError("the URL contains a user, a query or a fragment.", remedy="Leave them out.")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path.removesuffix(_PATH)}{_PATH}"


def hog_source(url: str, secret: str) -> str:
    """The source to paste into a PostHog destination.

    Args:
        url: the webhook's URL.
        secret: ``posthog_secret`` of credentials.yml.

    Raises:
        ConfigError: the secret is not a valid header value.
    """
    if not _HEADER_VALUE.fullmatch(secret):
        raise ConfigError(
            "the secret is empty or is not a valid HTTP header value.",
            remedy="Use only ASCII letters, digits and punctuation.",
        )
    fields = ",\n".join(f"    {_literal(name)}: {place}" for name, place in FIELDS.items())
    return _SOURCE.format(url=_literal(url), secret=_literal(secret), fields=fields)


def _literal(text: str) -> str:
    """A Hog string literal."""
    escaped = _TO_ESCAPE.sub(lambda match: _ESCAPES.get(match[0], f"\\x{ord(match[0]):02x}"), text)
    return f"'{escaped}'"
