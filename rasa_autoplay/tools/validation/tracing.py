"""Checks that both files switch tracing on, and that its packages are installed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rasa_autoplay.common.tracing.switch import MISSING_EXTRA, has_open_telemetry
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.readable_files import content_of, readable_channels_file

__all__ = ["check_tracing"]


def check_tracing(credentials: Path, engine_file: YamlFile | None, findings: Findings) -> None:
    """Report a missing extra, and a trace that would be half.

    Args:
        credentials: ``credentials.yml``; another check reports its errors.
        engine_file: ``autoplay.yml``; None if it cannot be read.
        findings: collects errors and warnings.
    """
    if engine_file is None:
        return
    section = content_of(readable_channels_file(credentials)).get(SECTION)
    in_channel = isinstance(section, Mapping) and section.get("tracing") is True
    in_engine = content_of(engine_file).get("tracing") is True
    if not (in_channel or in_engine):
        return
    place = f"{engine_file.path.name}:{engine_file.line_of(['tracing'])}" if in_engine else credentials.name
    if isinstance(section, Mapping) and in_channel is not in_engine:
        other = credentials.name if in_engine else engine_file.path.name
        findings.warn(f'{place}: "tracing: true" is missing in {other}, so traces lack one of the processes.')
    if not has_open_telemetry():
        findings.warn(
            f'{place}: "tracing: true" needs the OpenTelemetry packages, which are not installed here. '
            f"{MISSING_EXTRA}"
        )
