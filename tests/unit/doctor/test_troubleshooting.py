"""docs/troubleshooting.md tells of the doctor's checks: of all of them, in their order, and of no other."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.doctor.checks import CHECKS, PAGE_CHECKS
from rasa_autoplay.doctor.live import HEALTH_CHECKS, SERVER_CHECKS

PAGE = Path(__file__).parents[3] / "docs" / "troubleshooting.md"


def test_each_check_is_explained() -> None:
    rows = [line.split("|")[1:-1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    told = [row for row in rows if row[0].strip() not in ("check", "--")]
    of_project = [check.name for check in (*CHECKS, *PAGE_CHECKS)]
    of_servers = [check.name for check in (*SERVER_CHECKS, *HEALTH_CHECKS)]
    assert [row[0].strip() for row in told] == of_project + of_servers
    assert all(len(row) == 3 and row[1].strip() and row[2].strip() for row in told)
