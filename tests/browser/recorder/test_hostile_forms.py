"""What a user typed or chose never shows, whatever the page does with it."""

from __future__ import annotations

import json
import string
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from browser.recorder.elements_page import ElementsPage

#: Fields, and how the user's text gets into each.
TYPED = {
    "text": "<input id=f{n} aria-label='Field {n}'>",
    "default": "<label for=f{n}>Field {n}</label><input id=f{n} value='{secret}'>",
    "password": "<label>Password <input type=password id=f{n} name=pw></label>",
    "shown password": "<input type=password id=f{n} class=shown title=Password>",
    "one-time code": "<input id=f{n} autocomplete=one-time-code inputmode=numeric>",
    "card": "<input id=f{n} autocomplete='billing cc-number' name=cardnumber placeholder='Card number'>",
    "hidden": "<input type=hidden id=f{n} name=csrf>",
    "textarea": "<label>Notes<textarea id=f{n}>{secret}</textarea></label>",
    "editor": "<div contenteditable id=f{n} role=textbox aria-label=Message></div>",
    "rich editor": "<div contenteditable=true class=ProseMirror id=f{n}><p>before</p></div>",
    "plain editor": "<p contenteditable=plaintext-only id=f{n} aria-label=Title></p>",
    "select": "<label>Plan <select id=f{n}><option>Free<option selected>{secret}</select></label>",
    "multiple": "<select multiple id=f{n} aria-label=Tags><option>a<option selected>{secret}</select>",
    "combobox": "<button role=combobox id=f{n} aria-label=Owner aria-expanded=false>{secret}</button>",
    "listbox": "<ul role=listbox aria-label=Owner><li role=option id=f{n} tabindex=0>{secret}</li></ul>",
    "forbidden": "<div class=ph-no-capture><button id=f{n} title='{secret}'>{secret}</button></div>",
    "sensitive": "<section class=ph-sensitive><button id=f{n}>{secret}</button></section>",
    "private": "<div data-private><a href='/x' id=f{n}>{secret}</a></div>",
    "file": "<input type=file id=f{n} aria-label=Photo>",
    "shadow": "<x-in id=f{n}><template shadowrootmode=open><input value='{secret}'></template></x-in>",
}
#: Where pages repeat what was typed, beside the field's value.
MIRRORS = {
    "aria-label": "field.setAttribute('aria-label', `Field: ${secret}`)",
    "aria-valuetext": "field.setAttribute('aria-valuetext', secret)",
    "title": "field.title = secret",
    "value attribute": "field.setAttribute('value', secret)",
    "placeholder": "field.setAttribute('placeholder', secret)",
    "data": "field.dataset.value = field.dataset.title = field.dataset.label = secret",
    "label": "field.before(make('label', { htmlFor: field.id, textContent: `Hint: ${secret}` }))",
    "label's title": "field.parentElement.title = secret",
    "described": "field.after(make('p', { textContent: `You wrote “${secret}”.` }))",
    "button": "field.after(make('button', { textContent: `Save ${secret}` }))",
    "alt": "field.after(make('img', { alt: secret }))",
    "heading": "field.before(make('h2', { innerText: secret }))",
    "form's name": "field.parentElement.setAttribute('aria-label', `About ${secret}`)",
}
#: Mirrors in the element itself. Texts that are chosen or marked, not typed, are known there only.
OWN = frozenset({"aria-label", "aria-valuetext", "title", "placeholder", "data"})
NOT_TYPED = frozenset({"select", "multiple", "combobox", "listbox", "forbidden", "sensitive", "private"})
#: Mirrors of texts that are no ordinary words: identifiers may contain such a word by chance.
IDENTIFYING = {
    "id": "field.parentElement.id = `row-${secret}`",
    "test id": "field.dataset.testid = `field-${secret}`",
    "class": "field.classList.add(`for-${secret.replaceAll(/\\s/g, '')}`)",
    "name": "field.setAttribute('name', secret)",
    "link": "field.after(make('a', { href: `/find/${secret}?q=${secret}`, textContent: 'x' }))",
}


@dataclass(frozen=True)
class Field:
    """A field of a form.

    Args:
        kind: a key of ``TYPED``.
        secret: what the user typed.
        mirrors: keys of ``MIRRORS`` and ``IDENTIFYING``.
    """

    kind: str
    secret: str
    mirrors: frozenset[str] = field(default_factory=frozenset)


#: Texts that occur nowhere in the forms themselves.
secrets = st.one_of(
    st.text(string.ascii_letters, min_size=8, max_size=14).map(lambda text: f"Zq{text}"),
    st.text(string.ascii_letters + string.digits + "-_.@/ ", min_size=4, max_size=16).map(
        lambda text: f"q7Z{text.strip()}Q9"
    ),
    st.from_regex(r"4[0-9]{3} [0-9]{4} [0-9]{4} [0-9]{4}", fullmatch=True),
    st.sampled_from(
        ["ada@example.com", "hunter2!", "+49 170 1234567", "Straße 7", "q7z", "秘密の言葉9", "a\\3e b9Q"]
    ),
)


