import { FILLED, FOCUS, SHARED } from "../theme.js";

/** `!important` rules in a shadow root win over all rules of the host app for its host element. */
export const PANEL_CSS = `
:host{all:initial!important;display:block!important;position:fixed!important;inset:0!important;z-index:2147483002!important;pointer-events:none!important;color-scheme:inherit!important}
@media print{:host{display:none!important}}
:host,:host *{box-sizing:border-box}
[hidden],.small :is(.view,.foot,.tools),.small .body>.notes{display:none!important}
.frame{${SHARED};position:fixed;bottom:16px;right:16px;width:368px;max-height:min(calc(100vh - 32px),640px);display:flex;flex-direction:column;font-size:14px;pointer-events:auto;overflow:hidden;overflow-wrap:anywhere}
.frame.left{right:auto;left:16px}
.head,.tools,.foot,.buttons,.row,.marks{display:flex;align-items:center;gap:6px}
.head{padding:12px 10px 10px 16px;cursor:grab;touch-action:none}
h2{flex:1;margin:0;font-size:15px;font-weight:600}
.tools,.foot{padding:0 16px 12px;flex-wrap:wrap}
.foot{padding-top:12px;border-top:1px solid var(--border)}
.dot{display:inline-block;width:8px;height:8px;margin-inline-end:8px;border-radius:9px;background:var(--muted)}
.dot.on{background:#d92d20}
.state{margin-inline-end:auto;color:var(--muted);font-size:13px}
.body{flex:1;min-height:0;overflow:auto;overscroll-behavior:contain}
.view{padding:0 16px 12px}
button,summary,.button{font:inherit;font-weight:500;color:inherit;cursor:pointer}
button{padding:6px 12px;border:1px solid var(--border);border-radius:10px;background:var(--background)}
button:hover:not(:disabled),summary:hover{background:var(--hover)}
button:disabled{opacity:.45;cursor:default}
button.primary{${FILLED}}
button.primary:hover{${FILLED};filter:brightness(1.1)}
button.icon{border-color:#0000;padding:2px;min-width:26px;min-height:26px;color:var(--muted);font-size:15px}
.grip{cursor:grab;touch-action:none}
${FOCUS}
:is(summary,input,textarea,a,pre):focus-visible{outline:2px solid var(--accent);outline-offset:1px}
ol,.notes{list-style:none;margin:0;padding:0}
.card{position:relative;margin:0 0 8px;padding:8px 10px;border:1px solid var(--border);border-radius:12px}
.card.now{border-color:var(--accent)}
.dragged{opacity:.5}
.before:before,.after:before{content:"";position:absolute;left:0;right:0;top:-6px;height:2px;background:var(--accent)}
.after:before{top:auto;bottom:-6px}
.row{gap:2px}
.number{min-width:18px;color:var(--muted);font-size:12px;text-align:center}
input:not([type]),textarea{width:100%;min-width:0;padding:6px 8px;border:1px solid color-mix(in srgb,var(--muted) 70%,var(--background));border-radius:8px;background:var(--background);color:inherit;font:inherit;font-size:14px}
textarea{field-sizing:content;min-height:34px;max-height:140px;resize:vertical}
input.title{flex:1;border-color:#0000;padding:3px 5px;font-weight:600}
input.title:hover{border-color:var(--border)}
::placeholder{color:var(--muted);opacity:1}
label{display:block;margin-top:8px;color:var(--muted);font-size:13px}
label :is(input:not([type]),textarea){display:block;margin-top:2px;color:var(--text)}
.marks{flex-wrap:wrap;gap:4px 14px}
.mark,.choice{display:flex;gap:6px;align-items:baseline;color:var(--text)}
:is(.mark,.choice) input{margin:0;accent-color:var(--accent)}
.choices{margin:10px 0 0;padding:0;border:0;min-width:0}
legend{padding:0;color:var(--muted);font-size:13px}
.choice{margin-top:4px}
code,pre{font:12px/1.5 ui-monospace,monospace}
code{padding:1px 4px;border-radius:5px;background:var(--hover);color:var(--text)}
pre{margin:12px 0 0;padding:10px;border:1px solid var(--border);border-radius:10px;white-space:pre-wrap}
.about,.empty{margin:4px 0 0;color:var(--muted);font-size:12.5px}
.empty{margin:4px 0 12px;font-size:14px}
.notes li{margin-top:6px;padding:5px 9px;border-radius:8px;border-inline-start:3px solid var(--accent);background:var(--hover);font-size:12.5px}
.path,.view>.notes{margin-bottom:10px}
.body>.notes{margin:0 16px 12px}
summary{padding:4px 2px;border-radius:8px;font-size:13px}
.path summary{font-size:14px;font-weight:600}
.card details{margin-top:2px}
.card summary{width:max-content;padding-inline-end:8px;color:var(--muted)}
a{color:var(--accent);display:block;margin-top:10px}
.buttons{flex-wrap:wrap;margin-top:8px}
.status{padding:0 16px;font-size:13px}
.status:not(:empty){padding-block:8px;border-top:1px solid var(--border)}
@media(max-width:480px){.frame,.frame.left{left:0;right:0;bottom:0;width:auto;translate:none!important;max-height:min(58vh,480px);border-radius:var(--autoplay-radius,16px) var(--autoplay-radius,16px) 0 0;border-width:1px 0 0}button.icon{min-width:32px;min-height:32px}}
@media(max-height:420px){.frame{bottom:4px;max-height:calc(100vh - 8px)}}
@media(forced-colors:active){.card,button{border:1px solid ButtonText}.dot{forced-color-adjust:none}}
@keyframes slide{from{opacity:0;transform:translateY(8px)}}
@media(prefers-reduced-motion:no-preference){.frame{animation:slide .25s}}`;
