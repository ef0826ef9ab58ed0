import { FILLED, MARKDOWN, SHARED } from "../theme.js";

/** Styles inside the window's shadow root. On a phone, the window fills what the keyboard leaves of the screen. */
export const CHAT_CSS = `
:host{all:initial!important;display:block!important;position:fixed!important;inset-block-end:var(--offset)!important;inset-inline-end:var(--offset)!important;z-index:calc(var(--autoplay-z-index,2147483000) - 1)!important}
:host(.away){visibility:hidden!important}
.root{position:relative;font:400 15px/1.5 var(--autoplay-font,system-ui,sans-serif);color:var(--text)}
[hidden]{display:none!important}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
button,a,textarea{font:inherit;color:inherit}
button{all:unset;box-sizing:border-box;cursor:pointer}
:is(button,a,.list):focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.list:focus-visible{outline-offset:-2px}
svg{display:block;width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.launcher{display:grid;place-items:center;position:relative;width:56px;height:56px;border:1px solid #0000;border-radius:50%;${FILLED};box-shadow:var(--shadow)}
.launcher svg{width:28px;height:28px}
.launcher:hover{filter:brightness(1.08)}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;min-width:22px;box-sizing:border-box;padding:0 6px;border:2px solid var(--background);border-radius:99px;background:#c3261d;color:#fff;font-size:12px;font-weight:600;line-height:18px;text-align:center}
.window{${SHARED};display:flex;flex-direction:column;width:min(392px,calc(100vw - 2*var(--offset)));height:min(660px,calc(100vh - 2*var(--offset)));overflow:hidden}
header{display:flex;align-items:center;gap:4px;padding:10px;padding-inline:16px 10px;border-bottom:1px solid var(--border)}
.mark{display:grid;place-items:center;width:32px;height:32px;margin-inline-end:8px;border-radius:10px;background:var(--hover)}
.mark:before{content:"";width:20px;height:20px;background:var(--accent);clip-path:path("M10 0Q11 9 20 10 11 11 10 20 9 11 0 10 9 9 10 0")}
h2{flex:1;min-width:0;margin:0;font-size:16px;font-weight:600;line-height:36px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.icon{display:grid;place-items:center;width:36px;height:36px;border-radius:10px;color:var(--muted)}
.icon:hover{background:var(--hover);color:var(--text)}
.lost{display:flex;flex-wrap:wrap;gap:0 10px;justify-content:center;font-size:13px;color:var(--muted);background:var(--hover)}
.lost:not(:empty){padding:6px 16px}
.link{color:var(--accent);font-weight:600;text-decoration:underline;text-underline-offset:2px;border-radius:4px}
.log{position:relative;flex:1;min-height:0;display:flex}
.list{flex:1;min-width:0;overflow-y:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column}
.list:before{content:"";flex:1}
.welcome{margin:0 0 auto;color:var(--muted)}
.row{display:flex;flex-direction:column;align-items:flex-start;gap:6px;margin-top:14px;overflow-wrap:anywhere}
.row.more{margin-top:6px}
.user{align-items:flex-end}
.bubble{box-sizing:border-box;max-width:88%;min-width:0;padding:9px 14px;border-radius:16px;border:1px solid #0000;background:var(--hover)}
.bot .bubble{border-end-start-radius:5px}
.user .bubble{border-end-end-radius:5px;${FILLED}}
.plain{white-space:pre-wrap}
${MARKDOWN}
.bubble code{background:var(--background)}
.piece{width:88%;display:flex;flex-direction:column;gap:6px;background:none;border-color:var(--border)}
.picture{display:block;max-width:88%}
.piece .picture{max-width:100%}
img{display:block;max-width:100%;max-height:280px;border-radius:12px;border:1px solid var(--border);box-sizing:border-box;min-width:40px;min-height:40px}
.replies{display:flex;flex-wrap:wrap;gap:8px}
.replies:empty,.note:empty{display:none}
.replies>*{padding:7px 14px;border:1px solid var(--accent);border-radius:18px;color:var(--accent);font-size:14px;font-weight:600;line-height:1.4;text-decoration:none;max-width:100%;box-sizing:border-box}
.replies>:hover{background:var(--hover)}
.note,.time{font-size:12px;color:var(--muted)}
.time{align-self:center}
.typing{display:flex;gap:5px;align-self:flex-start;margin-top:14px;padding:15px 16px;border-radius:16px;border-end-start-radius:5px;background:var(--hover)}
i{width:7px;height:7px;border-radius:50%;background:var(--muted)}
.down{position:absolute;bottom:12px;left:50%;translate:-50%;display:grid;place-items:center;width:38px;height:38px;border-radius:50%;background:var(--background);border:1px solid var(--border);box-shadow:var(--shadow)}
.composer{display:flex;align-items:flex-end;gap:8px;position:relative;padding:12px;padding-bottom:max(12px,env(safe-area-inset-bottom));border-top:1px solid var(--border)}
textarea{flex:1;min-width:0;box-sizing:border-box;margin:0;padding:8px 14px;max-height:140px;resize:none;overflow-y:auto;border:1px solid var(--muted);border-radius:20px;background:var(--background);line-height:1.5;outline-offset:0}
textarea::placeholder{color:var(--muted);opacity:1}
textarea:focus-visible{outline:2px solid var(--accent);border-color:#0000;outline-offset:-1px}
.send{display:grid;place-items:center;flex:none;width:40px;height:40px;border-radius:50%;border:1px solid #0000;${FILLED}}
.send:disabled{background:var(--hover);color:var(--muted);cursor:default}
.count{position:absolute;inset-inline-end:64px;bottom:100%;font-size:12px;color:var(--muted);background:var(--background)}
@media(max-width:480px){:host(.rasa-autoplay-panel){inset:var(--top,0) 0 auto!important}.window{width:100vw;height:var(--height,100dvh);border:0;border-radius:0}textarea{font-size:16px}}
@media(forced-colors:active){.bubble,.typing,.send,.launcher{border:1px solid}i,.mark:before{background:CanvasText;forced-color-adjust:none}.send:disabled{color:GrayText}}
@media print{:host{display:none!important}}
@keyframes rise{from{opacity:0;transform:translateY(14px)}}
@keyframes blink{50%{opacity:.3}}
@media(prefers-reduced-motion:no-preference){.window,.launcher{animation:rise .25s cubic-bezier(.2,.9,.25,1)}i{animation:blink 1.2s infinite}i:nth-child(2){animation-delay:.2s}i:nth-child(3){animation-delay:.4s}}`;
