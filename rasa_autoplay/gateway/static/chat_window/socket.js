import { attempt } from "../dom.js";

/** A type, a namespace, the number of an acknowledgement, and JSON. */
const PACKET = /^(\d)(?:\/[^,]*,)?(\d*)(.*)$/s;
/** Without a sign of life for this long, a connection counts as lost, unless the server names its own intervals. */
const SILENCE_MS = 60000;
const MAX_SILENCE_MS = 180000;

/**
 * One connection to a Socket.IO server: protocol 5, which python-socketio 5 speaks. It does not reconnect.
 *
 * @param open - opens a transport: see transports.js.
 * @param {object} auth - goes to the server's `connect` handler.
 * @param {number} withinMs - how long connecting may take.
 * @param on - `connect()`; `event(name, data)`; and `end()` once.
 * @returns `{emit(name, data, acknowledged?), isSilentFor(ms), close()}`.
 */
export function openSocket(open, auth, withinMs, on) {
  const acknowledgements = new Map();
  let silenceMs = SILENCE_MS;
  let heardAt, silence, isEnded, number;
  const transport = open({ packet: receive, end });
  const starting = setTimeout(end, withinMs);
  number = 0;

  function hear() {
    heardAt = Date.now();
    clearTimeout(silence);
    silence = setTimeout(end, silenceMs);
  }

  function receive(packet) {
    if (isEnded) return;
    const [type, content] = [packet[0], packet.slice(1)];
    if (type === "0") {
      const { pingInterval, pingTimeout } = attempt(() => JSON.parse(content)) || {};
      silenceMs = Math.min(pingInterval + pingTimeout || SILENCE_MS, MAX_SILENCE_MS);
      transport.send(`40${JSON.stringify(auth)}`);
    } else if (type === "1") return end();
    else if (type === "2") transport.send(`3${content}`);
    hear();
    if (type === "4") receiveMessage(content);
  }

  function receiveMessage(message) {
    const [, type, id, json] = PACKET.exec(message) || [];
    if (type === "0") {
      clearTimeout(starting);
      on.connect();
    } else if (type === "1" || type === "4") end();
    else {
      const data = attempt(() => JSON.parse(json));
      if (!Array.isArray(data)) return;
      if (type === "2" && typeof data[0] === "string") on.event(data[0], data[1]);
      if (type !== "3") return;
      acknowledgements.get(id)?.(data[0]);
      acknowledgements.delete(id);
    }
  }

  function close() {
    isEnded = true;
    clearTimeout(starting);
    clearTimeout(silence);
    transport.close();
  }

  function end() {
    if (isEnded) return;
    close();
    on.end();
  }

  return {
    close,
    end,
    isSilentFor: (ms) => Date.now() - heardAt > ms,
    emit(name, data, acknowledged) {
      const id = acknowledged ? String(number++) : "";
      if (acknowledged) acknowledgements.set(id, acknowledged);
      transport.send(`42${id}${JSON.stringify([name, data])}`);
    },
  };
}
