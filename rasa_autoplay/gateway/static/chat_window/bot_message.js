import { attempt } from "../dom.js";

/** Longer texts are cut: a page must stay usable, whatever a bot sends. */
const MAX_SHOWN = 20000;
const MAX_LABEL = 300;
const MAX_PARTS = 30;

/**
 * Read what Rasa sends as `bot_uttered`: a text with `quick_replies` or `buttons`, an `image`, an `attachment` (an image, a
 * file, or a template with elements), `elements`. What this window cannot show is ignored.
 *
 * @returns `{text, images, files, cards, buttons}`, or nothing if there is nothing to show. A card is
 *   `{title, text, image, url, buttons}`, a button `{title, payload}` or `{title, url}`.
 */
export function readBotMessage(data) {
  if (typeof data === "string") data = { text: data };
  if (!data || typeof data !== "object") return;
  const attached = data.attachment;
  const content = attached?.payload ?? attached;
  const message = {
    text: shownText(data.text),
    images: compact([safeUrl(data.image)]),
    files: [],
    cards: listOf(content?.elements ?? data.elements).map(readCard).filter(Boolean),
    buttons: readButtons(data.quick_replies ?? data.buttons),
  };
  const source = safeUrl(typeof attached === "string" ? attached : content?.src ?? content?.url);
  if (source && attached?.type === "image") message.images.push(source);
  else if (source) message.files.push({ url: source, title: label(content?.title ?? content?.name ?? attached?.type) });
  const { text, ...lists } = message;
  if (text || Object.values(lists).some((it) => it.length)) return message;
}

function readCard(element) {
  if (!element || typeof element !== "object") return;
  const card = {
    title: label(element.title),
    text: shownText(element.subtitle),
    image: safeUrl(element.image_url),
    url: safeUrl(element.default_action?.url),
    buttons: readButtons(element.buttons),
  };
  if (card.title || card.text || card.image) return card;
}

function readButtons(buttons) {
  return listOf(buttons).map(readButton).filter(Boolean);
}

function readButton(button) {
  const title = label(button?.title);
  const url = safeUrl(button?.url);
  if (url) return { title: title || url, url };
  const payload = shownText(button?.payload) || title;
  if (title || payload) return { title: title || payload, payload };
}

/** Rasa sends one element at a time; other servers send a list of them. */
const listOf = (value) => (Array.isArray(value) ? value : compact([value])).slice(0, MAX_PARTS);
const compact = (values) => values.filter(Boolean);
const shownText = (value) => {
  const text = typeof value === "string" ? value.trim() : "";
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} …` : text;
};
const label = (value) => (typeof value === "string" ? value.trim().slice(0, MAX_LABEL) : "");

/** The address if it is one of the web, or a picture in the address itself. */
function safeUrl(value) {
  const url = typeof value === "string" && value.length < 100000 && attempt(() => new URL(value, document.baseURI));
  if (url && (/^https?:$/.test(url.protocol) || /^data:image\//.test(url))) return url.href;
}
