import { expect, it, vi } from "vitest";
import { Failure } from "../../errors";
import { createTray } from "./uploads";

const file = (name: string, size = 10) => new File(["x".repeat(size)], name);

function tray(limits = { largestBytes: 100, atMost: 3 }) {
  const calls: { url: string; done: () => void; fail: (failure: Failure) => void; signal: AbortSignal }[] =
    [];
  const remembered: string[][] = [];
  let ids = 0;
  const prepare = vi.fn(async (clientId: string) => ({ fileId: `fil_${clientId}`, url: `/${clientId}` }));
  const made = createTray({
    prepare,
    put: (url, _file, progress, signal) =>
      new Promise((resolve, reject) => {
        progress(0.5);
        calls.push({ url, done: resolve, fail: reject, signal });
      }),
    newId: () => `k${++ids}`,
    changed: () => {},
    remember: (names) => remembered.push([...names]),
    limits: () => limits,
  });
  return { made, calls, prepare, remembered };
}
const turn = () => new Promise((later) => setTimeout(later));

it("hands over what arrived, and nothing twice", async () => {
  const { made, calls } = tray();
  made.add([file("a.txt"), file("b.txt")]);
  await turn();
  expect(made.busy).toBe(true);
  expect(made.all.map((one) => one.part)).toEqual([0.5, 0.5]);
  for (const { done } of calls) done();
  await turn();
  expect(made.busy).toBe(false);
  expect(made.take().map((one) => one.id)).toEqual(["fil_k1", "fil_k2"]);
  expect(made.take()).toEqual([]);
});

it("sends by itself once the last one has arrived, but not without one that failed", async () => {
  const { made, calls } = tray();
  const send = vi.fn();
  made.add([file("a.txt"), file("b.txt")]);
  await turn();
  made.whenDone(send);
  calls[0]?.done();
  await turn();
  expect(send).not.toHaveBeenCalled();
  calls[1]?.done();
  await turn();
  expect(send).toHaveBeenCalledTimes(1);

  const other = tray();
  other.made.add([file("a.txt")]);
  await turn();
  other.made.whenDone(send);
  other.calls[0]?.fail(new Failure("OFFLINE"));
  await turn();
  expect(send).toHaveBeenCalledTimes(1);
  expect(other.made.all[0]?.problem).toMatch(/No connection/);
  expect(other.made.waiting).toBe(false);
});

it("tries again under the same id, and says what the server said", async () => {
  const { made, calls, prepare } = tray();
  made.add([file("a.txt")]);
  await turn();
  calls[0]?.fail(new Failure("CONFLICT", "NO_ROOM", "", "There is no room."));
  await turn();
  expect(made.all[0]?.problem).toBe("There is no room.");
  made.retry("k1");
  await turn();
  expect(prepare.mock.calls.map(([id]) => id)).toEqual(["k1", "k1"]);
  calls[1]?.done();
  await turn();
  expect(made.all[0]).toMatchObject({ id: "fil_k1", problem: null, part: 1 });
});

it("does not send what would be refused, and stops what is taken out", async () => {
  const { made, calls, prepare, remembered } = tray();
  made.add([file("large.bin", 101), file("empty.txt", 0), file("fine.txt"), file("fourth.txt")]);
  await turn();
  expect(made.all.map((one) => one.file.name)).toEqual(["large.bin", "empty.txt", "fine.txt"]);
  expect(made.tooMany).toBe(true);
  expect(prepare).toHaveBeenCalledTimes(1);
  expect(made.all[0]?.problem).toMatch(/too large/);
  expect(made.all[1]?.problem).toMatch(/empty/);
  made.remove("k3");
  expect(calls[0]?.signal.aborted).toBe(true);
  expect(remembered.at(-1)).toEqual(["large.bin", "empty.txt"]);
});
