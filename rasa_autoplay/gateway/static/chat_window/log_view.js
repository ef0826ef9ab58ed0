import { attempt, make } from "../dom.js";
import { createBubble } from "./bubble.js";
import { iconButton } from "./icons.js";

/** A pause of this length gets the time of day. */
const GAP_MS = 30 * 60000;
/** So close to its end, the list follows new messages. */
const NEAR_PX = 80;

/**
 * The list of messages. It follows new messages while its end is in sight, and shows a long answer from its beginning.
 *
 * @param on - see bubble.js.
 * @returns `{element, list, show(view), toEnd()}`; see `show`.
 */
export function createLog(texts, language, on) {
  const welcome = make("p", "welcome", texts.chatWelcome);
  const typing = make("div", "typing", make("i", ""), make("i", ""), make("i", ""));
  typing.ariaHidden = "true";
  const list = make("div", "list", welcome, typing);
  list.role = "log";
  list.tabIndex = 0;
  list.ariaLabel = texts.chatMessages;
  const down = iconButton("down", "down", texts.chatUnread, () => toEnd());
  const element = make("div", "log", list, down);
  const bubbles = new Map();
  let isFollowing = true;
  const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;

  list.onscroll = () => {
    isFollowing = isAtEnd();
    if (isFollowing) down.hidden = true;
  };
  down.hidden = true;

  function toEnd() {
    list.scrollTop = list.scrollHeight;
    down.hidden = true;
    isFollowing = true;
  }

  /**
   * @param view - `messages`; `isOnline`; `isTyping`, whether the bot is about to say something; and `isOld`, whether the
   *   messages are from before: then screen readers do not read them.
   */
  function show({ messages, isOnline, isTyping, isOld }) {
    list.ariaLive = isOld ? "off" : "polite";
    const wasFollowing = isFollowing;
    const known = new Set(messages.map(({ id }) => id));
    for (const [id, { row }] of bubbles) {
      if (known.has(id)) continue;
      row.remove();
      bubbles.delete(id);
    }
    const lastOwn = messages.findLastIndex((it) => !it.bot);
    let first, isOwn, before;
    messages.forEach((message, index) => {
      let bubble = bubbles.get(message.id);
      if (!bubble) {
        bubble = createBubble(message, texts, { ...on, grow: () => isFollowing && toEnd() });
        bubbles.set(message.id, bubble);
        if (!(message.at - before?.at < GAP_MS)) bubble.row.prepend(timeOf(message.at, language));
        list.insertBefore(bubble.row, typing);
        first ||= bubble.row;
        isOwn ||= !message.bot;
      }
      bubble.update(message, index < lastOwn, isOnline);
      bubble.row.classList.toggle("more", Boolean(before && !before.bot === !message.bot));
      before = message;
    });
    welcome.hidden = messages.length > 0;
    const typed = !typing.hidden;
    typing.hidden = !isTyping;
    if (first && (wasFollowing || isOwn)) {
      toEnd();
      if (!isOld) list.scrollTop = Math.min(list.scrollTop, first.offsetTop - 16);
    } else if (first) down.hidden = false;
    else if (isTyping && !typed && wasFollowing) toEnd();
  }

  return { element, list, show, toEnd };
}

function timeOf(at, language) {
  const day = new Date(at);
  const isToday = day.toDateString() === new Date().toDateString();
  const style = { timeStyle: "short", ...(!isToday && { dateStyle: "medium" }) };
  const format = (tag) => attempt(() => new Intl.DateTimeFormat(tag, style).format(day));
  return make("div", "time", format(language) || format());
}
