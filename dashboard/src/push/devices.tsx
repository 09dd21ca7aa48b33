import "@mantine/core/styles/Switch.css";
import { Button, Switch } from "@mantine/core";
import { useEffect, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useStore } from "../api/store";
import { useAsk } from "../api/use-ask";
import notifications from "../notifications/notifications.module.css";
import { onArrival } from "../notifications/store";
import { useViewer } from "../shell/scope";
import rows from "../ui/rows.module.css";
import { Ago } from "../ui/time";
import { toast } from "../ui/toast";
import { here, switchOff, switchOn } from "./device";
import css from "./devices.module.css";
import { type Device, DevicesQuery, RemoveDeviceMutation } from "./documents";

/** Push in this browser, and everywhere else where one is signed in. */
export function Devices() {
  const { user } = useViewer();
  const state = useStore(here);
  const [busy, setBusy] = useState(false);
  const { data, error, again } = useAsk(DevicesQuery, {}, { of: ["PushSubscription"] });
  // A device that is gone is told of at the bell, while the list of them is open here.
  useEffect(() => onArrival((entry) => entry.kind === "DEVICE_GONE" && again()), [again]);
  const devices = data?.pushSubscriptions ?? [];
  const own = devices.find((device) => device.here) ?? null;

  const choose = async (on: boolean) => {
    setBusy(true);
    try {
      if (on) await switchOn(user.id);
      else await switchOff(user.id, own?.id ?? null);
    } catch (thrown) {
      toast("Push could not be switched on here", { detail: sentence(toApiError(thrown)) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <fieldset className={notifications.group}>
      <legend>Push notifications</legend>
      <Switch
        label="Push on this device"
        description={
          state === "unsupported"
            ? "This browser has none. On a telephone, put the page on the home screen first."
            : "Also while no page of this dashboard is open. A request can be accepted from the notification."
        }
        checked={state === "on"}
        disabled={state === "unsupported" || busy}
        onChange={(event) => void choose(event.currentTarget.checked)}
      />
      {state === "blocked" ? (
        <p className={notifications.dim} role="status">
          Your browser refuses notifications of this address. Allow them in its settings of the site, beside
          the address, and switch push on again.
        </p>
      ) : null}
      {state === "failing" ? (
        <p className={notifications.dim} role="status">
          Your browser could not reach its push service. It is tried again at your next visit.
        </p>
      ) : null}
      {error ? (
        <p className={notifications.dim} role="status">
          Your devices cannot be shown. {sentence(error)}{" "}
          <Button variant="subtle" className={rows.linkButton} onClick={again}>
            Try again
          </Button>
        </p>
      ) : null}
      {devices.length > 0 ? (
        <ul className={css.devices} aria-label="Your devices">
          {devices.map((device) => (
            <DeviceRow key={device.id} device={device} />
          ))}
        </ul>
      ) : null}
    </fieldset>
  );
}

function DeviceRow({ device }: { readonly device: Device }) {
  const { user } = useViewer();
  const remove = async () => {
    try {
      if (device.here) await switchOff(user.id, device.id);
      else await change(RemoveDeviceMutation, { id: device.id }, ["PushSubscription"]);
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    }
  };
  return (
    <li className={css.device} data-testid="device">
      <div>
        {device.browser}
        {device.here ? <span className={css.here}>this device</span> : null}
        <div className={notifications.dim}>
          {device.trouble ?? (
            <>
              {device.sentAt ? "Told last " : "Registered "}
              <Ago at={device.sentAt ?? device.createdAt} />
            </>
          )}
        </div>
      </div>
      <Button variant="subtle" className={rows.linkButton} onClick={() => void remove()}>
        Remove<span className="hidden-text"> {device.browser}</span>
      </Button>
    </li>
  );
}
