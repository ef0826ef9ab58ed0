// Asks the Rasa server. The browser adds the session's cookie, which no script can read.

/** The prefix of the gateway's routes: the page is at `…/studio`. */
export const BASE = new URL(".", location.href.split(/[?#]/)[0]).pathname;

const HEADERS = { "X-Autoplay-Studio": "1" };

/** An answer that is an error, or no answer at all (status 0). */
export class ApiError extends Error {
  constructor(status, message, remedy) {
    super(message);
    this.status = status;
    this.remedy = remedy ?? "";
  }
}

/** A path with encoded ids: at`users/${product}/${user}/memory`. */
export function at(texts, ...ids) {
  return texts.reduce((path, text, index) => path + encodeURIComponent(ids[index - 1]) + text);
}

/** Read JSON. `params` are query arguments; empty ones are left out. */
export function get(path, params, { signal } = {}) {
  const query = new URLSearchParams(
    Object.entries(params ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  ).toString();
  return request(path + (query ? `?${query}` : ""), { signal });
}

/** Send JSON; what changes something is always a POST. */
export function post(path, body, { signal } = {}) {
  return request(path, {
    method: "POST",
    body: JSON.stringify(body ?? {}),
    headers: { "Content-Type": "application/json" },
    signal,
  });
}

/** Open a stream or a download with the session; the caller reads the response. */
export async function open(path, { headers, ...options } = {}) {
  try {
    return await fetch(BASE + path.replace(/^\//, ""), {
      ...options,
      headers: { ...HEADERS, ...headers },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
    });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new ApiError(0, "The Rasa server does not answer.", "Check that it runs and that you are online.");
  }
}

async function request(path, options) {
  const response = await open(path, options);
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  // A wrong key on the sign-in form is no end of a session.
  if (response.status === 401 && !path.includes("studio/sign-in")) dispatchEvent(new Event("studio:signed-out"));
  throw new ApiError(
    response.status,
    body?.error ? sentence(body.error) : `The server answers ${response.status}.`,
    body?.remedy,
  );
}

/** A text of the server as a sentence. */
export function sentence(text) {
  const whole = String(text);
  return whole.charAt(0).toUpperCase() + whole.slice(1) + (/[.!?]$/.test(whole) ? "" : ".");
}
