/**
 * What the host app can set as `--autoplay-…`, on `:root` for example, with the defaults for light and dark.
 * There are also `--autoplay-font`, `--autoplay-radius`, `--autoplay-width` and `--autoplay-z-index`.
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
export function paint(element, theme) {
  const isDark = theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
  for (const [name, values] of Object.entries(COLOURS)) {
    element.style.setProperty(`--${name}`, `var(--autoplay-${name}, ${values[+isDark]})`);
  }
}

const FONT = `400 15px/1.5 var(--autoplay-font,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif)`;

/** Inside the toast's shadow root. `idle` hides from the eye only: what it says is still heard. */
export const TOAST_CSS = `
:host{all:initial}
.dock{--radius:var(--autoplay-radius,16px);position:fixed;z-index:var(--autoplay-z-index,2147483000);display:flex;justify-content:end;width:var(--autoplay-width,376px);max-width:calc(100vw - 24px);pointer-events:none;font:${FONT};color:var(--text)}
.idle,.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.rest{display:contents}
.card,.pill button{pointer-events:auto;box-sizing:border-box;background:var(--background);border:1px solid var(--border);box-shadow:var(--shadow);animation:rise .35s cubic-bezier(.2,.9,.25,1)}
.card{display:grid;grid-template-columns:36px 1fr 28px;column-gap:12px;width:100%;max-height:inherit;overflow:auto;padding:18px 16px 12px 18px;border-radius:var(--radius)}
.text{grid-area:1/2;align-self:center;overflow-wrap:anywhere;text-wrap:pretty;white-space:pre-line}
.lamp{grid-area:1/1;display:grid;place-items:center;height:36px;border-radius:11px;background:var(--hover)}
svg{width:20px;fill:none;stroke:var(--accent);stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
button{all:unset;box-sizing:border-box;cursor:pointer;text-align:center;transition:background .15s}
button:hover{background:var(--hover)}
button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
[hidden]{display:none}
.close{grid-area:1/3;width:30px;height:30px;margin-top:-6px;border-radius:9px;font-size:21px;line-height:28px}
.actions,.quiet{grid-column:1/-1;display:flex;flex-wrap:wrap}
.actions{gap:8px;margin:16px 2px 8px 0}
.actions button{flex:1 1 auto;padding:9px 16px;border:1px solid var(--border);border-radius:calc(var(--radius) - 6px);font-weight:600;font-size:14px}
.actions .first{border-color:#0000;background:var(--accent);color:var(--on-accent)}
.actions .first:hover{filter:brightness(1.1)}
.quiet{justify-content:space-between;margin:0 -8px}
.quiet button{padding:5px 10px;border-radius:8px;font-size:13px}
.quiet button,.close{color:var(--muted)}
.pill button{display:flex;align-items:center;gap:8px;padding:9px 18px 9px 14px;border-radius:99px;font-size:14px;font-weight:600}
@keyframes rise{from{opacity:0;transform:translateY(14px)}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}`;

/**
 * The page's while a tour runs. driver.js' overlay would take all clicks, but a step such as "choose in this
 * toolbar" needs more than the one element.
 */
export const TOUR_CSS = `
.driver-overlay,.driver-overlay *{pointer-events:none!important}
.rasa-autoplay-tour.driver-popover{max-width:min(320px,100vw - 24px);padding:18px;border-radius:var(--autoplay-radius,16px);background:var(--background);color:var(--text);font:${FONT};box-shadow:var(--shadow)}
.rasa-autoplay-tour *{font-family:inherit!important;text-shadow:none!important}
.rasa-autoplay-tour .driver-popover-title{font-size:16px;padding-right:20px}
.rasa-autoplay-tour .driver-popover-description{font-size:15px;overflow-wrap:anywhere}
.rasa-autoplay-tour :is(.driver-popover-progress-text,.driver-popover-close-btn){color:var(--muted)}
.rasa-autoplay-tour .driver-popover-next-btn{padding:7px 16px;border:0;border-radius:9px;font-size:14px;font-weight:600;background:var(--accent)!important;color:var(--on-accent)}
.rasa-autoplay-tour button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.rasa-autoplay-tour .driver-popover-arrow{color:var(--background);border-color:currentColor}
.rasa-autoplay-tour .driver-popover-arrow-side-left{border-color:#0000 #0000 #0000 currentColor}
.rasa-autoplay-tour .driver-popover-arrow-side-right{border-color:#0000 currentColor #0000 #0000}
.rasa-autoplay-tour .driver-popover-arrow-side-top{border-color:currentColor #0000 #0000}
.rasa-autoplay-tour .driver-popover-arrow-side-bottom{border-color:#0000 #0000 currentColor}`;
