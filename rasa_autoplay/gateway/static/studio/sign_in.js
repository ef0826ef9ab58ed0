// The form that asks for the admin key. The key goes to the server once; no script stores it.

import { BASE, post } from "./api.js";
import { h, replace } from "./dom.js";

/** Show the form. `problem` has the message and the remedy of why it is shown; `done` gets the session. */
export function showSignIn(root, problem, done) {
  const key = h("input", {
    id: "key",
    type: "password",
    class: "input",
    autocomplete: "current-password",
    required: true,
    "aria-describedby": "key-help sign-in-problem",
  });
  const complaint = h("p", { id: "sign-in-problem", class: "sign-in-problem", role: "alert" });
  const button = h("button", { class: "button button-primary" }, "Sign in");
  const form = h(
    "form",
    { class: "sign-in card", onsubmit: submit },
    h("img", { src: new URL("icon.svg", import.meta.url).href, alt: "", width: 40, height: 40 }),
    h("h1", null, "Studio"),
    h("p", { class: "soft" }, "See why your copilot speaks, why it stays silent, and whether it helps."),
    // So that password managers know whose key it is.
    h("input", { type: "text", autocomplete: "username", value: "operator", hidden: true, "aria-hidden": "true" }),
    h("label", { for: "key" }, "Admin key"),
    key,
    h("p", { id: "key-help", class: "soft small" }, "It is ", h("code", null, "admin_key"), " in credentials.yml. Or run ", h("code", null, "rasa-autoplay studio"), ", which signs you in."),
    complaint,
    button,
  );
  const explain = (refusal) => replace(complaint, refusal && [refusal.message, refusal.remedy && ` ${refusal.remedy}`]);

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    explain(null);
    try {
      const session = await post("studio/sign-in", { key: key.value, path: BASE });
      key.value = "";
      done(session);
    } catch (refusal) {
      explain(refusal.status === 429 ? { message: "Too many wrong keys.", remedy: "Wait a minute, then try again." } : refusal);
      key.select();
    } finally {
      button.disabled = false;
    }
  }

  explain(problem);
  document.title = "Sign in · Studio";
  replace(root, h("main", { class: "sign-in-page" }, form));
  key.focus();
}
