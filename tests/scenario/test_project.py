"""The repository's root is itself a working Rasa project."""

from __future__ import annotations

import subprocess

from support.processes import rasa_command, rasa_environment
from support.workshop import Workshop


def test_rasa_data_validate_reports_no_warning(workshop: Workshop) -> None:
    project = workshop.project("validated")
    validated = subprocess.run(
        rasa_command("data", "validate", "--fail-on-warnings"),
        cwd=project.folder,
        env=rasa_environment(),
        capture_output=True,
        text=True,
        timeout=280,
    )
    output = validated.stdout + validated.stderr
    assert validated.returncode == 0, output
    complaints = [
        line
        for line in output.splitlines()
        if "UserWarning" in line or " WARNING " in line or " ERROR " in line
    ]
    assert not complaints
