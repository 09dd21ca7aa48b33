export const VISIT_PAGE = "mutation Visit($pageUrl: String!) { visitPage(pageUrl: $pageUrl) }";

export const SET_ATTRIBUTES =
  "mutation Attributes($attributes: [AttributeInput!]!) { setAttributes(attributes: $attributes) }";
