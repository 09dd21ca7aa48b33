// Finds a page by the name of what is on it. Works from a folder as well: the names come as a script of their own.
const field = document.getElementById("search");
const list = document.getElementById("found");

function rank(name, words) {
  const low = name.toLowerCase();
  if (!words.every((word) => low.includes(word))) return 9;
  if (low === words.join("")) return 0;
  return low.startsWith(words[0]) ? 1 : 2;
}

function look() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = words.length === 0 ? [] : globalThis.names.map((entry) => [rank(entry[0], words), entry]);
  const best = hits
    .filter(([place]) => place < 9)
    .sort(([one, a], [other, b]) => one - other || a[0].length - b[0].length)
    .slice(0, 12);
  list.replaceChildren(
    ...best.map(([, [name, kind, href]]) => {
      const link = Object.assign(document.createElement("a"), { href });
      link.append(name, Object.assign(document.createElement("small"), { textContent: kind }));
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  list.hidden = best.length === 0;
}

field.addEventListener("input", look);
field.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    field.value = "";
    look();
  }
  if (event.key === "Enter") list.querySelector("a")?.click();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea")) return;
  event.preventDefault();
  field.focus();
});
list.addEventListener("click", () => {
  list.hidden = true;
});
document.addEventListener("click", (event) => {
  if (!event.target.closest(".search")) list.hidden = true;
});
