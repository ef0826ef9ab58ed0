"""What an event or a batch says about its user beside the id: properties and the time zone.

Sources name these facts differently. This is the one place that knows the names, so that a trigger with
``segment: {properties: …}`` and quiet hours with ``tz: user`` work the same with every source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

__all__ = ["UserFacts", "facts_of", "stated_properties", "zone_name", "zone_of_event"]

_PROPERTIES = ("properties", "user_properties", "person_properties", "traits")
#: The browser's zone first; the last is what PostHog's servers derive from the address.
_ZONES = ("$timezone", "timezone", "time_zone", "tz", "$geoip_time_zone")
_MAX_ZONE = 64
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+){0,3}")


class UserFacts(NamedTuple):
    """Facts about a user.

    Args:
        properties: by name, neither masked nor limited yet; None for a removed one.
        timezone: the form of an IANA name; empty if unknown.
    """

    properties: dict[str, Any]
    timezone: str


def facts_of(data: Mapping[str, Any]) -> UserFacts:
    """Return the facts in a JSON object: a batch of actions, or the claims of a token.

    Args:
        data: has properties in ``properties``, ``user_properties``, ``person_properties`` or ``traits``, and
            the zone in ``timezone``, ``time_zone`` or ``tz``. Either may also be in ``metadata``. A user
            property with the name of a zone counts as the zone.
    """
    nested = data.get("metadata")
    places = [data, nested] if isinstance(nested, Mapping) else [data]
    properties: dict[str, Any] = {}
    for place in places:
        for name in _PROPERTIES:
            if isinstance(stated := place.get(name), Mapping):
                properties.update((key, value) for key, value in stated.items() if isinstance(key, str))
    return UserFacts(properties, next(_zones(*places, properties), ""))


def stated_properties(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the user properties of a posthog-js event, unchecked.

    Args:
        event: the event's properties. ``$set`` sets user properties and ``$unset`` removes them.
            ``$set_once`` is ignored, because it is for data such as the first referrer.
    """
    stated, removed = event.get("$set"), event.get("$unset")
    properties: dict[str, Any] = {}
    if isinstance(removed, list):
        properties.update((name, None) for name in removed if isinstance(name, str))
    if isinstance(stated, Mapping):
        properties.update(stated)
    return properties


def zone_of_event(event: Mapping[str, Any]) -> str:
    """Return the time zone that a posthog-js event states; empty if it states none."""
    stated = event.get("$set")
    return next(_zones(event, stated if isinstance(stated, Mapping) else {}), "")


def zone_name(value: object) -> str:
    """Return a text that has the form of a time zone's name; empty for everything else."""
    return value if isinstance(value, str) and len(value) <= _MAX_ZONE and _ZONE.fullmatch(value) else ""


def _zones(*places: Mapping[str, Any]) -> Iterator[str]:
    for place in places:
        for name in _ZONES:
            if zone := zone_name(place.get(name)):
                yield zone
