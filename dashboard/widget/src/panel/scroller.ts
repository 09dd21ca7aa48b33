// Keeps the list where the visitor wants it: at the end as long as they are at the end, and at the same message when older
// ones come in above it.

/** This close to an edge counts as being there. */
const NEAR = 48;

export interface Scroller {
  readonly atEnd: boolean;
  readonly atStart: boolean;
  /** Around each drawing. `first`: the first message in the list, to see whether something was put before it. */
  before(): void;
  after(element: HTMLElement | null, first: number): void;
  toEnd(): void;
}

export function createScroller(): Scroller {
  let box: HTMLElement | null = null;
  let atEnd = true;
  let held = 0;
  let heldFirst = 0;

  const toEnd = () => {
    atEnd = true;
    if (box !== null) box.scrollTop = box.scrollHeight;
  };
  // The box changes its height with the composer, the form, the keyboard of a phone.
  const observer = new ResizeObserver(() => {
    if (atEnd) toEnd();
  });

  return {
    get atEnd() {
      if (box !== null) atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
      return atEnd;
    },
    get atStart() {
      return box !== null && box.scrollTop < NEAR;
    },
    before() {
      held = box === null ? 0 : box.scrollHeight - box.scrollTop;
    },
    after(element, first) {
      if (element !== null && element !== box) {
        box = element;
        observer.disconnect();
        observer.observe(box);
      }
      if (box === null) return;
      if (atEnd) toEnd();
      else if (first < heldFirst) box.scrollTop = box.scrollHeight - held;
      heldFirst = first;
    },
    toEnd,
  };
}
