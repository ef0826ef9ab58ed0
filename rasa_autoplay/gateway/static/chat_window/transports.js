import { attempt } from "../dom.js";

/** Separates the packets of one HTTP body. A server accepts at most 16 of them. */
const SEPARATOR = "\x1e";
const MAX_PACKETS = 16;

/**
 * Engine.IO 4 over a websocket. python-engineio 4, which all Rasa servers since 3.0 have, speaks no other version.
 *
 * @param {string} url - the server's Socket.IO address.
 * @param on - `packet(text)` for each packet, and `end()` once.
 * @returns `{send(packet), close()}`. After `close()`, nothing more is reported.
 */
export function openWebsocket(url, on) {
  const address = withQuery(url, { transport: "websocket" });
  address.protocol = address.protocol.replace("http", "ws");
  let isClosed;
  const end = () => {
    if (!isClosed) on.end();
    isClosed = true;
  };
  // A Content-Security-Policy can make the constructor fail.
  const socket = attempt(() => new WebSocket(address));
  if (!socket) setTimeout(end);
  else {
    socket.onmessage = ({ data }) => isClosed || (typeof data === "string" && on.packet(data));
    socket.onclose = socket.onerror = end;
  }
  return {
    send: (packet) => attempt(() => socket.send(packet)),
    close() {
      isClosed = true;
      attempt(() => socket.close());
    },
  };
}

/** Engine.IO 4 over HTTP requests, for networks that let no websocket through. See `openWebsocket`. */
export function openPolling(url, on) {
  const lifetime = new AbortController();
  const { signal } = lifetime;
  const waiting = [];
  let sid, isPosting;

  async function ask(method, body) {
    const address = withQuery(url, { transport: "polling", ...(sid && { sid }) });
    const response = await fetch(address, { method, body, signal, cache: "no-store" });
    if (!response.ok) throw new Error(response.status);
    return response.text();
  }

  async function poll() {
    while (!signal.aborted) {
      for (const packet of (await ask("GET")).split(SEPARATOR)) {
        if (packet[0] === "0") sid = attempt(() => JSON.parse(packet.slice(1)).sid);
        if (!signal.aborted) on.packet(packet);
      }
    }
  }

  async function post() {
    if (isPosting) return;
    isPosting = true;
    while (waiting.length) await ask("POST", waiting.splice(0, MAX_PACKETS).join(SEPARATOR));
    isPosting = false;
  }

  function end() {
    if (signal.aborted) return;
    lifetime.abort();
    on.end();
  }

  poll().catch(end);
  return {
    send(packet) {
      waiting.push(packet);
      post().catch(end);
    },
    close() {
      // The server would keep the session until its heartbeat fails.
      if (sid) fetch(withQuery(url, { transport: "polling", sid }), { method: "POST", body: "1", keepalive: true }).catch(() => {});
      lifetime.abort();
    },
  };
}

function withQuery(url, query) {
  const address = new URL(url);
  for (const [name, value] of Object.entries({ EIO: 4, ...query })) address.searchParams.set(name, value);
  return address;
}
