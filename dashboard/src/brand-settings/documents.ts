import { graphql, type ResultOf } from "../gql/graphql";

export const BrandFields = graphql(`
  fragment BrandFields on BrandSettings @_unmask {
    version name accent radius font
    fonts { id families }
    supportEmail termsUrl privacyUrl language languages
    signInLayout poweredBy poweredByText poweredByUrl
    images { kind path width height }
  }
`);

export type BrandSettings = ResultOf<typeof BrandFields>;
export type ImageKind = BrandSettings["images"][number]["kind"];

export const BrandQuery = graphql(`query BrandSettings { brandSettings { ...BrandFields } }`, [BrandFields]);

export const CheckColourQuery = graphql(`
  query CheckColour($colour: String!) {
    checkColour(colour: $colour) { colour contrast enough proposal dark text palette }
  }
`);

export const UpdateBrandMutation = graphql(
  `mutation UpdateBrand(
    $version: Int!, $name: String, $accent: String, $radius: Int, $font: String, $supportEmail: String,
    $termsUrl: String, $privacyUrl: String, $language: String, $signInLayout: SignInLayout, $poweredBy: PoweredBy,
    $poweredByText: String, $poweredByUrl: String
  ) {
    updateBrand(
      version: $version, name: $name, accent: $accent, radius: $radius, font: $font, supportEmail: $supportEmail,
      termsUrl: $termsUrl, privacyUrl: $privacyUrl, language: $language, signInLayout: $signInLayout,
      poweredBy: $poweredBy, poweredByText: $poweredByText, poweredByUrl: $poweredByUrl
    ) { ...BrandFields }
  }`,
  [BrandFields],
);

export const RemoveImageMutation = graphql(
  `mutation RemoveBrandImage($kind: BrandImageKind!) { removeBrandImage(kind: $kind) { ...BrandFields } }`,
  [BrandFields],
);
