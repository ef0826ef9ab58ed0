import { defineComponent, h, onBeforeUnmount, onMounted, shallowRef, watch } from "vue";
import { useProvided } from "./provided.js";
import { type RasaWebchatSettings, removeRasaWebchat, showRasaWebchat } from "./rasa_webchat.js";
import { useCopilot } from "./useCopilot.js";

export interface RasaWebchatProps extends RasaWebchatSettings {
  /** The element's label for screen readers. Default "Chat". */
  label?: string | undefined;
}

/** rasa-webchat for the signed-in user. It starts after the copilot, which begins a fresh chat. */
export const RasaWebchat = defineComponent(
  (props: RasaWebchatProps) => {
    const { userId } = useProvided("<RasaWebchat>");
    const { copilot } = useCopilot();
    const place = shallowRef<HTMLElement>();

    onMounted(() => {
      // The copilot removes the widget when its user signs out.
      const show = (now: unknown, _before: unknown, onCleanup: (end: () => void) => void) => {
        if (!now || !place.value) return;
        const visit = new AbortController();
        onCleanup(() => visit.abort());
        const { label, ...settings } = props;
        void showRasaWebchat(place.value, settings, userId(), visit.signal);
      };
      watch(copilot, show, { immediate: true });
    });
    onBeforeUnmount(() => place.value && removeRasaWebchat(place.value));
    return () => h("aside", { "aria-label": props.label ?? "Chat", ref: place });
  },
  {
    name: "RasaWebchat",
    props: [
      "src",
      "nonce",
      "socketUrl",
      "socketPath",
      "customData",
      "params",
      "title",
      "subtitle",
      "inputTextFieldHint",
      "options",
      "label",
    ],
  },
);
