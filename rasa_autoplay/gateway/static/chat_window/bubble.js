import { make } from "../dom.js";
import { renderMarkdown } from "../markdown.js";

/** The payload of "Show me on the page" under an explanation. That button stays in use, however the talk goes on. */
const TOUR = "/autoplay_show_me";

/**
 * Show one message.
 *
 * @param message - see conversation.js.
 * @param on - `press(button)`, `retry(message)`, and `grow()` after a picture has arrived.
 * @returns `{row, update(message, isPast, isOnline)}`; `isPast` says whether the user has written since then.
 */
export function createBubble({ bot, text }, texts, on) {
  const row = make("div", `row ${bot ? "bot" : "user"}`);
  const name = bot ? texts.chatTitle : texts.chatYou;
  row.append(make("span", "sr", `${name}: `));
  let replies;
  if (bot) {
    if (bot.text) row.append(make("div", "bubble", ...renderMarkdown(bot.text)));
    row.append(...pictures(bot.images, texts, on));
    row.append(...bot.cards.map((card) => renderCard(card, texts, on)), ...bot.files.map((it) => renderFile(it, texts)));
    replies = buttonRow(bot.buttons, on);
    row.append(replies);
  } else {
    const bubble = make("div", "bubble plain", text);
    bubble.dir = "auto";
    row.append(bubble);
  }
  const note = make("div", "note");
  row.append(note);
  let shown = "";

  function update(message, isPast, isOnline) {
    for (const button of replies?.children || []) button.hidden = isPast && "reply" in button.dataset;
    const state = message.state === "failed" ? "failed" : message.state === "waiting" && !isOnline ? "waiting" : "";
    if (state === shown) return;
    shown = state;
    note.replaceChildren();
    if (state === "waiting") note.append(texts.chatWaiting);
    if (state !== "failed") return;
    const retry = make("button", "link", texts.retry);
    retry.type = "button";
    retry.onclick = () => on.retry(message);
    note.append(`${texts.chatFailed} `, retry);
  }
  return { row, update };
}

function renderCard({ title, text, image, url, buttons }, texts, on) {
  const card = make("div", "bubble piece", ...pictures(image ? [image] : [], texts, on, title));
  if (title) card.append(url ? link(url, title) : make("b", "", title));
  if (text) card.append(...renderMarkdown(text));
  card.append(buttonRow(buttons, on));
  card.dir = "auto";
  return card;
}

function renderFile({ url, title }, texts) {
  const file = make("div", "bubble", link(url, title || texts.chatFile));
  file.dir = "auto";
  return file;
}

/** A picture that the page's Content-Security-Policy does not allow becomes a link. */
function pictures(sources, texts, on, title) {
  return sources.map((source) => {
    const picture = make("img", "");
    picture.alt = title || texts.chatImage;
    picture.referrerPolicy = "no-referrer";
    picture.onload = on.grow;
    const place = link(source, "");
    place.className = "picture";
    picture.onerror = () => {
      place.className = "bubble";
      place.replaceChildren(title || texts.chatImage);
    };
    picture.src = source;
    place.append(picture);
    return place;
  });
}

function buttonRow(buttons, on) {
  const row = make("div", "replies");
  row.append(
    ...buttons.map((button) => {
      if (button.url) return link(button.url, button.title);
      const element = make("button", "", button.title);
      element.type = "button";
      element.dir = "auto";
      if (!button.payload.startsWith(TOUR)) element.dataset.reply = "";
      element.onclick = () => on.press(button);
      return element;
    }),
  );
  return row;
}

/** Browsers open no pictures that are part of their address. */
function link(url, title) {
  const element = make("a", "", title);
  if (!url.startsWith("data:")) element.href = url;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  return element;
}
