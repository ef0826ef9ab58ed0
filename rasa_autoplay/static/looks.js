/**
 * What the host app can set as `--autoplay-…`, on `:root` for example, with the defaults for light and dark.
 * There are also `--autoplay-font`, `--autoplay-radius` and `--autoplay-z-index`.
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

/** Give an element the colours that what is in it uses. */
export function paint({ style }, theme) {
  const isDark = theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
  for (const name in COLOURS) style.setProperty(`--${name}`, `var(--autoplay-${name},${COLOURS[name][+isDark]})`);
}

const SHARED = `box-sizing:border-box;background:var(--background);color:var(--text);border:1px solid var(--border);box-shadow:var(--shadow);border-radius:var(--autoplay-radius,16px);font:400 15px/1.5 var(--autoplay-font,system-ui,sans-serif)`;
const FILLED = `border-color:#0000;background:var(--accent);color:var(--on-accent)`;
const STAR = "M10 0Q11 9 20 10 11 11 10 20 9 11 0 10 9 9 10 0";
const FOCUS = `button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}`;

/** Inside the toast's shadow root. `idle` hides from the eye only: what it says is still heard. */
export const TOAST_CSS = `
:host{all:initial}
.dock{position:fixed;z-index:var(--autoplay-z-index,2147483000);display:flex;justify-content:end;width:376px;max-width:calc(100vw - 24px);pointer-events:none}
.idle,.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.rest{display:contents}
.card,.pill{${SHARED};pointer-events:auto}
.card{display:grid;grid-template-columns:36px 1fr 28px;column-gap:12px;width:100%;max-height:inherit;overflow:auto;padding:18px 16px 12px 18px}
.card:before,.card:after{content:"";grid-area:1/1;height:36px;border-radius:11px;background:var(--hover)}
.card:after,.pill button:before{content:"";width:20px;height:20px;margin:8px;background:var(--accent);clip-path:path("${STAR}")}
.text{grid-area:1/2;align-self:center;overflow-wrap:anywhere;white-space:pre-line}
button{all:unset;cursor:pointer;text-align:center;border-radius:10px}
button:hover{background:var(--hover)}
${FOCUS}
[hidden]{display:none}
.close{grid-area:1/3;height:28px;margin-top:-6px;font-size:21px;line-height:26px}
.actions,.quiet{grid-column:1/-1;display:flex;flex-wrap:wrap;gap:8px;font-size:14px}
.actions{margin:16px 2px 8px 0;font-weight:600}
.card .actions button{flex:1;padding:9px 14px;border:1px solid var(--border)}
.card .actions :not([hidden],:not([hidden])~*){${FILLED}}
.quiet{justify-content:space-between;margin:0 -8px;font-size:13px}
.quiet button{padding:5px 10px}
.quiet button,.close{color:var(--muted)}
.pill,.pill *{border-radius:99px;margin:0}
.pill button{display:flex;padding:2px 18px 2px 6px;line-height:36px}
@keyframes rise{from{opacity:0;transform:translateY(14px)}}
@media(prefers-reduced-motion:no-preference){.card,.pill{animation:rise .35s cubic-bezier(.2,.9,.25,1)}}`;

/**
 * The page's while a tour runs. driver.js' overlay would take all clicks, but a step such as "choose in this
 * toolbar" needs more than the one element.
 */
export const TOUR_CSS = `
.driver-overlay,.driver-overlay *{pointer-events:none!important}
.driver-popover.rasa-autoplay{${SHARED};max-width:min(320px,100vw - 24px);padding:18px;overflow-wrap:anywhere}
.rasa-autoplay .driver-popover-title{font-size:16px;padding-right:20px}
.rasa-autoplay :is(.driver-popover-progress-text,.driver-popover-close-btn){color:var(--muted)}
.rasa-autoplay .driver-popover-next-btn{${FILLED}!important;padding:7px 16px;font-size:14px;font-weight:600;text-shadow:none}
.rasa-autoplay ${FOCUS}
.rasa-autoplay .driver-popover-arrow{opacity:0}`;
