// Export and delete a user. Both are recorded in the log of changes.

import { at, get, post } from "./api.js";
import { h } from "./dom.js";
import { say } from "./notice.js";
import { askWho, attempt, download } from "./operators.js";

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
  const given = await askWho({
    title: "Export this user's data?",
    text: `You get everything that is stored about ${user}, as JSON. The log of changes records that you exported it.`,
    confirm: "Export",
    why: "none",
  });
  if (!given) return;
  await attempt(async () => {
    const data = await get(at`users/${product}/${user}/export`, { by: given.by }, { signal });
    download(`${user.replace(/[^\w.@-]+/g, "_")}.json`, JSON.stringify(data, null, 2));
    say("Exported.");
  });
}

async function deleteUser(product, user, signal, onDeleted) {
  const given = await askWho({
    title: "Delete this user's data?",
    text: `Sessions, memory, offers, answers such as “Never”, chats and recordings of ${user} are deleted. This cannot be undone. If they are using the app, they continue as a new user.`,
    confirm: "Delete",
    danger: true,
    why: "none",
    help: "For the log of changes, which names the user by a fingerprint only.",
  });
  if (!given) return;
  await attempt(async () => {
    const { deleted, fingerprint } = await post(at`users/${product}/${user}/delete`, { by: given.by }, { signal });
    const counts = Object.entries(deleted).filter(([, count]) => count).map(([name, count]) => `${count} ${name}`);
    say(`Deleted ${counts.join(", ") || "nothing"}. The log of changes names the user ${fingerprint}.`);
    onDeleted();
  });
}