@st.composite
def fields(draw: st.DrawFn) -> Field:
    """A field with a secret that is long enough for its mirrors."""
    secret = draw(secrets)
    kind = draw(st.sampled_from(sorted(TYPED)))
    names = [*MIRRORS, *([] if secret.isalpha() else IDENTIFYING)] if len(secret) > 3 else []
    names = sorted(OWN) if kind in NOT_TYPED else names
    mirrors = draw(st.frozensets(st.sampled_from(names), max_size=4)) if names else frozenset()
    return Field(kind, secret.replace("/", "-") if kind == "file" else secret, mirrors)


FILL = """
const make = (tag, content) => Object.assign(document.createElement(tag), content);
for (const [n, secret, mirrors] of argument) {
  const field = one(`#f${n}`);
  if (field.matches("input:not([type=file]),textarea")) field.value = secret;
  if (field.type === "file") {
    const files = new DataTransfer();
    files.items.add(new File(["x"], secret));
    field.files = files.files;
  }
  if (field.isContentEditable) field.append(secret);
  if (field.matches(".shown")) field.type = "text";
  for (const code of mirrors) new Function("field", "secret", "make", code)(field, secret, make);
}
const inside = (root) =>
  [...root.querySelectorAll("*")].flatMap((it) => [it, ...inside(it.shadowRoot || make("p"))]);
const said = () => {
  const texts = inside(document.body).map((it) => JSON.stringify([
    elements.describe(it),
    elements.rankedSelectors(it),
    ["click", "change", "submit"].map((act) => elements.capturedEvent(act, it)),
  ]));
  const similar = elements.mostSimilar({ selector: "#gone", label: "Save field message", title: "Save" });
  return [...texts, JSON.stringify(similar.map(({ selector, label }) => [selector, label]))];
};
const before = said();
// Apps clear a form when it was sent, and what they made of it stays.
for (const field of document.querySelectorAll("input,textarea")) field.value = "";
for (const field of document.querySelectorAll("[contenteditable]")) field.textContent = "";
return [...before, ...said()];
"""


def check(elements: ElementsPage, form: list[Field]) -> None:
    """Show a form, fill it in, and look for its secrets in all that is said of all elements."""
    if not elements.is_shown:
        elements.show("")
    kinds = [TYPED[each.kind].format(n=n, secret=each.secret) for n, each in enumerate(form)]
    elements.replace("".join(f"<form>{kind}</form>" for kind in kinds))
    codes = {**MIRRORS, **IDENTIFYING}
    plan = [(n, each.secret, [codes[name] for name in sorted(each.mirrors)]) for n, each in enumerate(form)]
    texts = elements.run(FILL, plan)
    assert len(texts) > len(form)
    for text in texts:
        for each in form:
            assert each.secret not in text, each
            assert json.dumps(each.secret, ensure_ascii=False)[1:-1] not in text, each


def test_secrets_would_be_found(elements: ElementsPage) -> None:
    """The mirrors work: a text that nobody typed does show."""
    elements.show("<form><input id=f0></form>")
    codes = {**MIRRORS, **IDENTIFYING}
    hidden = {"aria-valuetext", "value attribute", "described", "label's title"}  # not said of any element
    for name, code in codes.items():
        elements.replace("<form><button id=f0>x</button></form>")
        texts = elements.run(FILL, [(0, "Zanzibar", [code])])
        assert any("Zanzibar" in text for text in texts) or name in hidden, name


def test_finds_long_words_inside_others_and_short_ones_only_as_words(elements: ElementsPage) -> None:
    """Short words would hide many controls: who types "edit" must still see "Credits"."""
    elements.show(
        "<input value=edit><input value=Zanzibar>"
        "<button id=a>Credits</button><button id=b>Edit</button><button id=c>Please edit it</button>"
        "<button id=d>SaveZanzibar2</button><button id=e class=forZanzibar>Zanzi</button>"
    )
    names = elements.run("return [...'abcde'].map((id) => elements.describe(one(`#${id}`)).name)")
    assert names == ["Credits", "Edit", "", "", "Zanzi"]
    assert elements.run("return elements.describe(one('#e')).classes") == ["forZanzibar"]


forms = st.lists(fields(), min_size=1, max_size=5)
suppressed = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=25, deadline=None, suppress_health_check=suppressed)
@given(forms)
@example([Field("text", "Zanzibar", frozenset(MIRRORS))])
@example([Field("combobox", "q7z", OWN), Field("select", "q8z", OWN)])
@example([Field("hidden", "tok-123456", frozenset([*MIRRORS, *IDENTIFYING]))])
@example([Field("editor", "q7Z and more", frozenset([*MIRRORS, *IDENTIFYING]))])
@example([Field("textarea", "ZqAAAAAA", frozenset({"alt", "button"}))])
def test_no_secret_shows(elements: ElementsPage, form: list[Field]) -> None:
    check(elements, form)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=suppressed)
@given(forms)
def test_no_secret_shows_in_many_forms(elements: ElementsPage, form: list[Field]) -> None:
    check(elements, form)
