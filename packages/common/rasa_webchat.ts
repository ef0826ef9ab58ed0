import { loadScript } from "./script_element.js";

/** rasa-webchat's options, and where its script is. */
export interface RasaWebchatSettings {
  /**
   * Where your app serves `node_modules/rasa-webchat/lib/index.js`, a script with a React of its own:
   * "/vendor/rasa-webchat.js". An `import` would pull it into your bundle.
   */
  src: string;
  /** The nonce of the page's Content-Security-Policy, for the script element. */
  nonce?: string | undefined;
  /** The Rasa server: "https://rasa.example.com". */
  socketUrl: string;
  /** Default "/socket.io". */
  socketPath?: string | undefined;
  /** Sent with each message. Default: the user's id, with which the bot knows whose chat it is. */
  customData?: Record<string, unknown> | undefined;
  /** Default `{ storage: "session" }`. */
  params?: Record<string, unknown> | undefined;
  title?: string | undefined;
  subtitle?: string | undefined;
  inputTextFieldHint?: string | undefined;
  /** More of rasa-webchat's options. */
  options?: Record<string, unknown> | undefined;
}

interface Webchat {
  default(options: object, place: Element): void;
}

/** What React 16 leaves in the element that it has rendered into. */
interface Rendered {
  _reactRootContainer?: { unmount(): void };
}

const loads = new Map<string, Promise<void>>();

/**
 * Show rasa-webchat in an element, unless it is there.
 *
 * @param userId - the signed-in user.
 * @param signal - when it has ended, nothing is shown any more.
 */
export async function showRasaWebchat(
  place: Element,
  { src, nonce, options, ...settings }: RasaWebchatSettings,
  userId: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const coming = loads.get(src) ?? loadScript(src, nonce, "rasa-webchat");
    loads.set(src, coming);
    await coming;
  } catch (problem) {
    loads.delete(src);
    if (!signal.aborted) console.warn("rasa-autoplay:", problem);
    return;
  }
  if (signal.aborted || place.hasChildNodes()) return;
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const { WebChat } = window as { WebChat?: Webchat };
  WebChat?.default(
    {
      socketPath: "/socket.io",
      customData: { userId },
      params: { storage: "session" },
      // Otherwise it waits 5 s before each further message of the bot.
      customMessageDelay: () => 0,
      ...given,
      ...options,
    },
    place,
  );
}

/** Disconnect rasa-webchat and remove it from the element; it offers no function for that. */
export function removeRasaWebchat(place: Element): void {
  const rendered = place as Rendered;
  rendered._reactRootContainer?.unmount();
  delete rendered._reactRootContainer;
}
