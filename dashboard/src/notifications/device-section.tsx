import "@mantine/core/styles/Switch.css";
import { Button, Switch } from "@mantine/core";
import { useEffect, useId, useState } from "react";
import { change } from "../api/client";
import { sentence, toApiError } from "../api/errors";
import { useStore } from "../api/store";
import { desktop, setDesktop, supported } from "../live-chats/desktop";
import {
  ANY,
  blocked,
  chosenTunes,
  messageSound,
  preview,
  setMessageSound,
  setSound,
  setTune,
  setVolume,
  sound,
  tryAwake,
  tuneFor,
  volume,
} from "../live-chats/ring";
import { isTune, tuneLabels, tuneNames } from "../live-chats/tunes";
import { Devices } from "../push/devices";
import { useOrganizations, useViewer } from "../shell/scope";
import { SoundIcon, WarnIcon } from "../ui/icons";
import { Section } from "../ui/page";
import rows from "../ui/rows.module.css";
import { SearchSelect } from "../ui/search-select";
import { Select } from "../ui/select";
import { toast } from "../ui/toast";
import { type Decision, SendTestMutation } from "./documents";
import css from "./notifications.module.css";

/** What this browser does when something comes: kept here, because another device is in another room. */
export function DeviceSection() {
  return (
    <Section
      id="device"
      title="On this device"
      text="Kept in this browser. Of several tabs one rings; the others show it without a sound."
    >
      <div className={css.form}>
        <Sounds />
        <Outside />
        <Devices />
        <Tests />
      </div>
    </Section>
  );
}

function Sounds() {
  const audible = useStore(sound);
  const chimes = useStore(messageSound);
  const loud = useStore(volume);
  const silent = useStore(blocked);
  const id = useId();

  // Asked once: whether a request would be heard at this moment.
  useEffect(() => void tryAwake(), []);

  return (
    <>
      <fieldset className={css.group}>
        <legend>Sound</legend>
        {silent && (audible || chimes) ? (
          <div className={css.blocked} role="status" data-testid="sound-blocked">
            <WarnIcon size={16} />
            <span>
              Your browser keeps this page silent until you click or press a key in it. Click anywhere once
              after opening the page, or allow sound for this address in the browser's settings of the site.
            </span>
          </div>
        ) : null}
        <Switch
          label="Sound for requests"
          description="Rings until somebody has taken the request."
          checked={audible}
          onChange={(event) => setSound(event.currentTarget.checked)}
        />
        <Switch
          label="Sound for messages"
          description="One soft tone for a message in a chat of yours, and for news at the bell."
          checked={chimes}
          onChange={(event) => setMessageSound(event.currentTarget.checked)}
        />
        <div className={css.volume}>
          <label htmlFor={id}>Volume</label>
          <input
            id={id}
            type="range"
            min={0}
            max={100}
            step={5}
            value={loud}
            onChange={(event) => setVolume(Number(event.currentTarget.value))}
            aria-valuetext={`${loud} percent`}
          />
          <output htmlFor={id}>{loud === 0 ? "Silent" : `${loud} %`}</output>
          <Button
            variant="default"
            leftSection={<SoundIcon size={16} />}
            onClick={() => preview(tuneFor(null))}
          >
            Play the sound
          </Button>
        </div>
      </fieldset>
      <Tunes />
    </>
  );
}

function Tunes() {
  const chosen = useStore(chosenTunes);
  const organizations = useOrganizations();
  const [of, choose] = useState(ANY);
  const several = organizations.length > 1;
  const id = of === ANY ? null : of;
  const own = Object.keys(chosen).filter((key) => key !== ANY);
  const nameOf = (key: string) => organizations.find((one) => one.id === key)?.name;
  const options = [
    { value: ANY, label: "All organizations" },
    ...organizations.map((one) => ({ value: one.id, label: one.name })),
  ];
  return (
    <fieldset className={css.group}>
      <legend>Sound of a request</legend>
      <div className={css.tune}>
        {several ? (
          organizations.length > 12 ? (
            <SearchSelect
              label="Organization"
              value={of}
              options={options}
              onChange={(value) => choose(value ?? ANY)}
            />
          ) : (
            <Select label="Organization" value={of} options={options} onChange={choose} />
          )
        ) : null}
        <Select
          label="Tune"
          value={chosen[of] ?? (id === null ? tuneFor(null) : "")}
          onChange={(value) => {
            setTune(id, isTune(value) ? value : null);
            preview(tuneFor(id));
          }}
          options={[
            ...(id === null ? [] : [{ value: "", label: `As all (${tuneLabels[tuneFor(null)]})` }]),
            ...tuneNames.map((name) => ({ value: name, label: tuneLabels[name] })),
          ]}
        />
        <Button
          variant="default"
          leftSection={<SoundIcon size={16} />}
          onClick={() => preview(tuneFor(id))}
          aria-label={`Play the tune of ${id === null ? "all organizations" : (nameOf(id) ?? "this one")}`}
        >
          Play
        </Button>
      </div>
      {several && own.some((key) => nameOf(key)) ? (
        <ul className={css.own} aria-label="Organizations with a tune of their own">
          {own.map((key) => {
            const name = nameOf(key);
            const tune = chosen[key];
            return name && tune ? (
              <li key={key}>
                {name}: {tuneLabels[tune]}{" "}
                <button type="button" className={rows.linkButton} onClick={() => setTune(key, null)}>
                  Remove<span className="hidden-text"> the tune of {name}</span>
                </button>
              </li>
            ) : null;
          })}
        </ul>
      ) : null}
    </fieldset>
  );
}

function Outside() {
  const outside = useStore(desktop);
  const [refused, setRefused] = useState(supported && Notification.permission === "denied");
  const choose = async (on: boolean) => {
    const done = await setDesktop(on);
    setRefused(!done);
    if (!done) toast("Your browser does not allow notifications of this site");
  };
  return (
    <fieldset className={css.group}>
      <legend>Outside of the page</legend>
      <Switch
        label="Desktop notifications"
        description={
          supported
            ? "Of requests and messages, while a page of this dashboard is open but not in front."
            : "This browser has none."
        }
        checked={outside}
        disabled={!supported}
        onChange={(event) => void choose(event.currentTarget.checked)}
      />
      {refused && !outside ? (
        <p className={css.dim}>
          Your browser refuses notifications of this address. Allow them in its settings of the site, beside
          the address, and switch them on again.
        </p>
      ) : null}
    </fieldset>
  );
}

function Tests() {
  const { user } = useViewer();
  const [busy, setBusy] = useState<Decision["way"] | null>(null);
  const send = async (way: Decision["way"], done: string) => {
    setBusy(way);
    try {
      await change(SendTestMutation, { way }, ["NotificationDecision"]);
      toast(done);
    } catch (thrown) {
      toast(sentence(toApiError(thrown)));
    } finally {
      setBusy(null);
    }
  };
  return (
    <fieldset className={css.group}>
      <legend>Send a test</legend>
      <div className={rows.actions}>
        <Button
          variant="default"
          loading={busy === "BELL"}
          onClick={() => void send("BELL", "A test is at the bell, at the top of the page")}
        >
          To the bell
        </Button>
        <Button
          variant="default"
          loading={busy === "EMAIL"}
          onClick={() => void send("EMAIL", `A test is on its way to ${user.email}`)}
        >
          By email
        </Button>
        <Button
          variant="default"
          loading={busy === "PUSH"}
          onClick={() => void send("PUSH", "A test is on its way to your devices")}
        >
          By push
        </Button>
      </div>
    </fieldset>
  );
}
