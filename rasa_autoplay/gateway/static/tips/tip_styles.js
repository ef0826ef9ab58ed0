import { FILLED, FOCUS, HOST, MARKDOWN, SHARED } from "../theme.js";

export const TIPS_CSS = `
${HOST}
dialog{${SHARED};width:min(440px,100vw - 24px);max-height:calc(100dvh - 24px);margin:auto;padding:0 20px 20px;overflow:auto;overscroll-behavior:contain}
dialog::backdrop{background:#0006}
header{position:sticky;top:0;display:flex;justify-content:space-between;align-items:center;padding:14px 0 6px;background:inherit}
h2,h3,p,ul,ol{margin:0}
h2{font-size:18px}
h3{margin:18px 0 8px;font-size:13px;color:var(--muted)}
.list{padding:0;list-style:none;counter-reset:tip}
.list>li{padding:12px 0;border-top:1px solid var(--border);overflow-wrap:anywhere}
.tip{font-weight:600}
.note,summary{font-size:13px;color:var(--muted)}
details ol{padding-inline-start:22px;font-size:14px}
summary{cursor:pointer;width:fit-content}
${MARKDOWN}
.row{display:flex;flex-wrap:wrap;gap:8px;align-items:end;margin-top:8px}
button,input{font:inherit;font-size:14px;color:inherit;background:none;border:1px solid var(--border);border-radius:10px;padding:6px 12px}
button{cursor:pointer}
button:hover{background:var(--hover)}
button.main,button.main:hover{${FILLED};font-weight:600}
button.close{border-color:#0000;padding:0 8px;font-size:21px}
label{display:grid;font-size:13px;color:var(--muted)}
input{color:var(--text)}
${FOCUS}
:is(input,summary,a):focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@keyframes show{from{opacity:0;transform:translateY(14px)}}
@media(prefers-reduced-motion:no-preference){dialog{animation:show .25s}}`;
