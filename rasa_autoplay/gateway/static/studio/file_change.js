// A change of a file: its diff, and the question of who writes it.

import { h } from "./dom.js";
import { askWho } from "./operators.js";

/** A unified diff without its head; `nothing` is shown if it is empty. */
export function diffOf(diff, nothing, label = "Diff") {
  const lines = diff.split("\n").slice(2, -1);
  if (!lines.length) return h("p", { class: "soft" }, nothing);
  return h("pre", { class: "diff", tabindex: "0", role: "region", "aria-label": label }, lines.map((line) => h("span", { class: classOf(line) }, `${line}\n`)));
}

/** Ask who writes, and why; colleagues read both in the log of changes. Returns `{by, why}`, or null. */
export function askWhoWrites(file) {
  return askWho({ title: `Write into ${file}?`, text: "The engine loads it within a second.", confirm: "Write" });
}

function classOf(line) {
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return line.startsWith("@@") ? "place" : "";
}
