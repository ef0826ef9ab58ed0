// A page that tests drive: `show(settings)` renders a provider with these settings, and `unmount()` removes it.
import { CopilotProvider, RasaWebchat, useCopilot, useOffer } from "rasa-autoplay-vue";
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

const OwnToast = defineComponent(() => {
  const offer = useOffer();
  const button = (label: string, onClick?: () => void) => onClick && h("button", { onClick }, label);
  return () => {
    const it = offer.value;
    if (!it) return null;
    return h("div", { id: "toast", "data-kind": it.kind, ref: it.ref, key: it.id }, [
      h("div", { ref: it.textRef }),
      it.buttons.map(({ label, press }) => button(label, press)),
      button(it.texts.later, it.snooze),
      button(it.texts.close, it.dismiss),
    ]);
  };
});

const App = defineComponent(() => () => {
  if (!shown.value) return null;
  const { webchat, hasOwnToast, isHidden, ...settings } = shown.value;
  return h(CopilotProvider, { base: `${location.origin}/webhooks/autoplay`, ...settings }, () => [
    h(Status),
    (hasOwnToast || (settings.toast && !isHidden)) && h(OwnToast),
    webchat && h(RasaWebchat, { id: "webchat", socketUrl: location.origin, ...webchat }),
  ]);
});

createApp(App).mount("#app");
page.show = (settings: any) => (shown.value = settings);
page.unmount = () => (shown.value = null);
