// A page that tests drive: `show(settings)` renders a provider with these settings, and `unmount()` removes it.
import { CopilotProvider, RasaWebchat, useCopilot, useOffer } from "rasa-autoplay-react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

const root = createRoot(document.querySelector("#app")!);
const page = window as any;

function Status() {
  const state = useCopilot();
  page.copilot = state.copilot;
  return (
    <output id="status" data-status={state.status} data-reason={state.error?.reason}>
      {state.error?.message}
      {state.error && <button onClick={state.retry}>Try again</button>}
    </output>
  );
}

function OwnToast() {
  const offer = useOffer();
  if (!offer) return null;
  return (
    <div id="toast" data-kind={offer.kind} ref={offer.ref} key={offer.id}>
      <div ref={offer.textRef} />
      {offer.buttons.map(({ label, press }) => (
        <button key={label} onClick={press}>
          {label}
        </button>
      ))}
      {offer.snooze && <button onClick={offer.snooze}>{offer.texts.later}</button>}
      <button onClick={offer.dismiss}>{offer.texts.close}</button>
    </div>
  );
}

page.show = ({ webchat, hasOwnToast, isHidden, ...settings }: any) =>
  root.render(
    <StrictMode>
      <CopilotProvider base={`${location.origin}/webhooks/autoplay`} {...settings}>
        <Status />
        {(hasOwnToast || (settings.toast && !isHidden)) && <OwnToast />}
        {webchat && <RasaWebchat id="webchat" socketUrl={location.origin} {...webchat} />}
      </CopilotProvider>
    </StrictMode>,
  );
page.unmount = () => root.render(<StrictMode />);
