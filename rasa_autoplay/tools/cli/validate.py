"""``rasa-autoplay validate``: reports every error in a project's files at once."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_arguments", "run"]

_ENDPOINTS = Path("endpoints.yml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: the engine's autoplay.yml")
    parser.add_argument(
        "--credentials",
        type=Path,
        metavar="FILE",
        help="default: credentials.yml, or Mantle's integrations.yml",
    )
    parser.add_argument(
        "--domain",
        type=Path,
        metavar="PATH",
        help="default: domain.yml or domain/",
    )
    parser.add_argument(
        "--data", type=Path, default=Path("data"), metavar="PATH", help="default: %(default)s"
    )
    parser.epilog = "Exit status: 0 if there is no error (there may be warnings), else 1."


def run(arguments: argparse.Namespace) -> int:
    """Print the errors, then the warnings."""
    import os

    from rasa_autoplay.settings.channels_file import channels_path
    from rasa_autoplay.settings.engine import CONFIG_VARIABLE, find_engine_file
    from rasa_autoplay.settings.yaml_file import YamlFile
    from rasa_autoplay.tools.validation.assistant import check_assistant
    from rasa_autoplay.tools.validation.endpoints import check_endpoints_file
    from rasa_autoplay.tools.validation.engine_file import check_engine_file
    from rasa_autoplay.tools.validation.findings import Findings
    from rasa_autoplay.tools.validation.project_files import default_domain
    from rasa_autoplay.tools.validation.rasa_files import check_credentials
    from rasa_autoplay.tools.validation.repairs.corrections import add_corrections
    from rasa_autoplay.tools.validation.sources import check_sources
    from rasa_autoplay.tools.validation.tracing import check_tracing
    from rasa_autoplay.tools.validation.validated_files import validated_files

    findings = Findings()
    engine_file = None
    with findings:
        engine_file = YamlFile(arguments.config) if arguments.config else find_engine_file()
        check_engine_file(engine_file, findings)
    domain = arguments.domain or default_domain(Path())
    credentials = arguments.credentials or channels_path(Path())
    check_credentials(credentials, engine_file, findings)
    check_sources(credentials, engine_file, findings)
    check_tracing(credentials, engine_file, findings)
    check_assistant(Path(), domain, arguments.data, credentials, findings)
    check_endpoints_file(_ENDPOINTS, findings)
    engine_path = arguments.config or Path(os.environ.get(CONFIG_VARIABLE) or "autoplay.yml")
    files = validated_files(engine_path, credentials, _ENDPOINTS, [domain, arguments.data])
    add_corrections(findings.lines, files)
    for line in findings.lines:
        print(line)
    for line in findings.warnings:
        print(f"warning: {line}")
    print(_summary(len(findings.lines), len(findings.warnings)))
    return 1 if findings.lines else 0


def _summary(errors: int, warnings: int) -> str:
    counted = [
        f"{n} {kind}{'s' if n > 1 else ''}" for n, kind in ((errors, "error"), (warnings, "warning")) if n
    ]
    return f"{' and '.join(counted)}." if counted else "No problems found."
