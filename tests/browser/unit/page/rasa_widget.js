// Stands in for Rasa's own chat widget by its documentation: properties with attributes of the same names, an open shadow
// root, and events that bubble. `widgetFaults` makes it misbehave. `connect` may be replaced by a real connection.
const faults = new Set(window.widgetFaults || []);
window.widgetLog = [];
document.addEventListener("chatWidgetOpened", () => window.widgetLog.push("opened"));
document.addEventListener("chatWidgetClosed", () => window.widgetLog.push("closed"));

/** Start a session; returns what ends it, and what sends a message. */
window.connectWidget ||= (widget, start) => {
  const timer = setTimeout(() => start(widget.senderId || crypto.randomUUID()), window.sessionDelay ?? 20);
  return { end: () => clearTimeout(timer), say() {} };
};

const PROPERTIES = { serverUrl: "server-url", senderId: "sender-id", authenticationToken: "authentication-token", widgetTitle: "widget-title", autoOpen: "auto-open" };

class RasaChatbotWidget extends HTMLElement {
  #isOpen = false;
  #connection;
  #values = {};
  #root = this.attachShadow({ mode: faults.has("closed root") ? "closed" : "open" });

  static {
    for (const [name, attribute] of Object.entries(PROPERTIES))
      Object.defineProperty(this.prototype, name, {
        get() {
          return this.#values[name] ?? (name === "autoOpen" ? this.hasAttribute(attribute) : this.getAttribute(attribute) || "");
        },
        set(value) {
          this.#values[name] = value;
        },
        configurable: true,
        enumerable: true,
      });
  }

  connectedCallback() {
    // As Stencil does it: what is drawn comes a moment after the element.
    setTimeout(() => {
      if (this.#root.childElementCount) return;
      this.#draw();
      if (this.autoOpen) this.#toggle();
    });
  }

  #draw() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`.box{position:fixed;right:20px;bottom:20px;font:15px/1.5 Lato,sans-serif;z-index:9}
      .rasa-chatbot-widget__launcher{width:66px;height:66px;border-radius:50%;background:#5a17ee;color:#fff;display:grid;place-items:center;cursor:pointer}
      .messenger{position:absolute;right:0;bottom:90px;width:min(375px,calc(100vw - 40px));height:min(480px,60vh);background:#fff;color:#111;border-radius:8px;box-shadow:0 4px 24px #0003;display:none;flex-direction:column}
      .messenger--open{display:flex}.messenger header{background:#5a17ee;color:#fff;padding:16px 24px;border-radius:8px 8px 0 0}
      .log{flex:1;overflow:auto;padding:16px 24px;white-space:pre-line}.log p{background:#f2f2f4;border-radius:8px;padding:8px 12px;margin:0 0 12px}.log p.user{background:#5a17ee;color:#fff}
      input{border:0;border-top:1px solid #ddd;padding:16px 24px;font:inherit;border-radius:0 0 8px 8px}`);
    this.#root.adoptedStyleSheets = [sheet];
    const box = document.createElement("div");
    box.className = "box";
    const messenger = document.createElement("div");
    messenger.className = "messenger";
    const header = document.createElement("header");
    header.textContent = this.widgetTitle || "Rasa Widget";
    const log = document.createElement("div");
    log.className = "log";
    const input = document.createElement("input");
    input.placeholder = "Type your message here";
    input.addEventListener("keydown", ({ key }) => {
      if (key !== "Enter" || !input.value) return;
      this.#bubble(input.value, "user");
      this.#connection?.say(input.value);
      input.value = "";
    });
    messenger.append(header, log, input);
    box.append(messenger);
    if (!faults.has("no launcher")) {
      const launcher = document.createElement("div");
      launcher.className = faults.has("other names") ? "l" : "rasa-chatbot-widget__launcher";
      launcher.role = "button";
      launcher.ariaLabel = "Open Chat";
      launcher.textContent = "?";
      launcher.addEventListener("click", () => this.#toggle());
      box.append(launcher);
    }
    this.#root.append(box);
  }

  #bubble(text, who, buttons = []) {
    const bubble = document.createElement("p");
    bubble.className = who;
    bubble.textContent = text;
    this.#root.querySelector(".log").append(bubble);
    for (const { title, payload } of buttons) {
      const button = document.createElement("button");
      button.textContent = title;
      button.addEventListener("click", () => (this.#bubble(title, "user"), this.#connection?.say(payload)));
      this.#root.querySelector(".log").append(button);
    }
    bubble.scrollIntoView();
  }

  #toggle() {
    this.#isOpen = !this.#isOpen;
    this.#root.querySelector(".messenger").classList.toggle("messenger--open", this.#isOpen);
    if (this.#isOpen)
      this.#connection ||= window.connectWidget(
        this,
        (sessionId) => {
          if (!faults.has("silent")) this.#tell("chatSessionStarted", faults.has("nonsense") ? null : { sessionId });
        },
        ({ text, quick_replies }) => this.#bubble(text, "bot", quick_replies),
      );
    else setTimeout(() => this.#isOpen || (this.#connection = void this.#connection?.end()), 5000);
    if (!faults.has("silent")) this.#tell(this.#isOpen ? "chatWidgetOpened" : "chatWidgetClosed");
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }));
  }
}

window.defineWidget = () => customElements.define("rasa-chatbot-widget", RasaChatbotWidget);
if (!faults.has("late")) window.defineWidget();
