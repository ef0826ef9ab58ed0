// What operators do: who does it and why, what failed, and files to take away.

import { ask } from "./dialog.js";
import { h } from "./dom.js";
import { say } from "./notice.js";

/** The name that colleagues see. It is no secret, so this browser remembers it. */
const NAME = "autoplay-studio-name";

/**
 * Ask before something is done that the log of changes records.
 *
 * @param why whether a reason is `needed` or `optional`; `none` asks for none.
 * @param help about the name.
 * @param question as for `ask`.
 * @return `{by, why}`, or null if the person cancels.
 */
export async function askWho({ why = "optional", help = "This browser remembers it.", ...question }) {
  const isNeeded = why === "needed";
  const reason = { name: "why", label: isNeeded ? "Why?" : "Why? (optional)", required: isNeeded, help: "Your colleagues read it in the log of changes." };
  const name = { name: "by", label: "Your name", value: remembered(), required: true, help };
  const given = await ask({ ...question, fields: why === "none" ? [name] : [reason, name] });
  if (given) remember(given.by);
  return given;
}

/** Do something; if it fails, say why and what to do. */
export async function attempt(work) {
  try {
    await work();
  } catch (problem) {
    if (problem.name !== "AbortError") say(`${problem.message} ${problem.remedy ?? ""}`);
  }
}

/** Let the browser save a text as a file. */
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = h("a", { download: name });
  link.href = url;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function remembered() {
  try {
    return localStorage.getItem(NAME) ?? "";
  } catch {
    return "";
  }
}

function remember(name) {
  try {
    localStorage.setItem(NAME, name);
  } catch {
    // No storage: it is asked for again.
  }
}
