import { Skeleton } from "@mantine/core";
import { useAsk } from "../api/use-ask";
import { brand } from "../brand/brand";
import { useAgencyObject } from "../settings/reach";
import { useTitle } from "../ui/hooks";
import { Page, Section } from "../ui/page";
import { Trouble } from "../ui/refusal";
import { BrandForm } from "./brand-form";
import { BrandQuery } from "./documents";
import { Images } from "./image-field";

export function BrandPage() {
  const object = useAgencyObject();
  useTitle(`Brand · ${brand.name}`);
  const { data, error, again } = useAsk(BrandQuery, {});
  const settings = data?.brandSettings;
  return (
    <Page title="Brand" sub="How pages, mails and widgets look to your clients and their visitors" wide>
      {!data && !error ? (
        <div role="status" aria-label="Loading" aria-busy="true">
          <Skeleton height={56} mb={16} />
          <Skeleton height={56} mb={16} />
          <Skeleton height={240} />
        </div>
      ) : null}
      {error ? (
        <Trouble
          error={error}
          retry={again}
          permission="branding.edit"
          objectId={object}
          what="Seeing and changing the brand"
        />
      ) : null}
      {settings ? (
        <>
          <BrandForm settings={settings} again={again} />
          <Section
            id="images"
            title="Logos and images"
            text="PNG, JPEG, WebP, GIF or SVG, at most 2 MB. Each is saved as soon as it is chosen, and drawn anew, so that nothing hides in it."
          >
            <Images settings={settings} again={again} />
          </Section>
        </>
      ) : null}
    </Page>
  );
}
