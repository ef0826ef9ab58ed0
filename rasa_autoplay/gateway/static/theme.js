/**
 * The colours that the host app can override with `--autoplay-…`, for example on `:root`: defaults for light and dark.
 * It can also set `--autoplay-font`, `--autoplay-radius` and `--autoplay-z-index`.
 */
const COLOURS = {
  background: ["#fff", "#1b1e26"],
  text: ["#16181d", "#f3f4f7"],
  muted: ["#5a6170", "#a9b0be"],
  border: ["#e3e6ec", "#343946"],
  hover: ["#f2f3f8", "#292d38"],
  accent: ["#4038ca", "#a5a8ff"],
  "on-accent": ["#fff", "#14151f"],
  shadow: ["0 2px 6px #10182814,0 16px 40px -8px #10182840", "0 18px 44px -8px #000000b3"],
};

/** Set the colours on an element, for itself and its descendants. */
export function paint({ style }, theme) {
  const isDark = theme === "auto" ? isPageDark() : theme === "dark";
  const scheme = isDark ? "dark" : "light";
  if (style.colorScheme === scheme) return;
  style.colorScheme = scheme;
  for (const name in COLOURS) style.setProperty(`--${name}`, `var(--autoplay-${name},${COLOURS[name][+isDark]})`);
}

/** Whether the page is dark by its own `color-scheme`. If that allows both or says nothing, the system decides. */
function isPageDark() {
  const { body, head } = document;
  const { colorScheme } = getComputedStyle(body);
  const scheme = colorScheme === "normal" ? head.querySelector("meta[name=color-scheme]")?.content || "" : colorScheme;
  const [isDark, isLight] = ["dark", "light"].map((name) => scheme.includes(name));
  return isDark === isLight ? matchMedia("(prefers-color-scheme: dark)").matches : isDark;
}

/** For a shadow root: no rule of the host app reaches its content, and it is not printed. */
export const HOST = `:host{all:initial!important;position:fixed!important;z-index:var(--autoplay-z-index,2147483000)!important}@media print{:host{display:none!important}}`;
export const SHARED = `box-sizing:border-box;background:var(--background);color:var(--text);border:1px solid var(--border);box-shadow:var(--shadow);border-radius:var(--autoplay-radius,16px);font:400 15px/1.5 var(--autoplay-font,system-ui,sans-serif)`;
export const FILLED = `border-color:#0000;background:var(--accent);color:var(--on-accent)`;
export const FOCUS = `button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}`;
export const MARKDOWN = `:is(p,ul,ol){margin:0;white-space:pre-line}:is(p,ul,ol)+:is(p,ul,ol){margin-top:8px}:is(ul,ol){padding-inline-start:22px}code{font:.9em ui-monospace,monospace;padding:1px 4px;border-radius:5px;background:var(--hover)}a{color:var(--accent)}`;
