// A page that tests drive: `show(settings)` renders a provider with these settings, and `unmount()` removes it.
import { CopilotProvider, RasaWebchat, useCopilot } from "rasa-autoplay-vue";
import { createApp, defineComponent, h, shallowRef } from "vue";

const page = window as any;
const shown = shallowRef<any>(null);

const Status = defineComponent(() => {
  const { status, copilot, error, retry } = useCopilot();
  return () => {
    page.copilot = copilot.value;
    const again = error.value && h("button", { onClick: retry }, "Try again");
    return h("output", { id: "status", "data-status": status.value, "data-reason": error.value?.reason }, [
      error.value?.message,
      again,
    ]);
  };
});

const App = defineComponent(() => () => {
  if (!shown.value) return null;
  const { webchat, ...settings } = shown.value;
  return h(CopilotProvider, { base: `${location.origin}/webhooks/autoplay`, ...settings }, () => [
    h(Status),
    webchat && h(RasaWebchat, { id: "webchat", socketUrl: location.origin, ...webchat }),
  ]);
});

createApp(App).mount("#app");
page.show = (settings: any) => (shown.value = settings);
page.unmount = () => (shown.value = null);
