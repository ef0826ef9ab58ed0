// Export and delete a user. Both are recorded in the log of changes.

import { at, get, post } from "../api.js";
import { ask } from "../dialog.js";
import { h } from "../dom.js";
import { say } from "../notice.js";

/**
 * The buttons that export and delete a user.
 *
 * @param product the product's id.
 * @param user the user's id.
 * @param signal of the screen.
 * @param onDeleted is called after the user was deleted.
 */
export function userButtons({ product, user, signal, onDeleted }) {
  return [
    h("button", { type: "button", class: "button button-small", onclick: () => exportUser(product, user, signal) }, "Export"),
    h("button", { type: "button", class: "button button-small button-danger", onclick: () => deleteUser(product, user, signal, onDeleted) }, "Delete…"),
  ];
}

async function exportUser(product, user, signal) {
  const answer = await ask({
    title: "Export this user's data?",
    text: `You get everything that is stored about ${user}, as JSON. The log of changes records that you exported it.`,
    confirm: "Export",
    fields: [{ name: "by", label: "Your name", required: true }],
  });
  if (!answer) return;
  await attempt(async () => {
    const data = await get(at`users/${product}/${user}/export`, { by: answer.by }, { signal });
    download(`${user.replace(/[^\w.@-]+/g, "_")}.json`, JSON.stringify(data, null, 2));
    say("Exported.");
  });
}

async function deleteUser(product, user, signal, onDeleted) {
  const answer = await ask({
    title: "Delete this user's data?",
    text: `Sessions, memory, offers, answers such as “Never”, chats and recordings of ${user} are deleted. This cannot be undone. If they are using the app, they continue as a new user.`,
    confirm: "Delete",
    danger: true,
    fields: [{ name: "by", label: "Your name", required: true, help: "For the log of changes, which names the user by a fingerprint only." }],
  });
  if (!answer) return;
  await attempt(async () => {
    const { deleted, fingerprint } = await post(at`users/${product}/${user}/delete`, { by: answer.by }, { signal });
    const counts = Object.entries(deleted).filter(([, count]) => count).map(([name, count]) => `${count} ${name}`);
    say(`Deleted ${counts.join(", ") || "nothing"}. The log of changes names the user ${fingerprint}.`);
    onDeleted();
  });
}

async function attempt(work) {
  try {
    await work();
  } catch (problem) {
    if (problem.name !== "AbortError") say(`${problem.message} ${problem.remedy ?? ""}`);
  }
}

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = h("a", { download: name });
  link.href = url;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
