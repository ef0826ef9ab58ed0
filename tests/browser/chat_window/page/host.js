const query = new URLSearchParams(location.search);
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
const { createChatWindow } = await import("/webhooks/autoplay/chat.mjs");
window.start = (options) => (window.chat = createChatWindow({ userId: query.get("user") || "u1", ...options }));
window.start(JSON.parse(query.get("options") || "{}"));
