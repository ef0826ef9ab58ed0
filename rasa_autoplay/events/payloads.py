"""Reads payloads of any type that the wire knows."""

from __future__ import annotations

from rasa_autoplay.common.lenient_json import decode_json
from rasa_autoplay.errors import MalformedEvent
from rasa_autoplay.events.models import ActionsPayload, LeftOut, SummaryPayload, UsertourTrigger, unnoticed

__all__ = ["parse_payload", "read_payload"]

_KNOWN_TYPES = ("actions", "summary", "usertour_trigger")


def parse_payload(
    body: bytes | str, left_out: LeftOut = unnoticed
) -> ActionsPayload | SummaryPayload | UsertourTrigger:
    """Read one JSON payload of any known type.

    Args:
        body: the JSON.
        left_out: called with the error of each skipped action.

    Raises:
        MalformedEvent: the body is not JSON, is not an object, or has an unknown ``type``.
    """
    return read_payload(decode_json(body), left_out)


def read_payload(
    data: object, left_out: LeftOut = unnoticed
) -> ActionsPayload | SummaryPayload | UsertourTrigger:
    """Read a payload from parsed JSON; see :func:`parse_payload`."""
    if not isinstance(data, dict):
        raise MalformedEvent(f"the payload is a JSON {type(data).__name__}, not an object")
    kind = data.get("type")
    if kind == "actions":
        return ActionsPayload.from_dict(data, left_out)
    if kind == "summary":
        return SummaryPayload.from_dict(data)
    if kind == "usertour_trigger":
        return UsertourTrigger.from_dict(data)
    known = ", ".join(_KNOWN_TYPES)
    raise MalformedEvent(f"unknown payload type {str(kind)[:40]!r}; the known types are {known}")
