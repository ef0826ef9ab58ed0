// "Record a path": opens a page of the app with the recorder, by a link that works once.

import { get, post } from "../api.js";
import { ask } from "../dialog.js";
import { h, replace } from "../dom.js";
import { say } from "../notice.js";

/** A button that asks for the page's address; `path` is a golden path to record again. */
export function recordButton(label, path) {
  return h("button", { type: "button", class: `button ${path ? "" : "button-primary"}`, onclick: () => record(label, path) }, label);
}

async function record(title, path) {
  const pages = h("datalist", { id: "recorded-pages" });
  const waiting = ask({
    title,
    text: ["It opens in a new tab with the recorder, where you go through the workflow.", pages],
    confirm: "Open the page",
    fields: [{ name: "page", label: "Address of the page where it begins", type: "url", required: true, list: pages.id }],
  });
  offerPages(pages, path);
  const given = await waiting;
  if (!given) return;
  // Now, because browsers allow it only as the answer to a click.
  const tab = open("about:blank", "_blank");
  if (tab) tab.opener = null;
  try {
    const { link } = await post("recorder/links", { page: given.page, path_id: path?.path_id });
    if (tab) tab.location.replace(link);
    else await ask({ title: "The browser opened no tab", text: h("a", { href: link, target: "_blank", rel: "noreferrer" }, "Open the page"), confirm: "Done" });
  } catch (problem) {
    tab?.close();
    say(`${problem.message} ${problem.remedy}`);
  }
}

/** Offer the pages that were seen in the traffic, those of the path first. */
async function offerPages(list, path) {
  const { captured = {} } = await get("rules/vocabulary").catch(() => ({}));
  const seen = (captured.page ?? []).map(({ word }) => word).filter((page) => /^http(?!.*\/:)/.test(page));
  const isOwn = (page) => page.includes(path?.page || "\n");
  replace(list, seen.sort((one, other) => isOwn(other) - isOwn(one)).map((value) => h("option", { value })));
}
