"""The sampler that the environment names (``OTEL_TRACES_SAMPLER``)."""

from __future__ import annotations

import logging
import os

from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler, TraceIdRatioBased

__all__ = ["sampler_of_environment"]

logger = logging.getLogger(__name__)

_NAME = "OTEL_TRACES_SAMPLER"
_RATIO = "OTEL_TRACES_SAMPLER_ARG"


def sampler_of_environment() -> Sampler:
    """Return the sampler of new traces; by default, all are recorded.

    A trace that another process has begun is always continued as that process decided, so the prefix
    ``parentbased_`` changes nothing.
    """
    name = os.environ.get(_NAME, "").strip().lower().removeprefix("parentbased_")
    if name in ("", "always_on"):
        return ALWAYS_ON
    if name == "always_off":
        return ALWAYS_OFF
    if name == "traceidratio":
        return TraceIdRatioBased(_ratio())
    logger.warning("%s=%s is not known, so all traces are recorded.", _NAME, name)
    return ALWAYS_ON


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
