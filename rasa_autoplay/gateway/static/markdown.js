import { attempt, make } from "./dom.js";

const ITEM = /^ {0,3}(?:[-*+]|(\d{1,4})[.)])\s+(.+)/;
/** An escaped character, code, bold text, or a link whose address may contain one level of parentheses. */
const INLINE = /\\([!-/:-@[-`{-~])|`([^`]+)`|\*\*(?=\S)(.+?)\*\*|\[([^[\]]+)\]\(((?:[^()\s]|\([^()\s]*\))+)\)/gs;

/**
 * Render the Markdown that bots and triggers use: paragraphs, lists, bold text, code and links. Everything else stays
 * as it is written. It builds elements and never parses HTML, so pages with Trusted Types allow it.
 *
 * @returns {Element[]} a `p`, `ul` or `ol` for each block. Each has its own text direction.
 */
export function renderMarkdown(text) {
  const blocks = [];
  let isApart;
  for (const line of text.split(/\r?\n/)) {
    const [, number, item] = ITEM.exec(line) || [];
    const tag = item ? (number ? "ol" : "ul") : "p";
    const last = blocks.at(-1);
    const isSameList = item && last?.tag === tag;
    // An indented line continues a list's last item, and any line the paragraph right above it.
    const isContinued = last && !item && (last.tag === "p" ? !isApart : /^\s/.test(line));
    isApart = !line.trim();
    if (isApart) continue;
    if (isSameList) last.texts.push(item);
    else if (isContinued) last.texts.push(`${last.texts.pop()}\n${line.trim()}`);
    else blocks.push({ tag, number, texts: [item || line] });
  }
  return blocks.map(renderBlock);
}

function renderBlock({ tag, number, texts }) {
  const contents = texts.map(renderInline);
  const block = make(tag, "", ...(tag === "p" ? contents[0] : contents.map((it) => make("li", "", ...it))));
  block.dir = "auto";
  if (number) block.start = number;
  return block;
}

function renderInline(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [source, escaped, code, bold, label, address] = found;
    nodes.push(text.slice(end, found.index));
    end = found.index + source.length;
    if (escaped) nodes.push(escaped);
    else if (code) nodes.push(make("code", "", code));
    else if (bold) nodes.push(make("b", "", ...renderInline(bold)));
    else nodes.push(...renderLink(renderInline(label), address));
  }
  return [...nodes, text.slice(end)];
}

/** Only http, https, mailto and relative addresses become links; otherwise the label alone is shown. */
function renderLink(label, address) {
  const url = attempt(() => new URL(address, document.baseURI));
  if (!["http:", "https:", "mailto:"].includes(url?.protocol)) return label;
  const link = make("a", "", ...label);
  link.href = url;
  if (url.origin !== location.origin) {
    link.target = "_blank";
    link.rel = "noopener";
  }
  return [link];
}
