import { brand } from "../brand/brand";
import { useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { LockIcon } from "../ui/icons";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { DeviceSection } from "./device-section";
import { LogSection } from "./log-section";
import { PreferencesSection } from "./preferences-section";

/** Behind the gear (S213): what reaches its reader, what this device does, and what became of each event. */
export function NotificationsPage() {
  const viewer = useViewer();
  useTitle(`Notifications · ${brand.name}`);
  if (viewer.viewingAs) {
    return (
      <Page title="Notifications">
        <Empty title="These notifications are somebody else's" icon={<LockIcon size={22} />}>
          While you view as {viewer.user.name}, what they are told stays theirs. End the view to see your own.
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Notifications">
      <PreferencesSection />
      <DeviceSection />
      <LogSection />
    </Page>
  );
}
