import { expect, it } from "vitest";
import { parseOrigins } from "./origins";

it("reads what people paste as origins, each once", () => {
  expect(parseOrigins("https://a.example/shop?x=1\n\n https://a.example, http://b.example:8080/ ")).toEqual([
    "https://a.example",
    "http://b.example:8080",
  ]);
});

it("leaves what is no address to the server to refuse", () => {
  expect(parseOrigins("a.example *")).toEqual(["a.example", "*"]);
  expect(parseOrigins("  \n ")).toEqual([]);
});
