"""``verify`` names each change of the app's interface, and proposes the right replacement."""

from __future__ import annotations

import sys

import pytest
from playwright.sync_api import Browser, Page
from support.changing_app import CHANGES, Change

from browser.verify.captured import perform
from browser.verify.verifying import FILES, found_in, verify
from rasa_autoplay.gateway.routes.browser_script import as_elements_expression
from rasa_autoplay.tools.verification.report import Finding, Replacement, Report

#: The slow test has all of them.
QUICK = [change for change in CHANGES if change.id in ("ids-swapped", "moved-into-menu")]
#: Shares of 30 that the product promises.
_RIGHT_REPLACEMENTS = 27


def _verify(chromium: Browser, app: str, change: Change) -> Report:
    return verify(chromium, f"{app}?change={change.id}", [FILES[change.path_id]])


def _finding(change: Change, report: Report) -> Finding:
    found = found_in(report)
    place = f"{change.path_id}:{change.step_id}"
    assert found.keys() == {place}, found
    finding = found[place]
    assert finding.kind == change.kind
    file, path = FILES[change.path_id]
    step = next(number for number, step in enumerate(path.steps) if step.id == change.step_id)
    assert finding.line in {file.line_of(["steps", step, key]) for key in ("element", "label", "done_when")}
    return finding


def _is_right(chromium: Browser, app: str, change: Change, proposed: Replacement | None) -> bool:
    """Whether a proposal is the right element, on the page where a user who succeeds does the step."""
    if change.replacement is None or proposed is None:
        return change.replacement is None and proposed is None
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{app}{FILES[change.path_id][1].page}?change={change.id}")
        for step_id, acts in change.workflow.items():
            for act in acts:
                if step_id == change.step_id and page.locator(change.replacement.element).count():
                    return _same_element(page, change.replacement.element, proposed.selector)
                perform(page, act)
    raise AssertionError(f"{change.replacement.element} was never on the page")


def _same_element(page: Page, right: str, proposed: str) -> bool:
    script = f"""([right, proposed]) => {{
      const {{ findHits }} = {as_elements_expression()};
      const hits = findHits(right);
      const [first] = findHits(proposed);
      return hits.includes(first) || hits.some((it) => it.localName === "fieldset" && it.contains(first));
    }}"""
    return bool(page.evaluate(script, [right, proposed]))


def test_finds_nothing_in_the_unchanged_app(chromium: Browser, app: str) -> None:
    report = verify(chromium, app, timeout_s=10.0)
    assert found_in(report) == {}
    assert report.count("ok") == sum(len(path.steps) for _, path in FILES.values())
    assert not any(path.notes for path in report.paths)


@pytest.mark.parametrize("change", QUICK, ids=lambda change: change.id)
def test_names_a_change_and_its_replacement(chromium: Browser, app: str, change: Change) -> None:
    finding = _finding(change, _verify(chromium, app, change))
    assert finding.remedies
    assert _is_right(chromium, app, change, finding.replacement)


@pytest.mark.slow
def test_names_all_changes_and_proposes_nine_in_ten_replacements(chromium: Browser, app: str) -> None:
    """With ``-s`` it prints a row for each change: named, right replacement, what was proposed."""
    named, right = [], []
    for change in CHANGES:
        report = _verify(chromium, app, change)
        finding = found_in(report).get(f"{change.path_id}:{change.step_id}")
        is_named = finding is not None and finding.kind == change.kind and report.findings == 1
        proposed = finding.replacement if finding else None
        is_right = is_named and _is_right(chromium, app, change, proposed)
        named += [change.id] if is_named else []
        right += [change.id] if is_right else []
        row = f"{change.id:<22}{change.kind:<11}{'named' if is_named else 'MISSED':<8}"
        sys.stdout.write(
            f"{row}{'right' if is_right else 'WRONG':<7}{proposed.selector if proposed else '-'}\n"
        )
    sys.stdout.write(f"named {len(named)} of {len(CHANGES)}, right replacement {len(right)}\n")
    assert len(named) == len(CHANGES)
    assert len(right) >= _RIGHT_REPLACEMENTS
