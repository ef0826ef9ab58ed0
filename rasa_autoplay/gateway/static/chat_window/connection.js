import { attempt } from "../dom.js";
import { openPolling, openWebsocket } from "./transports.js";
import { openSocket } from "./socket.js";

/** Where a tab remembers when its network has let no websocket through, and for how long. */
const POLLS = "rasa-autoplay-chat-polls";
const POLLS_MS = 10 * 60000;
/** A proxy can hold a websocket's handshake back for ever. */
const WEBSOCKET_MS = 4000;
const POLLING_MS = 15000;
const SESSION_MS = 10000;
const MAX_PAUSE_MS = 30000;
/** After the page was away, a connection that has been silent for longer is made anew. */
const STALE_MS = 30000;

/**
 * Keep a chat session connected: a websocket, or HTTP requests where none gets through. After a loss it tries again after
 * 1, 2, 4 … 30 s.
 *
 * @param parts - `url` of the Socket.IO server; `token`, a string or a function; `sessionId()`, the session that is
 *   continued; `onStatus("connecting" | "online" | "offline")`; `onSession(id)`; `onBot(data)`.
 * @returns `{start(), stop(), check(), isOnline(), emit(name, data, acknowledged?)}`. `check()` is called when the user
 *   or the network is back.
 */
export function createConnection({ url, token, sessionId, onStatus, onSession, onBot }) {
  let socket, timer, isStarted, isOnline, isPausing;
  let failures = 0;
  /** Each attempt has a number, so that a late result of an earlier one is ignored. */
  let current = 0;

  const fresh = async () => (token?.call ? token() : token);

  async function connect() {
    const number = ++current;
    clearTimeout(timer);
    socket?.close();
    isPausing = false;
    if (!isOnline) onStatus(failures ? "offline" : "connecting");
    const proof = await fresh().catch(() => {});
    if (number !== current) return;
    const isPolling = Date.now() - attempt(() => sessionStorage[POLLS]) < POLLS_MS;
    tryOne(number, proof ? { token: proof } : {}, !isPolling);
  }

  function tryOne(number, auth, isWebsocket) {
    let isConnected;
    const open = (on) => (isWebsocket ? openWebsocket : openPolling)(url, on);
    socket = openSocket(open, auth, isWebsocket ? WEBSOCKET_MS : POLLING_MS, {
      connect() {
        if (number !== current) return;
        isConnected = true;
        if (!isWebsocket) attempt(() => (sessionStorage[POLLS] ||= Date.now()));
        socket.emit("session_request", { session_id: sessionId() || null });
        timer = setTimeout(() => socket.end(), SESSION_MS);
      },
      event(name, data) {
        if (number !== current) return;
        if (name === "session_confirm") confirm(data);
        else if (name === "bot_uttered") onBot(data);
      },
      end() {
        if (number !== current) return;
        if (isWebsocket && !isConnected) return tryOne(number, auth, false);
        if (!isWebsocket) attempt(() => delete sessionStorage[POLLS]);
        lose();
      },
    });
  }

  /** Rasa confirms with the session's id, some channels with an object. */
  function confirm(data) {
    const id = data?.session_id ?? data;
    if (typeof id !== "string" || !id || id.length > 200) return;
    clearTimeout(timer);
    isOnline = true;
    failures = 0;
    onSession(id);
    onStatus("online");
  }

  function lose() {
    isOnline = false;
    isPausing = true;
    clearTimeout(timer);
    const pauseMs = Math.min(1000 * 2 ** failures++, MAX_PAUSE_MS);
    timer = setTimeout(connect, pauseMs * (0.5 + Math.random() / 2));
    onStatus("offline");
  }

  return {
    isOnline: () => isOnline,
    start() {
      if (isStarted) return;
      isStarted = true;
      connect();
    },
    stop() {
      current++;
      isStarted = isOnline = false;
      clearTimeout(timer);
      socket?.close();
    },
    check(reason) {
      if (!isStarted) return;
      if (!isOnline) {
        if (isPausing && reason !== "tick") connect();
      } else if (socket.isSilentFor(STALE_MS)) socket.end();
    },
    emit: (...message) => socket.emit(...message),
  };
}
