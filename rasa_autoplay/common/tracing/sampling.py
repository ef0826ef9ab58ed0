"""The sampler that the environment names (``OTEL_TRACES_SAMPLER``)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

__all__ = ["Samples", "always", "never", "sampler_of_environment"]

logger = logging.getLogger(__name__)

#: Whether the traces that begin with an id are recorded.
Samples = Callable[[int], bool]

_NAME = "OTEL_TRACES_SAMPLER"
_RATIO = "OTEL_TRACES_SAMPLER_ARG"
#: OpenTelemetry's samplers compare the lower 64 bits of the id, so that all processes decide alike.
_LOWER_BITS = (1 << 64) - 1


def always(_trace_id: int) -> bool:
    """Record all."""
    return True


def never(_trace_id: int) -> bool:
    """Record none."""
    return False


def sampler_of_environment() -> Samples:
    """Return the sampler of new traces; by default, all are recorded.

    A trace that another process has begun is always continued as that process decided, so the prefix
    ``parentbased_`` changes nothing. We do not use the SDK's samplers, which would take most of tracing's
    time, because they are asked about each captured action.
    """
    name = os.environ.get(_NAME, "").strip().lower().removeprefix("parentbased_")
    if name in ("", "always_on"):
        return always
    if name == "always_off":
        return never
    if name == "traceidratio":
        return _by_ratio(_ratio())
    logger.warning("%s=%s is not known, so all traces are recorded.", _NAME, name)
    return always


def _by_ratio(ratio: float) -> Samples:
    bound = round(ratio * (_LOWER_BITS + 1))
    return lambda trace_id: trace_id & _LOWER_BITS < bound


def _ratio() -> float:
    text = os.environ.get(_RATIO, "").strip()
    try:
        ratio = float(text or "1")
    except ValueError:
        ratio = -1.0
    if 0 <= ratio <= 1:
        return ratio
    logger.warning("%s=%s is not a number from 0 to 1, so all traces are recorded.", _RATIO, text)
    return 1.0
