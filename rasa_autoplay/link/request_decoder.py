"""Reads requests from gateway to engine: every kind of them, by its tag."""

from __future__ import annotations

import functools
import operator
from types import ModuleType

import msgspec

from rasa_autoplay.link import (
    consent_requests,
    offer_requests,
    outcome_requests,
    path_draft_requests,
    proposal_requests,
    requests,
    rule_requests,
    studio_requests,
    tip_requests,
)
from rasa_autoplay.link.messages import Refusal
from rasa_autoplay.link.request_types import EngineRequest

__all__ = ["ONE_VERSION", "REQUESTS", "decode_request"]

#: The remedy for a message that cannot be read.
ONE_VERSION = "Install the same version of rasa-autoplay for the Rasa server and the action server."

#: The modules with requests.
_MODULES: tuple[ModuleType, ...] = (
    requests,
    studio_requests,
    rule_requests,
    path_draft_requests,
    proposal_requests,
    outcome_requests,
    offer_requests,
    tip_requests,
    consent_requests,
)


def _requests_of(module: ModuleType) -> dict[str, type[EngineRequest[object]]]:
    classes = [getattr(module, name) for name in module.__all__]
    return {str(each.__struct_config__.tag): each for each in classes}


#: Every request, by its tag.
REQUESTS = {tag: each for module in _MODULES for tag, each in _requests_of(module).items()}

_decoder: msgspec.json.Decoder[EngineRequest[object]] = msgspec.json.Decoder(
    functools.reduce(operator.or_, REQUESTS.values())
)


def decode_request(data: bytes | msgspec.Raw) -> EngineRequest[object] | Refusal:
    """Decode a request; return a refusal if this version cannot."""
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        reason = str(problem)[:200] if isinstance(problem, msgspec.ValidationError) else "it is not JSON"
        return Refusal(
            "invalid",
            f"the engine cannot read this request ({reason})",
            ONE_VERSION,
        )
