import type { createCopilot } from "./autoplay.js";
import { CopilotError } from "./copilot_error.js";

/** What `autoplay.js` defines. */
export interface AutoplayScript {
  createCopilot: typeof createCopilot;
}

interface TrustedScripts {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** After this time without an answer, the script counts as failed. */
const TIMEOUT_MS = 30_000;
/** The scripts of this page, also of another copy of this package: `base` to what its script defines. */
const SCRIPTS = Symbol.for("rasa-autoplay-scripts");

let policy: { createScriptURL(url: string): string } | undefined;

/**
 * Load the server's own `autoplay.js`, once for each page. A script that failed is loaded again by the next call.
 *
 * @param base - URL of the copilot's routes on the Rasa server.
 * @param nonce - the nonce of the page's Content-Security-Policy.
 * @throws {@link CopilotError} if it does not load.
 */
export function loadAutoplay(base: string, nonce: string | undefined): Promise<AutoplayScript> {
  const page = window as { [SCRIPTS]?: Map<string, Promise<AutoplayScript>> };
  const scripts = (page[SCRIPTS] ??= new Map());
  const known = scripts.get(base);
  if (known) return known;
  const url = new URL(`${base.replace(/\/+$/, "")}/autoplay.js`, document.baseURI).href;
  const coming = loadScript(url, nonce, "autoplay.js").then(() => definedBy(url));
  scripts.set(base, coming);
  coming.catch(() => scripts.delete(base));
  return coming;
}

function definedBy(url: string): AutoplayScript {
  const { rasaAutoplay } = window as { rasaAutoplay?: AutoplayScript };
  if (rasaAutoplay?.createCopilot) return rasaAutoplay;
  throw new CopilotError(
    "invalid",
    `${url} is not the copilot's script. Let \`base\` end with /webhooks/autoplay, and open ${url} to see what answers.`,
  );
}

/**
 * Load a classic script by an element of its own.
 *
 * @param url - its address; relative addresses are the page's.
 * @param nonce - the nonce of the page's Content-Security-Policy.
 * @param name - what it is called in an error.
 * @throws {@link CopilotError} if it does not load.
 */
export function loadScript(url: string, nonce: string | undefined, name: string): Promise<void> {
  return new Promise((done, fail) => {
    const script = document.createElement("script");
    const { href, origin } = new URL(url, document.baseURI);
    let isBlocked = false;
    const end = (problem?: CopilotError) => {
      clearTimeout(timer);
      document.removeEventListener("securitypolicyviolation", onViolation);
      if (!problem) return done();
      script.remove();
      fail(problem);
    };
    const onViolation = ({ blockedURI }: SecurityPolicyViolationEvent) => {
      isBlocked ||= blockedURI === href;
    };
    const blocked = (cause?: unknown) =>
      new CopilotError(
        "blocked",
        `The page's Content-Security-Policy blocks ${name}. Add ${origin} to script-src, or give the page's nonce as ` +
          "`nonce`. If it has `trusted-types`, add rasa-autoplay there.",
        { cause },
      );
    const timer = setTimeout(() => {
      end(new CopilotError("slow", `${href} did not answer within ${TIMEOUT_MS / 1000} s. Check that the server runs.`));
    }, TIMEOUT_MS);
    document.addEventListener("securitypolicyviolation", onViolation);
    script.async = true;
    script.onload = () => end();
    // The violation is reported in a task of its own.
    script.onerror = () => setTimeout(() => end(isBlocked ? blocked() : unreachable(href)));
    if (nonce) script.nonce = nonce;
    try {
      script.src = trusted(href);
    } catch (cause) {
      return end(blocked(cause));
    }
    document.head.append(script);
  });
}

const unreachable = (url: string) =>
  new CopilotError("unreachable", `${url} did not load. Check that the server runs, and that this page can reach it.`);

/** A page with Trusted Types accepts an address for a script only from a policy. */
function trusted(url: string): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedScripts };
  if (!trustedTypes) return url;
  policy ??= trustedTypes.createPolicy("rasa-autoplay", { createScriptURL: (it) => it });
  return policy.createScriptURL(url);
}
