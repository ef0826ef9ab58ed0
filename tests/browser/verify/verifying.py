"""Runs the verifier on the changing app."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Browser
from support.changing_app import GOLDEN_PATHS

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.verification.options import VerifyOptions
from rasa_autoplay.tools.verification.report import Finding, Report
from rasa_autoplay.tools.verification.sign_in import SignedIn
from rasa_autoplay.tools.verification.verifier import Verifier

__all__ = ["FILES", "found_in", "verify"]

#: Golden paths with their files, by id.
FILES = {
    path.id: (file, path)
    for file, path in ((f, f.read(GoldenPath)) for f in map(YamlFile, sorted(GOLDEN_PATHS.glob("*.yml"))))
}


def verify(
    browser: Browser,
    url: str,
    files: Sequence[tuple[YamlFile, GoldenPath]] = tuple(FILES.values()),
    signed_in: SignedIn | None = None,
    **options: Any,
) -> Report:
    """Verify golden paths; those of the changing app by default."""
    chosen = VerifyOptions(url, **{"timeout_s": 2.0, **options})
    known = [path for _, path in (*files, *FILES.values())]
    return Verifier(browser, chosen, signed_in or SignedIn(), Pages(), known).verify(files)


def found_in(report: Report) -> dict[str, Finding]:
    """Return the findings by ``path:step``, or ``path`` for those about a whole path."""
    return {
        f"{path.path_id}:{step.step_id}" if step else path.path_id: finding
        for path in report.paths
        for step, finding in path.all_findings
    }
