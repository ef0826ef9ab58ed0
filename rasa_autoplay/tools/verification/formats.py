"""Formats a verification for programs: JSON, and JUnit for continuous integration."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree

from rasa_autoplay.tools.verification.report import Finding, PathReport, Report, StepReport

__all__ = ["as_json", "as_junit"]

#: XML 1.0 does not allow these, and pages may contain them.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    return {
        "url": report.url,
        "ok": report.is_ok,
        "findings": report.findings,
        "steps": {name: report.count(name) for name in ("ok", "finding", "skipped", "not checked")},
        "paths": [{**asdict(path), "ok": path.is_ok} for path in report.paths],
    }


def as_junit(report: Report) -> str:
    """Return the report in JUnit's XML, with one test case for each step."""
    root = ElementTree.Element("testsuites", name="rasa-autoplay verify")
    for path in report.paths:
        _add_path(root, path)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_path(root: ElementTree.Element, path: PathReport) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_text(path.path_id))
    if path.findings:
        case = ElementTree.SubElement(
            suite, "testcase", classname=_text(path.path_id), name=_text(path.title), file=path.file
        )
        _add_failures(case, path, None, path.findings)
    for step in path.steps:
        _add_step(suite, path, step)
    if path.notes:
        ElementTree.SubElement(suite, "system-out").text = _text("\n".join(path.notes))
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))


def _add_step(suite: ElementTree.Element, path: PathReport, step: StepReport) -> None:
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=_text(path.path_id),
        name=_text(f"{step.step_id}: {step.title}"),
        file=path.file,
        line=str(step.line),
    )
    _add_failures(case, path, step, step.findings)
    if step.status in ("skipped", "not checked"):
        reason = path.skipped or "; ".join(step.notes) or "the path could not be opened"
        ElementTree.SubElement(case, "skipped", message=_text(reason))
    pictures = [f"[[ATTACHMENT|{step.picture}]]"] if step.picture else []
    if output := [*step.notes, *pictures]:
        ElementTree.SubElement(case, "system-out").text = _text("\n".join(output))


def _add_failures(
    case: ElementTree.Element, path: PathReport, step: StepReport | None, findings: list[Finding]
) -> None:
    if not findings:
        return
    # Most readers show one failure of a test case.
    failure = ElementTree.SubElement(
        case,
        "failure",
        type=", ".join(finding.kind for finding in findings),
        message=_text(" ".join(finding.message for finding in findings)),
    )
    lines = []
    for finding in findings:
        place = f"{path.path_id}:{step.step_id}:{finding.line}" if step else f"{path.path_id}:{finding.line}"
        lines += [f"{place}: {finding.message}", *(f"→ {remedy}" for remedy in finding.remedies)]
    failure.text = _text("\n".join(lines))


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
