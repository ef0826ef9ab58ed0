"""Checks a request of the team's code against ``autoplay.yml``: what it names must exist."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rasa_autoplay.common.identity.ids import ID_RULE, is_id
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.triggers.configured.trigger import ConfiguredTrigger
from rasa_autoplay.engine.triggers.types import fit_toast
from rasa_autoplay.link.base import EngineRefused
from rasa_autoplay.link.offer_requests import MakeOffer
from rasa_autoplay.settings.yaml_file import nearest_name

__all__ = ["LONGEST_BODY", "LONGEST_KEY", "LONGEST_WAIT_S", "checked_trigger"]

#: A longer text is a mistake. A toast shows less of it, and shortens it as a rule's.
LONGEST_BODY = 1_000
LONGEST_KEY = 255
#: An offer waits for its user for a day at most.
LONGEST_WAIT_S = 86_400.0

#: Control characters, and those that change the direction of a text.
_UNSAFE = re.compile("[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_KEY = re.compile(r"[\x21-\x7e]+")


def checked_trigger(configuration: Configuration, request: MakeOffer) -> ConfiguredTrigger:
    """Return the trigger as the user gets it, with the request's text, golden path and time.

    Raises:
        EngineRefused: the request names what does not exist or may not be.
    """
    _check_ids(request)
    trigger = _trigger_of(configuration.triggers, request)
    if trigger.variants:
        _check_fixed(trigger, request)
        trigger = trigger.variant_for(request.user_id)
    body = _body_of(trigger, request)
    path_id = _path_of(configuration, trigger, request)
    return replace(
        trigger,
        body=body,
        golden_path=path_id,
        # Tours of the trigger's workflow say nothing about another one.
        tours=trigger.tours if path_id == trigger.golden_path else {},
        offer_ttl_s=_wait_of(trigger, request),
    )


def _check_ids(request: MakeOffer) -> None:
    for name, text in (("user_id", request.user_id), ("session_id", request.session_id)):
        if (text or name == "user_id") and not is_id(text):
            raise _refused(f"{name} {ID_RULE}")
    if request.key and (len(request.key) > LONGEST_KEY or not _KEY.fullmatch(request.key)):
        raise _refused(
            f"the idempotency key must have 1 to {LONGEST_KEY} visible ASCII characters",
            "A UUID is a good key.",
        )


def _trigger_of(triggers: Sequence[ConfiguredTrigger], request: MakeOffer) -> ConfiguredTrigger:
    found = next((each for each in triggers if each.id == request.trigger), None)
    if found is not None and found.is_external:
        return found
    named = repr(request.trigger[:100])
    if found is not None:
        raise _refused(
            f"trigger: {named} decides by itself when it fires",
            'Only a trigger with "external: true" in autoplay.yml takes offers of your code.',
        )
    known = [each.id for each in triggers if each.is_external]
    hint = nearest_name(request.trigger[:100], known) or "."
    raise _refused(
        f"trigger: autoplay.yml has no external trigger {named}{hint}",
        f"Known: {', '.join(known)}."[:2_000]
        if known
        else f"Add one to triggers in autoplay.yml:\n  - id: {request.trigger[:100]}\n    external: true",
    )


def _check_fixed(trigger: ConfiguredTrigger, request: MakeOffer) -> None:
    for name, value in (("body", request.body), ("golden_path", request.golden_path)):
        if value:
            raise _refused(
                f"{name}: the trigger {trigger.id!r} has variants, which decide what its offers say",
                f"Leave {name} out, or remove the variants from autoplay.yml.",
            )


def _body_of(trigger: ConfiguredTrigger, request: MakeOffer) -> str:
    if len(request.body) > LONGEST_BODY:
        raise _refused(f"body: the text has {len(request.body)} characters, more than {LONGEST_BODY}")
    body = " ".join(_UNSAFE.sub(" ", request.body).split())
    if request.body and not body:
        raise _refused("body: the text has no visible characters")
    if not (body or trigger.body):
        raise _refused(
            f"body: the trigger {trigger.id!r} has no text of its own",
            'Send a "body", or give the trigger a "body:" in autoplay.yml.',
        )
    return fit_toast(body) if body else trigger.body


def _path_of(configuration: Configuration, trigger: ConfiguredTrigger, request: MakeOffer) -> str:
    if not request.golden_path:
        return trigger.golden_path
    known = [path.id for path in configuration.paths]
    if request.golden_path in known:
        return request.golden_path
    hint = nearest_name(request.golden_path[:100], known) or "."
    raise _refused(
        f"golden_path: there is no golden path {request.golden_path[:100]!r}{hint}",
        f"Known: {', '.join(known) or 'none'}."[:2_000],
    )


def _wait_of(trigger: ConfiguredTrigger, request: MakeOffer) -> float:
    wait_s = request.expires_after_s
    if not wait_s:
        return trigger.offer_ttl_s
    if not 1.0 <= wait_s <= LONGEST_WAIT_S:
        raise _refused("expires_after: must be from 1 s to 24 h", 'For example "2m".')
    return wait_s


def _refused(message: str, remedy: str = "") -> EngineRefused:
    return EngineRefused("unprocessable", message, remedy)
