"""Verifies golden paths against an app: one fresh browser context for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.verification.opening import open_page
from rasa_autoplay.tools.verification.options import VerifyOptions, safe_url, start_url
from rasa_autoplay.tools.verification.report import Finding, PathReport, Report, StepReport
from rasa_autoplay.tools.verification.session import Session
from rasa_autoplay.tools.verification.sign_in import SignedIn
from rasa_autoplay.tools.verification.walk import PathWalk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["Verifier"]


class Verifier:
    """Verifies golden paths.

    Args:
        browser: Chromium.
        options: of the command.
        signed_in: what the browser stored at sign-in.
        pages: the names of the app's pages.
        known: all golden paths of the project; what is gone from one page is looked for on theirs.
    """

    def __init__(
        self,
        browser: Browser,
        options: VerifyOptions,
        signed_in: SignedIn,
        pages: Pages,
        known: Sequence[GoldenPath],
    ) -> None:
        self._browser = browser
        self._options = options
        self._signed_in = signed_in
        self._pages = pages
        starts = (start_url(options, path) for path in known)
        self._urls = list(dict.fromkeys(filter(None, starts)))

    def verify(
        self,
        paths: Sequence[tuple[YamlFile, GoldenPath]],
        on_path: Callable[[PathReport], object] = lambda _: None,
    ) -> Report:
        """Walk the paths.

        Args:
            paths: golden paths with their files.
            on_path: called after each path.
        """
        report = Report(safe_url(self._options.url), [])
        for file, path in paths:
            found = self._path(file, path)
            report.paths.append(found)
            on_path(found)
        return report

    def _path(self, file: YamlFile, path: GoldenPath) -> PathReport:
        report = _empty_report(file, path)
        if path.flow_id:
            report.skipped = f"{path.provider or 'usertour'} shows its own flow, which is not in the file"
        elif not start_url(self._options, path):
            report.skipped = (
                f"{path.page} contains an id: name a page with --start {path.id}=/… to check this path"
            )
        if report.skipped:
            for step in report.steps:
                step.status = "skipped"
            return report
        first = self._walk(file, path)
        if first.is_ok:
            return first
        # A slow or flaky page must not fail a build.
        second = self._walk(file, path)
        again = {(step.step_id if step else "", finding.kind) for step, finding in second.all_findings}
        for found_at, finding in first.all_findings:
            step_id = found_at.step_id if found_at else ""
            if (step_id, finding.kind) not in again:
                place = f"{step_id}: " if step_id else ""
                second.notes.append(f"flaky: only the first of two tries found: {place}{finding.message}")
        return second

    def _walk(self, file: YamlFile, path: GoldenPath) -> PathReport:
        report = _empty_report(file, path)
        session = Session(self._browser, self._options, self._signed_in)
        try:
            problem = open_page(session, start_url(self._options, path), self._options)
            if problem is not None:
                kind, message, remedy = problem
                report.findings.append(Finding(kind, message, file.line_of(["page"]), None, (remedy,)))
                return report
            shown = path.in_language(session.view.languages())
            walk = PathWalk(session, shown, file, self._options, self._pages, self._urls)
            walk.walk(report.steps)
        finally:
            session.close()
        if not any(step.proofs for step in path.steps):
            message = "No step has a done_when, so no action can ever prove this path."
            remedy = "write a done_when for the steps that show that users know the workflow"
            report.findings.append(Finding("unproven", message, file.line_of(["steps"]), None, (remedy,)))
        return report


def _empty_report(file: YamlFile, path: GoldenPath) -> PathReport:
    steps = [
        StepReport(step.id, path.name_of(place), file.line_of(["steps", place]))
        for place, step in enumerate(path.steps)
    ]
    return PathReport(path.id, path.title, file.path.name, steps)
