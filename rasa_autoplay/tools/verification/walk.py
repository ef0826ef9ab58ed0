"""Walks one golden path in the app, and checks each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step, Way
from rasa_autoplay.events.models import SlimAction
from rasa_autoplay.gateway.sources.pages import Pages
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.verification import findings
from rasa_autoplay.tools.verification.names import fits_label
from rasa_autoplay.tools.verification.opening import HOW_TO_SIGN_IN
from rasa_autoplay.tools.verification.options import VerifyOptions
from rasa_autoplay.tools.verification.performing import Performer
from rasa_autoplay.tools.verification.proof import done_when_of, is_page_view, proves
from rasa_autoplay.tools.verification.remedies import REMOVE
from rasa_autoplay.tools.verification.report import Finding, StepReport
from rasa_autoplay.tools.verification.seeking import Seeker
from rasa_autoplay.tools.verification.session import Session
from rasa_autoplay.tools.verification.step_check import (
    is_in_another_language,
    is_usable,
    means_one,
    name_problem,
)

__all__ = ["PathWalk"]


@dataclass
class _Pending:
    """A step whose element was not shown at its turn, and may be shown later."""

    step: Step
    way: Way
    report: StepReport


class PathWalk:
    """One walk.

    Args:
        session: a fresh context whose tab shows the page where the path begins.
        path: the golden path.
        file: its file.
        options: of the command.
        pages: the names of the app's pages.
        urls: addresses of the app's other pages.
    """

    def __init__(
        self,
        session: Session,
        path: GoldenPath,
        file: YamlFile,
        options: VerifyOptions,
        pages: Pages,
        urls: Sequence[str],
    ) -> None:
        self._session = session
        self._path = path
        self._file = file
        self._options = options
        self._performer = Performer(session, path, options, pages)
        self._seeker = Seeker(session, path, urls)
        self._pending: list[_Pending] = []
        #: The first step that could not be done; those after it may be unreachable because of it.
        self._stuck_at = ""
        #: What covered elements of earlier steps: users would have closed it by now.
        self._covers: set[str] = set()

    def walk(self, reports: Sequence[StepReport]) -> None:
        """Check all steps, in order.

        Args:
            reports: one for each step; findings and notes are added to them.
        """
        for place, (step, report) in enumerate(zip(self._path.steps, reports, strict=True)):
            if step.elements:
                self._check(place, step, report)
            else:
                self._check_chat_only(place, step, report)
            report.notes += self._session.notes
            self._session.notes.clear()
            self._look_again(step)

    def _check(self, place: int, step: Step, report: StepReport) -> None:
        way, facts = self._find(step)
        if not facts["shown"]:
            self._report_absent(place, step, way, facts, report)
            return
        if not facts["isDisabled"] and means_one(step, way, facts) and facts["shown"] > 1:
            report.add(findings.ambiguous(way, facts, self._line(place, "element")))
        self._picture(place, step, report, facts["first"]["index"])
        if facts["isDisabled"]:
            report.add(
                findings.unusable("disabled", way, facts, "it is disabled", self._line(place, "element"))
            )
            self._stuck_at = self._stuck_at or step.id
            return
        if facts["coveredBy"] in self._covers:
            report.notes.append(f"{facts['coveredBy']} covers it, too")
        elif facts["coveredBy"]:
            self._covers.add(facts["coveredBy"])
            covered = f"{facts['coveredBy']} covers it, so users cannot reach it"
            report.add(findings.unusable("covered", way, facts, covered, self._line(place, "element")))
        facts = self._check_name(place, step, way, facts, report)
        self._use(place, step, way, facts, report)

    def _find(self, step: Step) -> tuple[Way, dict[str, Any]]:
        """Wait until the element of a way can be used; returns the first way that the page shows."""
        ways = [way for way in step.ways if way.element]

        def usable() -> tuple[Way, dict[str, Any]] | None:
            for way in ways:
                facts = self._session.view.look(way.element or "")
                if is_usable(facts):
                    return way, facts
            return None

        found = self._session.until(usable)
        if found:
            return found
        view = self._session.view
        looked = [(way, view.look(way.element or "")) for way in ways]
        ranked = sorted(looked, key=lambda it: (not it[1]["shown"], not it[1]["hits"]))
        way, _ = ranked[0]
        # Only the elements of the last answer can be used.
        return way, view.look(way.element or "")

    def _report_absent(
        self, place: int, step: Step, way: Way, facts: dict[str, Any], report: StepReport
    ) -> None:
        if self._stuck_at:
            report.notes.append(f"the step {self._stuck_at} before it could not be done")
            self._pending.append(_Pending(step, way, report))
            return
        self._picture(place, step, report, None)
        line = self._line(place, "element")
        if place == 0 and self._session.view.ask("hasSignIn"):
            message = f"No {way.element} is shown, and the page looks like a sign-in page."
            report.add(Finding("sign-in", message, line, None, (HOW_TO_SIGN_IN,)))
            self._stuck_at = step.id
            return
        replacement = self._seeker.replacement(step, way, facts)
        instead = self._session.view.look(replacement.selector) if replacement else None
        if replacement is None or instead is None or replacement.page or not is_usable(instead):
            report.add(findings.absent(way, facts, replacement, "", line))
            self._stuck_at = step.id
            self._pending.append(_Pending(step, way, report))
            return
        # Later steps can be checked only if this one is done.
        actions = self._performer.act(place, step, instead, report)
        if not self._performer.leaves_out(place):
            report.notes.append(f"went on with {replacement.selector}")
        done_when = self._new_done_when(step, actions or [])
        report.add(findings.absent(way, facts, replacement, done_when, line))

    def _new_done_when(self, step: Step, actions: Sequence[SlimAction]) -> str:
        """Return the line for what was captured; empty if that proves the step as it is."""
        is_needed = bool(step.proofs and actions) and not proves(self._path, step, actions)
        return done_when_of(actions[0]) if is_needed else ""

    def _check_name(
        self, place: int, step: Step, way: Way, facts: dict[str, Any], report: StepReport
    ) -> dict[str, Any]:
        """Compare the label with the element's name; returns the facts of the element to use."""
        name = name_problem(way, facts)
        if not name:
            if is_in_another_language(way, facts):
                report.notes.append("its name is in another language than the page names in <html lang>")
            return facts
        other = self._seeker.named(step, way)
        used = self._session.view.look(other.selector if other else way.element or "")
        done_when = self._new_done_when(step, self._performer.predicted(used)) if other else ""
        report.add(findings.renamed(way, name, other, done_when, self._line(place, "label")))
        return used

    def _use(self, place: int, step: Step, way: Way, facts: dict[str, Any], report: StepReport) -> None:
        """Use the element, and check that what analytics capture of it proves the step."""
        if not facts["shown"]:
            return
        actions = self._performer.act(place, step, facts, report)
        if report.status == "not checked":
            report.status = "ok"
        if not step.proofs or any(finding.kind == "renamed" for finding in report.findings):
            return
        if self._performer.leaves_out(place) and any(map(is_page_view, step.proofs)):
            report.notes.append("only the page that follows proves it: --finish checks that, too")
            return
        if actions is not None and not proves(self._path, step, actions):
            report.add(findings.unproven(way, facts, actions, self._line(place, "done_when")))

    def _check_chat_only(self, place: int, step: Step, report: StepReport) -> None:
        """Check that there is a control with the label of a step that has no element."""
        if not step.labels:
            report.status = "skipped"
            report.notes.append("it has neither element nor label")
            return

        def named() -> dict[str, Any] | None:
            controls = self._session.view.ask("controls") or []
            fits = (
                it
                for it in controls
                for way in step.ways
                if way.label and fits_label(way.labels, it["names"])
            )
            return next(fits, None)

        found = self._session.until(named)
        if found is None:
            if self._stuck_at:
                report.notes.append(f"the step {self._stuck_at} before it could not be done")
                return
            message = f'No control is named "{step.labels[0]}".'
            report.add(Finding("missing", message, self._line(place, "label"), None, (REMOVE,)))
            return
        report.status = "ok"
        if not self._performer.leaves_out(place):
            way = next(way for way in step.ways if way.label)
            facts = self._session.view.ask("facts", found["index"])
            self._use(place, step, way, facts, report)

    def _look_again(self, done: Step) -> None:
        """Check whether the elements that were not shown at their turn are shown now."""
        for waiting in list(self._pending):
            if waiting.step is done or not self._session.view.look(waiting.way.element or "")["shown"]:
                continue
            self._pending.remove(waiting)
            for place, finding in enumerate(waiting.report.findings):
                moved = f"move the step after the step {done.id}"
                waiting.report.findings[place] = replace(
                    finding,
                    message=f"{finding.message} It is shown after the step {done.id}.",
                    remedies=(moved,),
                )
            if self._stuck_at == waiting.step.id:
                self._stuck_at = ""

    def _picture(self, place: int, step: Step, report: StepReport, index: int | None) -> None:
        if self._options.pictures is not None:
            file = self._options.pictures / f"{self._path.id}-{place + 1:02d}-{step.id}.png"
            self._session.picture(file, index)
            report.picture = str(file)

    def _line(self, place: int, key: str) -> int:
        return self._file.line_of(["steps", place, key])
