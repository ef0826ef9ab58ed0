// A change of a file: its diff, and the question of who writes it.

import { ask } from "../dialog.js";
import { h } from "../dom.js";
import { remember, rememberedName } from "./trigger_pause.js";

/** A unified diff without its head. */
export function diffOf(diff, nothing) {
  const lines = diff.split("\n").slice(2, -1);
  if (!lines.length) return h("p", { class: "soft" }, nothing);
  return h("pre", { class: "diff", tabindex: "0", role: "region", "aria-label": "Diff" }, lines.map((line) => h("span", { class: classOf(line) }, `${line}\n`)));
}

/** Ask who writes, and why; colleagues read both in the log of changes. Returns `{by, why}`, or null. */
export async function askWhoWrites(file) {
  const given = await ask({
    title: `Write into ${file}?`,
    text: "The engine loads it within a second.",
    confirm: "Write",
    fields: [
      { name: "by", label: "Your name", value: rememberedName(), required: true, help: "Your colleagues read it in the log of changes." },
      { name: "why", label: "Why? (optional)" },
    ],
  });
  if (given) remember(given.by);
  return given;
}

function classOf(line) {
  if (line.startsWith("+")) return "added";
  if (line.startsWith("-")) return "removed";
  return line.startsWith("@@") ? "place" : "";
}
