import { attempt, make } from "../dom.js";
import { addStyles } from "../styles.js";
import { CHAT_CSS } from "./chat_styles.js";
import { iconButton } from "./icons.js";

/** The host's classes. The first keeps posthog-js's autocapture away, as its documented configuration says. */
const CLASSES = "rasa-autoplay ph-no-capture";
/** Named by the options `launcher` and `panel`: the toast stands above the one, or beside the other. */
export const LAUNCHER_CLASS = "rasa-autoplay-launcher";
export const PANEL_CLASS = "rasa-autoplay-panel";
const COPILOT_OF_PAGE = Symbol.for("rasa-autoplay");

/**
 * The launcher and the window around the conversation, in a shadow root of their own.
 *
 * @param parts - the log's and the composer's elements, in order.
 * @param on - `open()`, `close()`, `retry()`.
 * @returns the elements, and functions that change them.
 */
export function createFrame(texts, offset, parts, on) {
  const badge = make("span", "badge");
  badge.ariaHidden = "true";
  const launcher = iconButton("launcher", "chat", texts.chatLauncher, on.open);
  launcher.append(badge);
  const title = make("h2", "", texts.chatTitle);
  title.tabIndex = -1;
  const tips = iconButton("icon", "tips", texts.chatTips, () => copilot()?.openTips());
  const lost = make("div", "lost");
  lost.role = "status";
  const header = make("header", "", make("span", "mark"), title, tips, iconButton("icon", "close", texts.chatClose, on.close));
  const frame = make("section", "window", header, lost, ...parts);
  frame.ariaLabel = texts.chatTitle;
  const root = make("div", "root", launcher, frame);
  if (texts.direction) root.dir = texts.direction;
  const news = make("div", "sr");
  news.role = "status";
  root.append(news);
  const host = make("rasa-autoplay-chat", CLASSES);
  host.style.setProperty("--offset", `${offset}px`);
  const shadow = host.attachShadow({ mode: "open" });
  addStyles(shadow, CHAT_CSS);
  shadow.append(root);
  let adapted;
  const copilot = () => attempt(() => window[COPILOT_OF_PAGE].copilot);

  function setOpen(isOpen) {
    launcher.hidden = isOpen;
    frame.hidden = !isOpen;
    host.classList.toggle(PANEL_CLASS, isOpen);
    host.classList.toggle(LAUNCHER_CLASS, !isOpen);
  }

  function setUnread(count) {
    badge.hidden = !count;
    badge.textContent = count > 9 ? "9+" : count || "";
    const text = count ? `${texts.chatUnread}: ${count}` : "";
    launcher.ariaLabel = [texts.chatLauncher, text].filter(Boolean).join(". ");
    if (news.textContent !== text) news.textContent = text;
  }

  function setLost(isLost) {
    if (isLost === Boolean(lost.firstChild)) return;
    lost.replaceChildren();
    if (!isLost) return;
    const retry = make("button", "link", texts.chatRetryNow);
    retry.type = "button";
    retry.onclick = on.retry;
    lost.append(make("span", "", texts.chatLost), retry);
  }

  /** Adapt to the page: its direction, and what a phone's keyboard leaves of the screen. */
  function adapt() {
    tips.hidden = !copilot()?.openTips;
    const { direction } = getComputedStyle(document.body || document.documentElement);
    const { height, offsetTop } = visualViewport || {};
    const next = `${direction} ${height} ${offsetTop}`;
    // A page may watch all changes of attributes.
    if (next === adapted) return;
    adapted = next;
    host.dir = direction;
    if (!height) return;
    host.style.setProperty("--height", `${height}px`);
    host.style.setProperty("--top", `${offsetTop}px`);
  }

  setOpen(false);
  setUnread(0);
  return { host, shadow, root, launcher, title, setOpen, setUnread, setLost, adapt };
}
