import { goldenPathOf } from "./draft.js";
import { action, part } from "./shield.js";

/** Saving is impossible here, or it failed. JSON is YAML, too, so the file can be used as it is. */
const ALONE = "The server hasn’t checked this draft. The file is complete, but plainer than the one that the server writes.";

/**
 * The finished path: as a file, on the clipboard, or in the studio.
 *
 * @param base - URL of the server's routes.
 */
export function createResult(session, base, announce) {
  const text = part("pre", { tabIndex: 0, dir: "ltr", role: "region", "aria-label": "The path’s file" });
  const note = part("p", { className: "about" });
  const studio = part("a", { target: "_blank", rel: "noopener", hidden: true }, "Open it in the studio");
  const save = action("Send to the studio", send);
  const buttons = part("div", { className: "buttons" }, action("Download", download, { className: "primary" }), action("Copy", copy), save);
  const element = part("div", { className: "view" }, note, buttons, studio, text);
  let sent;

  const fileOf = () => session.check.yaml || `${JSON.stringify(goldenPathOf(session.state.path), null, 2)}\n`;

  function download() {
    const url = URL.createObjectURL(new Blob([fileOf()], { type: "application/yaml" }));
    const link = part("a", { href: url, download: `${goldenPathOf(session.state.path).id}.yml` });
    // Not in the page, so no listener of the app hears the click.
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    announce("Downloaded. Put the file into your golden_paths folder.");
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(fileOf());
      announce("Copied.");
    } catch {
      text.focus();
      getSelection().selectAllChildren(text);
      announce("The browser doesn’t allow that here. The text is selected: copy it with the keyboard.");
    }
  }

  async function send() {
    save.disabled = true;
    const path = JSON.stringify(goldenPathOf(session.state.path));
    const { status, data } = await session.ask("save", { draft: JSON.parse(path) });
    save.disabled = false;
    if (status !== 200) return;
    sent = path;
    studio.href = new URL(data.studio, `${base}/`).href;
    announce(session.state.canWrite ? "Sent. The studio shows what changes, and can write the file." : "Sent. The studio shows what changes.");
    update();
  }

  function update() {
    const file = fileOf();
    if (text.textContent !== file) text.textContent = file;
    const { errors, yaml } = session.check;
    note.textContent = errors?.length ? "Some steps still need your attention: go back to see which." : yaml ? "" : ALONE;
    save.hidden = !session.state.key;
    studio.hidden = sent !== JSON.stringify(goldenPathOf(session.state.path));
  }

  return { element, update };
}
