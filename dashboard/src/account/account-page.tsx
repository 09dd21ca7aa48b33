import { brand } from "../brand/brand";
import { useViewer } from "../shell/scope";
import { useTitle } from "../ui/hooks";
import { LockIcon } from "../ui/icons";
import { Page } from "../ui/page";
import { Empty } from "../ui/states";
import { AddressSection, PasswordSection } from "./password-section";
import { ProfileSection } from "./profile-section";
import { SecondFactorSection } from "./second-factor-section";
import { SessionsSection } from "./sessions-section";

export function AccountPage() {
  const viewer = useViewer();
  useTitle(`Account · ${brand.name}`);
  if (viewer.viewingAs) {
    return (
      <Page title="Account">
        <Empty title="This account is somebody else's" icon={<LockIcon size={22} />}>
          While you view as {viewer.user.name}, their account stays closed. End the view to see your own.
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Account">
      <ProfileSection viewer={viewer} />
      <PasswordSection email={viewer.user.email} />
      <AddressSection email={viewer.user.email} />
      <SecondFactorSection />
      <SessionsSection />
    </Page>
  );
}
