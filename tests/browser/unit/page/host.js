// A host app: a menu that opens late and elsewhere in the document, a toolbar, and a chat widget.
const log = (what) => (document.querySelector("#log").textContent += `${what};`);
const options = document.querySelector("#options");

function openMenu() {
  const menu = document.createElement("div");
  menu.id = "menu";
  menu.setAttribute("role", "menu");
  const toggle = document.createElement("button");
  toggle.id = "toggle";
  toggle.textContent = "Bulk edit";
  toggle.addEventListener("click", (event) => {
    event.stopPropagation();
    menu.remove();
    log("bulk");
  });
  menu.append(toggle);
  document.body.append(menu);
  options.setAttribute("aria-expanded", "true");
}

options.addEventListener("click", () => {
  log("options");
  setTimeout(openMenu, window.menuDelay ?? 300);
});

// Stands in for the chat widget: a launcher, a window, and a session that comes late where `sessionDelay` says so.
function mountChat() {
  const widget = document.createElement("section");
  widget.className = "rw-widget-container";
  const launcher = document.createElement("button");
  launcher.className = "rw-launcher";
  launcher.setAttribute("aria-label", "Chat");
  launcher.addEventListener("click", () => {
    widget.classList.toggle("rw-chat-open");
    log("chat");
    const shown = widget.querySelector(".rw-conversation-container");
    if (shown) return shown.remove();
    const conversation = document.createElement("div");
    conversation.className = "rw-conversation-container";
    widget.prepend(conversation);
  });
  widget.append(launcher);
  document.body.append(widget);
  const session = { session_id: `chat-${Math.random()}` };
  const begin = () => localStorage.getItem("chat_session") || localStorage.setItem("chat_session", JSON.stringify(session));
  setTimeout(begin, window.sessionDelay ?? 20);
}

if (!new URLSearchParams(location.search).has("nochat")) mountChat();
