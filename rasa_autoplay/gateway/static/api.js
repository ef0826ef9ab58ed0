export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Load a module from the server; `base` can be relative to the page. */
export const loadModule = (base, file) => import(new URL(`${base}/${file}`, document.baseURI));

/** Load a script's module by its name, and try again while the server cannot be reached. Resolves to nothing if the signal ends. */
export async function loadPatiently(base, name, signal) {
  for (let attempts = 0; !signal.aborted; attempts++) {
    try {
      // A browser may remember that a script could not be loaded.
      return await loadModule(base, `${name}.mjs${attempts ? `?${attempts}` : ""}`);
    } catch (problem) {
      console.warn("rasa-autoplay:", problem);
      await sleep(5000);
    }
  }
}

/** Shorten a delay at random, so that browsers do not all send at the same moment. */
export const jittered = (ms) => ms * (0.5 + Math.random() / 2);

/** A client of the Rasa server's routes, for one user. */
export function createApi({ base, token, userId }) {
  const proof = async () => (token?.call ? token() : token);

  /** Send a POST for this user, also while the page unloads. Resolves to `{status, data}`; the status is 0 without a response. */
  async function ask(path, data) {
    try {
      const bearer = await proof();
      const headers = { "Content-Type": "application/json", ...(bearer && { Authorization: `Bearer ${bearer}` }) };
      const body = JSON.stringify({ ...data, user_id: userId });
      const response = await fetch(base + path, { method: "POST", headers, body, keepalive: true });
      return { status: response.status, data: await response.json().catch(() => null) };
    } catch {
      return { status: 0 };
    }
  }

  const post = async (path, data) => (await ask(path, data)).status;

  return {
    ask,
    post,

    /**
     * The feed's URL. EventSource cannot send headers, so the query carries everything. The query also carries a
     * user id with characters that a proxy might decode, merge or resolve in a path: "/", "%", "..".
     */
    async feedUrl(query) {
      const isPlain = /^[\w@+-][\w@+.-]*$/.test(userId);
      const path = isPlain ? `/${encodeURIComponent(userId)}` : "";
      const token = (await proof()) || "";
      return `${base}/proactive/stream${path}?${new URLSearchParams({ ...(!isPlain && { user_id: userId }), ...query, token })}`;
    },
  };
}
