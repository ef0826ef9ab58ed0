export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Spreads what many browsers would do at the same moment. */
export const jittered = (ms) => ms * (0.5 + Math.random() / 2);

/** Our routes on the Rasa server. */
export function serverAt({ base, token, userId }) {
  const proof = async () => (token?.call ? token() : token);

  /** Post for this user, and outlive the page. Resolves to the HTTP status; 0 when there was no answer. */
  async function post(path, data) {
    try {
      const bearer = await proof();
      const headers = { "Content-Type": "application/json", ...(bearer && { Authorization: `Bearer ${bearer}` }) };
      const body = JSON.stringify({ ...data, user_id: userId });
      return (await fetch(base + path, { method: "POST", headers, body, keepalive: true })).status;
    } catch {
      return 0;
    }
  }

  return {
    post,

    /** Post, and try again a few times where the network or the server failed. */
    async report(path, data) {
      for (const pause of [1000, 4000, 15000, 0]) {
        const status = await post(path, data);
        if (!pause || (status && status < 500)) return;
        await sleep(jittered(pause));
      }
    },

    /**
     * The feed's address. EventSource can send no headers, so all of it stands in the query. So does a user id
     * with a character that a proxy might decode, merge or resolve in a path: "/", "%", "..".
     */
    async feedUrl(query) {
      const isPlain = /^[\w@+-][\w@+.-]*$/.test(userId);
      const path = isPlain ? `/${encodeURIComponent(userId)}` : "";
      const token = (await proof()) || "";
      return `${base}/proactive/stream${path}?${new URLSearchParams({ ...(!isPlain && { user_id: userId }), ...query, token })}`;
    },
  };
}
