import { expect, test } from "vitest";
import { framed } from "./framed";

const mail =
  '<head><style type="text/css">p{margin:0}@media (prefers-color-scheme: dark) {p{color:#fff}}</style></head>';

test("a mail is shown in one of its looks, with the nonce that its style needs", () => {
  expect(framed(mail, false, "abc")).toBe(
    '<head><base target="_blank"><style nonce="abc" type="text/css">p{margin:0}@media not all {p{color:#fff}}</style></head>',
  );
  expect(framed(mail, true, undefined)).toContain(
    '<style type="text/css">p{margin:0}@media all {p{color:#fff}}',
  );
});
