"""Switches tracing on, if the settings want it and the packages are there."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from rasa_autoplay.errors import ConfigError

if TYPE_CHECKING:
    from rasa_autoplay.common.tracing.open_telemetry import OpenTelemetrySink

__all__ = ["MISSING_EXTRA", "has_open_telemetry", "make_sink"]

#: What to do if tracing is on and the packages are missing.
MISSING_EXTRA = 'Run: pip install "rasa-autoplay[tracing]", or remove "tracing: true".'


def has_open_telemetry() -> bool:
    """Whether the packages of the extra ``tracing`` can be imported."""
    try:
        importlib.import_module("opentelemetry.sdk.trace.export")
        importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError:
        return False
    return True


def make_sink(service_name: str, file_name: str) -> OpenTelemetrySink:
    """Return what sends spans to OpenTelemetry. It sends nothing before it is started.

    Args:
        service_name: names this half of the copilot in traces.
        file_name: the file that has ``tracing: true``.

    Raises:
        ConfigError: the packages are missing.
    """
    if not has_open_telemetry():
        raise ConfigError(
            f'{file_name}: "tracing: true" needs the OpenTelemetry packages, which are not installed.',
            remedy=MISSING_EXTRA,
        )
    # Imported here, because only teams that trace have the packages.
    from rasa_autoplay.common.tracing.open_telemetry import OpenTelemetrySink

    return OpenTelemetrySink(service_name)
