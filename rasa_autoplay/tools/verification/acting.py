"""Does with a control what a step asks of users, with harmless values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rasa_autoplay.errors import AutoplayError

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle

__all__ = ["Act", "NotDone", "act_of", "perform"]

Act = Literal["click", "change", "submit"]

#: What is typed into a field, by its type. The names and addresses are reserved for examples.
_SAMPLES = {
    "email": "someone@example.com",
    "url": "https://example.com/",
    "tel": "+12025550100",
    "date": "2030-01-15",
    "month": "2030-01",
    "week": "2030-W03",
    "time": "09:30",
    "datetime-local": "2030-01-15T09:30",
    "color": "#336699",
    "number": "1",
    "range": "1",
}
_SAMPLE = "Sample"
#: In the order of preference: fields with limits get a value within them.
_FIELD = """(it) => {
  const { min, max, maxLength, value } = it;
  return { tag: it.localName, type: it.type || "", isEditable: it.isContentEditable,
           min: min || "", max: max || "", maxLength: maxLength > 0 ? maxLength : 0, isEmpty: !value,
           isReadOnly: !!it.readOnly };
}"""
_OTHER_OPTION = """(it) => {
  const fits = (option) => !option.disabled && !option.closest("optgroup[disabled]") && !option.selected;
  const found = [...it.options].find((option) => fits(option) && option.value) || [...it.options].find(fits);
  return found ? found.index : -1;
}"""


class NotDone(AutoplayError):
    """An act that is left out on purpose, or that cannot be done; the text says why."""


def act_of(tag: str, kind: str, role: str) -> Act:
    """Return what users do with an element.

    Args:
        tag: its tag.
        kind: its property ``type``.
        role: its ARIA role.
    """
    if tag == "form":
        return "submit"
    is_field = tag in ("textarea", "select") or (
        tag == "input"
        and kind not in ("button", "checkbox", "image", "radio", "reset", "submit", "file", "hidden")
    )
    return "change" if is_field or (role == "textbox" and tag not in ("button", "a")) else "click"


def perform(act: Act, element: ElementHandle, timeout_s: float, *, by_force: bool = False) -> None:
    """Do it.

    Args:
        act: as of :func:`act_of`.
        element: the control.
        timeout_s: how long to wait until it can be used.
        by_force: whether to click although something covers the control.

    Raises:
        NotDone: it is a password's field, or nothing can be chosen or filled in.
    """
    from playwright.sync_api import Error

    try:
        if act == "submit":
            element.evaluate("(it) => it.requestSubmit()")
        elif act == "change":
            _change(element, timeout_s)
        elif by_force:
            element.evaluate("(it) => it.click()")
        else:
            element.click(timeout=timeout_s * 1000)
    except Error as problem:
        # The rest of the message is a log, which repeats what was typed.
        raise NotDone(problem.message.splitlines()[0][:200]) from None


def _change(element: ElementHandle, timeout_s: float) -> None:
    field = element.evaluate(_FIELD)
    if field["type"] == "password":
        raise NotDone("passwords are never typed")
    if field["tag"] == "select":
        index = element.evaluate(_OTHER_OPTION)
        if index < 0:
            raise NotDone("there is no other option to choose")
        element.select_option(index=index, timeout=timeout_s * 1000)
        return
    if field["isReadOnly"]:
        element.click(timeout=timeout_s * 1000)
        return
    element.fill(_sample(field), timeout=timeout_s * 1000)
    # A field reports its change when it loses the focus.
    element.evaluate("(it) => it.blur()")


def _sample(field: dict[str, object]) -> str:
    kind = str(field["type"])
    value = _SAMPLES.get(kind, _SAMPLE)
    if kind in _SAMPLES and field["min"]:
        value = str(field["min"])
    elif kind in ("number", "range") and field["max"]:
        value = str(field["max"])
    longest = int(str(field["maxLength"]))
    return value[:longest] if longest and kind not in _SAMPLES else value
