import { ConfirmAddressPage } from "./confirm-address-page";
import { ForgotPasswordPage } from "./forgot-password-page";
import { InvitationPage } from "./invitation-page";
import type { PublicPage } from "./public-page";
import { ResetPasswordPage } from "./reset-password-page";
import { UnsubscribePage } from "./unsubscribe-page";

export default function PublicPages({ page }: { readonly page: PublicPage }) {
  switch (page.name) {
    case "invitation":
      return <InvitationPage token={page.token} />;
    case "reset-password":
      return <ResetPasswordPage token={page.token} />;
    case "forgot-password":
      return <ForgotPasswordPage />;
    case "confirm-address":
      return <ConfirmAddressPage token={page.token} />;
    case "unsubscribe":
      return <UnsubscribePage token={page.token} />;
  }
}
