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
from rasa_autoplay.tools.verification.acting import NotDone, act_of, perform
from rasa_autoplay.tools.verification.names import fits_label
from rasa_autoplay.tools.verification.opening import HOW_TO_SIGN_IN
from rasa_autoplay.tools.verification.options import VerifyOptions
from rasa_autoplay.tools.verification.proof import (
    action_of,
    done_when_of,
    is_page_view,
    proves,
)
from rasa_autoplay.tools.verification.remedies import lines_for
from rasa_autoplay.tools.verification.report import Finding, FindingKind, Replacement, StepReport
from rasa_autoplay.tools.verification.seeking import Seeker
from rasa_autoplay.tools.verification.session import Session
from rasa_autoplay.tools.verification.step_check import is_usable, means_one, name_problem

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
        self._pages = pages
        self._seeker = Seeker(session, path, urls)
        self._pending: list[_Pending] = []
        #: The first step that could not be done; those after it may be unreachable because of it.
        self._stuck_at = ""
        #: What covered elements of earlier steps: users would have closed it by now.
        self._covers: set[str] = set()
        acted = [place for place, step in enumerate(path.steps) if step.elements or step.labels]
        self._last = acted[-1] if acted else -1

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
            self._report_ambiguous(place, way, facts, report)
        self._picture(place, step, report, facts["first"]["index"])
        if facts["isDisabled"]:
            self._report_unusable("disabled", place, way, facts, report, "it is disabled")
            self._stuck_at = self._stuck_at or step.id
            return
        if facts["coveredBy"] in self._covers:
            report.notes.append(f"{facts['coveredBy']} covers it, too")
        elif facts["coveredBy"]:
            self._covers.add(facts["coveredBy"])
            covered = f"{facts['coveredBy']} covers it, so users cannot reach it"
            self._report_unusable("covered", place, way, facts, report, covered)
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
        if place == 0 and self._session.view.ask("hasSignIn"):
            message = f"No {way.element} is shown, and the page looks like a sign-in page."
            report.add(Finding("sign-in", message, self._line(place, "element"), None, (HOW_TO_SIGN_IN,)))
            self._stuck_at = step.id
            return
        replacement = self._seeker.replacement(step, way, facts)
        if facts["hits"]:
            kind: FindingKind = "hidden"
            message = f"{way.element} is in the page, but it is not shown."
        else:
            kind, message = "missing", f"No element matches {way.element}."
        if replacement and replacement.opener:
            opener = replacement.opener.label or replacement.opener.selector
            message += f' There is one after "{opener}" is used.'
        elif replacement and replacement.page:
            message += f" There is one on {replacement.page}."
        shown = bool(
            replacement and not replacement.page and self._goes_on_with(place, step, replacement, report)
        )
        done_when = self._new_proof if shown else ""
        remedies = lines_for(replacement, way.element, way.label, done_when)
        report.add(Finding(kind, message, self._line(place, "element"), replacement, remedies))
        if not shown:
            self._stuck_at = step.id
            self._pending.append(_Pending(step, way, report))

    _new_proof = ""

    def _goes_on_with(self, place: int, step: Step, replacement: Replacement, report: StepReport) -> bool:
        """Use the replacement, so that later steps can be checked; returns whether it was shown."""
        facts = self._session.view.look(replacement.selector)
        self._new_proof = ""
        if not is_usable(facts):
            return False
        actions = self._act(place, step, facts, report)
        if place != self._last or self._options.finish:
            report.notes.append(f"went on with {replacement.selector}")
        if step.proofs and actions and not proves(self._path, step, actions):
            self._new_proof = done_when_of(actions[0])
        return True

    def _report_ambiguous(self, place: int, way: Way, facts: dict[str, Any], report: StepReport) -> None:
        first = facts["first"]
        single = Replacement(facts["single"], first["name"]) if facts["single"] else None
        message = f"{facts['shown']} elements match {way.element}, and all of them are shown."
        remedies = (
            *lines_for(single, way.element, None, ""),
            "or write several: true if any of them will do",
        )
        report.add(Finding("ambiguous", message, self._line(place, "element"), single, remedies))

    def _report_unusable(
        self,
        kind: FindingKind,
        place: int,
        way: Way,
        facts: dict[str, Any],
        report: StepReport,
        why: str,
    ) -> None:
        replacement = Replacement(way.element or "", facts["first"]["name"])
        message = f"{way.element} is shown, but {why}."
        remedy = "add the step that users do before it"
        report.add(Finding(kind, message, self._line(place, "element"), replacement, (remedy,)))

    def _check_name(
        self, place: int, step: Step, way: Way, facts: dict[str, Any], report: StepReport
    ) -> dict[str, Any]:
        """Compare the label with the element's name; returns the facts of the element to use."""
        name = name_problem(way, facts)
        if not name:
            return facts
        view = self._session.view
        asked = {"selector": "", "label": way.label or "", "title": step.title}
        others = [selector for each in self._path.steps if each is not step for selector in each.elements]
        named = next(
            (
                it
                for it in view.similar(asked, others)
                if it["isReachable"] and fits_label(way.label, [it["name"]])
            ),
            None,
        )
        message = f'The label is "{way.label}", but the element\'s name is "{name}".'
        line = self._line(place, "label")
        if named is None:
            replacement = Replacement(way.element or "", name)
            remedies = lines_for(replacement, way.element, way.label, "")
            report.add(Finding("renamed", message, line, replacement, remedies))
            return view.look(way.element or "")
        replacement = Replacement(named["selector"], named["name"])
        action = self._predicted(view.look(named["selector"]), view)
        unproven = action is not None and bool(step.proofs) and not proves(self._path, step, [action])
        done_when = done_when_of(action) if action is not None and unproven else ""
        message += f" Another element has the label: {named['selector']}."
        report.add(
            Finding(
                "renamed", message, line, replacement, lines_for(replacement, way.element, None, done_when)
            )
        )
        return view.look(named["selector"])

    def _use(self, place: int, step: Step, way: Way, facts: dict[str, Any], report: StepReport) -> None:
        """Use the element, and check that what analytics capture of it proves the step."""
        if not facts["shown"]:
            return
        actions = self._act(place, step, facts, report)
        if report.status == "not checked":
            report.status = "ok"
        if not step.proofs or any(finding.kind == "renamed" for finding in report.findings):
            return
        if all(map(is_page_view, step.proofs)) and place == self._last and not self._options.finish:
            report.notes.append("only the page that follows proves it: --finish checks that, too")
            return
        if actions is None or proves(self._path, step, actions):
            return
        captured = ", ".join(dict.fromkeys(_described(action) for action in actions)) or "nothing"
        message = (
            f"Using {way.element or way.label} is captured as {captured}, which done_when does not match."
        )
        replacement = Replacement(way.element or "", facts["first"]["name"])
        remedies = (done_when_of(actions[0]),) if actions else ("name another action that proves the step",)
        report.add(Finding("unproven", message, self._line(place, "done_when"), replacement, remedies))

    def _act(
        self, place: int, step: Step, facts: dict[str, Any], report: StepReport
    ) -> list[SlimAction] | None:
        """Use an element, or predict what its use would be captured as if it is the last step's.

        Returns:
            What was captured; None if the element could not be used.
        """
        first = facts["first"]
        view = self._session.view
        if place == self._last and not self._options.finish:
            predicted = self._predicted(facts, view)
            return [predicted] if predicted else []
        handle = view.handle(first["index"])
        before = len(self._session.events)
        act = act_of(first["tag"], first["type"], first["role"])
        try:
            if handle is None:
                raise NotDone("it went away")
            perform(act, handle, self._options.timeout_s, by_force=bool(facts["coveredBy"]))
        except NotDone as problem:
            report.notes.append(f"not performed: {problem}")
            return None
        self._session.settle()

        def captured() -> list[SlimAction]:
            events = self._session.events[before:]
            return [action for event in events if (action := action_of(event, self._pages))]

        if step.proofs and all(map(is_page_view, step.proofs)):
            self._session.until(lambda: proves(self._path, step, captured()), self._options.page_timeout_s)
        return captured()

    def _predicted(self, facts: dict[str, Any], view: Any) -> SlimAction | None:
        first = facts.get("first")
        if not first:
            return None
        act = act_of(first["tag"], first["type"], first["role"])
        return action_of(view.ask("captured", act, first["index"]), self._pages)

    def _check_chat_only(self, place: int, step: Step, report: StepReport) -> None:
        """Check that there is a control with the label of a step that has no element."""
        if not step.labels:
            report.status = "skipped"
            report.notes.append("it has neither element nor label")
            return

        def named() -> dict[str, Any] | None:
            controls = self._session.view.ask("controls") or []
            fits = (it for it in controls for label in step.labels if fits_label(label, it["names"]))
            return next(fits, None)

        found = self._session.until(named)
        if found is None:
            if self._stuck_at:
                report.notes.append(f"the step {self._stuck_at} before it could not be done")
                return
            message = f'No control is named "{step.labels[0]}".'
            report.add(
                Finding("missing", message, self._line(place, "label"), None, lines_for(None, None, None, ""))
            )
            return
        report.status = "ok"
        if place != self._last:
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


def _described(action: SlimAction) -> str:
    return f'"{action.title}"' + (
        f" with the id {action.element_id}" if action.element_id else " without an id"
    )
