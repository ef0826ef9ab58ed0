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

  /** What is posted arrives also while the page is left. */
  async function ask(method, body) {
    const address = withQuery(url, { transport: "polling", ...(sid && { sid }) });
    const how = body ? { body, keepalive: true } : { signal };
    const response = await fetch(address, { method, cache: "no-store", ...how });
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

  const postNext = () => ask("POST", waiting.splice(0, MAX_PACKETS).join(SEPARATOR));

  async function post() {
    if (isPosting) return;
    isPosting = true;
    while (waiting.length) await postNext();
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
      lifetime.abort();
      // Otherwise, the server would believe that the window is there until its heartbeat fails.
      waiting.splice(MAX_PACKETS - 1);
      waiting.push("1");
      if (sid) postNext().catch(() => {});
    },
  };
}

function withQuery(url, query) {
  const address = new URL(url);
  for (const [name, value] of Object.entries({ EIO: 4, ...query })) address.searchParams.set(name, value);
  return address;
}
