// Boots the studio: signs in with the link's ticket, or asks for the key, then shows the screens.

import { BASE, post } from "./api.js";
import { showFrame } from "./frame.js";
import { showSignIn } from "./sign_in.js";
import { replace } from "./dom.js";

const RENEW_MS = 10 * 60_000;
let leave = () => {};

/** The ticket of a link that `rasa-autoplay studio` has made. It is removed from the URL and the history. */
function takeTicket() {
  const found = /^#ticket=([\w.-]+)$/.exec(location.hash);
  if (!found) return "";
  history.replaceState(null, "", "#/now");
  return found[1];
}

function signedIn(session) {
  leave();
  leave = showFrame(document.body, session, signOut);
}

function signedOut(problem) {
  leave();
  leave = () => {};
  showSignIn(document.body, problem, signedIn);
}

async function signOut() {
  await post("studio/sign-out").catch(() => {});
  signedOut();
}

async function boot() {
  const ticket = takeTicket();
  let problem;
  if (ticket) {
    try {
      signedIn(await post("studio/sign-in", { ticket, path: BASE }));
      return;
    } catch (refusal) {
      problem = refusal;
    }
  }
  try {
    const session = await post("studio/session");
    if (session.signed_in) signedIn(session);
    else signedOut(problem);
  } catch (failure) {
    signedOut(failure);
  }
}

addEventListener("studio:signed-out", () =>
  signedOut({ message: "Your session has ended.", remedy: "Sign in again." }),
);

// A session lasts as long as somebody uses the page, not as long as it is open.
let usedAt = Date.now();
let renewedAt = Date.now();
for (const event of ["pointerdown", "keydown", "hashchange"]) {
  addEventListener(event, () => {
    usedAt = Date.now();
    if (usedAt - renewedAt > RENEW_MS) {
      renewedAt = usedAt;
      post("studio/session").catch(() => {});
    }
  });
}

addEventListener("hashchange", () => {
  if (/^#ticket=/.test(location.hash)) boot();
});

replace(document.body);
boot();
