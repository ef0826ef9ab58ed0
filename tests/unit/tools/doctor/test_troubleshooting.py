"""docs/troubleshooting.md lists exactly the doctor's checks, in their order."""

from __future__ import annotations

from pathlib import Path

from rasa_autoplay.tools.doctor.check_list import CHECKS, PAGE_CHECKS
from rasa_autoplay.tools.doctor.live import HEALTH_CHECKS, SERVER_CHECKS

PAGE = Path(__file__).parents[4] / "docs" / "troubleshooting.md"


NAMES = [
    *(check.name for check in (*CHECKS, *PAGE_CHECKS)),
    *(check.name for check in (*SERVER_CHECKS, *HEALTH_CHECKS)),
]
SYMPTOMS, CHECKED = PAGE.read_text("utf-8").split("## By what you see")[1].split("## The project")


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    return [row for row in rows if row[0] not in ("check", "what you see", "--")]


def test_troubleshooting_page_explains_each_check() -> None:
    told = _rows(CHECKED)
    assert [row[0] for row in told] == NAMES
    assert all(len(row) == 3 and row[1] and row[2] for row in told)


def test_symptoms_refer_to_existing_checks() -> None:
    named = [name for _, checks in _rows(SYMPTOMS) for name in checks.split(", ")]
    assert named
    assert set(named) <= set(NAMES)
