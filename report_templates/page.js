// The page's own script: no library, no request. Texts are set as text, never as markup.
"use strict";
(() => {
const root = document.documentElement;
const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
root.classList.add("scripted");

// --- dark and light: what the system asks for, until somebody chooses -----------------------------------------------
const stored = () => { try { return localStorage.getItem("pass_engine-theme"); } catch { return null; } };
const theme = one("#theme");
const system = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => root.classList.contains("dark") || (system.matches && !root.classList.contains("light"));
const showTheme = () => { theme.textContent = isDark() ? "Light view" : "Dark view"; };
const setTheme = (name) => { root.classList.remove("dark", "light"); root.classList.add(name); showTheme(); };
if (["dark", "light"].includes(stored())) setTheme(stored());
theme.hidden = false;
showTheme();
system.addEventListener("change", showTheme);
theme.addEventListener("click", () => {
  setTheme(isDark() ? "light" : "dark");
  try { localStorage.setItem("pass_engine-theme", isDark() ? "dark" : "light"); } catch { /* not kept */ }
});

// --- contents: opened by a button on a narrow screen; marks the section that is read --------------------------------
const nav = one("#contents"), opener = one("#open-contents");
opener.hidden = false;
const showContents = (open) => {
  nav.classList.toggle("open", open);
  opener.setAttribute("aria-expanded", String(open));
};
opener.addEventListener("click", () => showContents(!nav.classList.contains("open")));
nav.addEventListener("click", (event) => { if (event.target.closest("a")) showContents(false); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && nav.classList.contains("open")) { showContents(false); opener.focus(); }
});
const links = new Map(all("li > a[href^='#section'], a[href='#result-rows']", nav).map((a) => [a.hash.slice(1), a]));
const headings = [...links.keys()].map((id) => document.getElementById(id));
const showPlace = () => {
  const read = headings.findLast((heading) => heading.getBoundingClientRect().top < innerHeight / 3);
  for (const [id, link] of links) {
    if (id !== read?.id) { link.removeAttribute("aria-current"); continue; }
    link.setAttribute("aria-current", "true");
    const top = link.getBoundingClientRect().top - nav.getBoundingClientRect().top;
    if (top < 0 || top > nav.clientHeight - 40) nav.scrollTop += top - nav.clientHeight / 2;
  }
};
let waiting = false;
addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; showPlace(); });
}, { passive: true });
showPlace();

// --- one of many: a group of links or marks is one stop of the Tab key; arrows move within it -----------------------
const rove = (items, next) => {
  items.forEach((item, n) => item.setAttribute("tabindex", n ? "-1" : "0"));
  const owner = new Set(items);
  return (event) => {
    const item = event.target.closest("[tabindex]");
    if (!owner.has(item)) return;
    const to = next(item, event.key);
    if (!to) return;
    event.preventDefault();
    for (const other of items) other.setAttribute("tabindex", other === to ? "0" : "-1");
    to.focus();
  };
};

// --- tables: sorted by a button in every head, filtered by words ----------------------------------------------------
const numberOf = (text) => {
  const found = /^[<≥]?\s*([-−]?[\d,]*\.?\d+)/.exec(text.trim());
  return found && !text.trim().startsWith("<") ? Number(found[1].replaceAll(",", "").replace("−", "-")) : null;
};
const compare = (a, b, numeric) => {
  if (!numeric) return a.localeCompare(b, "en", { numeric: true });
  const x = numberOf(a), y = numberOf(b);
  if (x === null || y === null) return (x === null) - (y === null);
  return x - y;
};
const ORDERS = { none: "ascending", ascending: "descending", descending: "none" };
const sortable = (head, onSort) => {
  const button = make("button", { type: "button" });
  button.append(...[...head.childNodes].filter((node) => node.nodeName !== "A"));  // a link in a head stays a link
  if (!button.textContent.trim()) button.setAttribute("aria-label", "Sort by this column");
  head.prepend(button);
  head.setAttribute("aria-sort", "none");
  button.addEventListener("click", () => {
    const order = ORDERS[head.getAttribute("aria-sort")];
    for (const other of all("th[aria-sort]", head.closest("thead"))) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", order);
    onSort(order);
  });
};
const ordered = (lines, order, key, numeric) => {
  if (order === "none") return lines;
  const sign = order === "descending" ? -1 : 1;
  return [...lines].sort((a, b) => {
    const x = key(a), y = key(b);
    const result = compare(x, y, numeric);
    const blank = numeric && (numberOf(x) === null || numberOf(y) === null);  // what is no number stays last
    return blank ? result : sign * result;
  });
};
const FEWEST_TO_FILTER = 6;
const enliven = (block, table) => {
  const body = one("tbody", table), rows = all("tr", body);
  const parts = [];
  for (const row of rows) {
    const group = row.classList.contains("group");
    if (group || !parts.length) parts.push({ head: group ? row : null, lines: [], totals: [] });
    if (!group) parts.at(-1)[row.classList.contains("total") ? "totals" : "lines"].push(row);
  }
  const text = (row, column) => row.cells[column].childNodes[0]?.textContent ?? "";
  all("thead tr:last-child th", table).forEach((head, column) => sortable(head, (order) => {
    const numeric = head.classList.contains("n");
    for (const part of parts) {
      const lines = ordered(part.lines, order, (row) => text(row, column), numeric);
      body.append(...(part.head ? [part.head] : []), ...(order === "none" ? [] : [...lines, ...part.totals]));
      if (order === "none") body.append(...rows.filter((r) => part.lines.includes(r) || part.totals.includes(r)));
    }
  }));
  const numbers = all("tbody a", table);
  if (numbers.length) table.addEventListener("keydown", rove(numbers, (item, key) => stepIn(item, key)));
  const count = rows.length - parts.filter((part) => part.head).length;
  if (count >= FEWEST_TO_FILTER) filterable(block, one(".caption .label", block).textContent, parts, count);
};
const stepIn = (item, key) => {
  const row = item.closest("tr"), cell = item.closest("td, th");
  const shown = (r, step) => { do r = step(r); while (r && (r.hidden || !one("a", r))); return r; };
  const inCell = (r) => r && (one("a", r.cells[cell.cellIndex] ?? r) ?? one("a", r));
  const here = all("a", row), at = here.indexOf(item);
  if (key === "ArrowRight") return here[at + 1];
  if (key === "ArrowLeft") return here[at - 1];
  if (key === "ArrowDown") return inCell(shown(row, (r) => r.nextElementSibling));
  if (key === "ArrowUp") return inCell(shown(row, (r) => r.previousElementSibling));
  return null;
};
const filterable = (block, label, parts, count) => {
  const input = make("input", { type: "search", autocomplete: "off" });
  input.setAttribute("aria-label", `Filter the lines of ${label.replace(/\.$/, "")}`);
  const told = make("span", { className: "told" });
  told.setAttribute("role", "status");
  block.prepend(make("p", { className: "controls" }, make("label", {}, "Filter ", input), told));
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let kept = 0;
    for (const { head, lines, totals } of parts) {
      const above = head ? head.textContent : "";
      let here = 0;
      for (const row of [...lines, ...totals]) {
        const text = `${above} ${row.innerText || row.textContent}`.toLowerCase();
        row.hidden = !wanted.every((word) => text.includes(word));
        here += !row.hidden;
      }
      if (head) head.hidden = !here;
      kept += here;
    }
    told.textContent = wanted.length ? `${kept} of ${count} lines` : "";
  });
};
for (const listing of all(".listing")) {
  const names = all("a", listing);
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  listing.addEventListener("keydown", rove(names, (item, key) => step[key] && names[names.indexOf(item) + step[key]]));
}
for (const block of all(".table-block")) {
  const table = one("table", block);
  if (table) enliven(block, table);
}

// --- wide tables and drawings scroll; where they do, the keyboard reaches them --------------------------------------
const fit = () => {
  for (const box of all(".scroll")) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0; else box.removeAttribute("tabindex");
  }
};
fit();
addEventListener("resize", fit);

// --- figures: values on hover and on focus --------------------------------------------------------------------------
const tip = one("#tip");
const NEAR = 14;
let lit = null;
const place = () => {  // beside the mark that is lit
  const box = lit.getBoundingClientRect();
  const x = Math.min(Math.max(box.x + box.width / 2 - tip.offsetWidth / 2, 4), innerWidth - tip.offsetWidth - 4);
  const above = box.y - tip.offsetHeight - 8;
  tip.style.left = `${x}px`;
  tip.style.top = `${above < 4 ? box.bottom + 8 : above}px`;
};
const tell = (mark) => {
  if (lit === mark) return;
  lit?.classList.remove("lit");
  lit = mark;
  tip.hidden = !mark;
  if (!mark) return;
  mark.classList.add("lit");
  tip.textContent = mark.dataset.told;
  place();
};
const distance = (mark, x, y) => {
  const b = mark.getBoundingClientRect();
  return Math.hypot(Math.max(b.left - x, 0, x - b.right), Math.max(b.top - y, 0, y - b.bottom));
};
for (const svg of all("figure svg")) {
  const marks = all("[data-told]", svg);
  if (!marks.length) continue;
  svg.setAttribute("role", "group");
  for (const mark of marks) {
    mark.setAttribute("role", mark.dataset.row ? "link" : "img");
    mark.setAttribute("aria-label", mark.dataset.told);
  }
  const move = rove(marks, (mark, key) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
    return step && marks[marks.indexOf(mark) + step];
  });
  const nearest = (event) => {
    const near = marks.map((mark) => [distance(mark, event.clientX, event.clientY), mark]);
    const [far, mark] = near.reduce((best, other) => (other[0] < best[0] ? other : best));
    return far <= NEAR ? mark : null;
  };
  svg.addEventListener("keydown", (event) => {
    move(event);
    const mark = event.target.closest("[data-told]");
    if (mark?.dataset.row && event.key === "Enter") showRow(mark.dataset.row, mark);
    if (event.key === "Escape") tell(null);
  });
  svg.addEventListener("pointermove", (event) => tell(nearest(event)));
  svg.addEventListener("pointerleave", () => tell(null));
  svg.addEventListener("click", (event) => {
    const mark = nearest(event);
    if (mark?.dataset.row) showRow(mark.dataset.row, mark);
  });
  svg.addEventListener("focusin", (event) => tell(event.target.closest("[data-told]")));
  svg.addEventListener("focusout", () => tell(null));
}
// The focus may itself have scrolled the page to its mark: then the words follow it.
addEventListener("scroll", () => (lit && lit === document.activeElement ? place() : tell(null)), { passive: true });

// --- result rows: the files of results/, column by column, and the row behind a number ------------------------------
const files = JSON.parse(one("#data").textContent);
const cell = (column, n) => (column.index ? column.values[column.index[n]] : column.values[n]);
const fileNamed = new Map(files.map((file) => [file.name, file]));
const dialog = one("#row");
const rowCard = (file, at) => {
  const body = make("tbody");
  for (const column of file.columns) {
    const value = cell(column, at);
    if (!value) continue;
    const meaning = make("span", { className: "meaning", textContent: column.meaning });
    body.append(make("tr", {}, make("th", { scope: "row", textContent: column.name }),
      make("td", {}, value, meaning)));
  }
  return make("table", { className: "facts" }, body);
};
const FIRST_ROW = 2;  // the head of a file is row 1
const find = (id) => {
  const place = Number(id.slice(2));
  const file = files.find(({ first, of }) => first !== null && first <= place && place < first + of);
  if (!file) return null;
  const number = place - file.first + FIRST_ROW;
  const at = file.numbers ? file.numbers.indexOf(number) : number - FIRST_ROW;
  return at < 0 ? null : { id, file, at, number };
};
const showRow = (source, from) => {
  const found = source.split(",").map(find).filter(Boolean);
  if (!found.length) return;
  one("#row-title").textContent = found.map(({ id }) => id).join(", ");
  one("#row-body").replaceChildren(...found.flatMap(({ id, file, at, number }) =>
    [make("p", { textContent: `${id} is row ${number} of results/${file.name}.` }), rowCard(file, at)]));
  dialog.showModal();
  dialog.scrollTop = 0;
  one("#row-title").focus();
  dialog.addEventListener("close", () => from?.focus(), { once: true });
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#R-']");
  if (!link) return;
  event.preventDefault();
  showRow(link.dataset.row ?? link.hash.slice(1), link);
});
const fromAddress = () => { if (location.hash.startsWith("#R-")) showRow(location.hash.slice(1)); };

const PAGE = 50;
const choice = one("#file"), words = one("#row-filter"), before = one("#before"), after = one("#after");
let file, kept, start, sorting;
const choose = () => {
  const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
  kept = Array.from({ length: file.rows }, (_, n) => n);
  if (wanted.length) {
    kept = kept.filter((n) => {
      const text = file.columns.map((column) => cell(column, n)).join(" ").toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
  }
  if (sorting.order !== "none") {
    const { column, order } = sorting;
    kept = ordered(kept, order, (n) => cell(column, n), column.numeric);
  }
  start = 0;
  page();
};
const page = () => {
  const shown = kept.slice(start, start + PAGE);
  one("#rows tbody").replaceChildren(...shown.map((n) => {
    const number = file.numbers ? file.numbers[n] : n + FIRST_ROW;
    const id = file.first === null ? "" : `R-${String(file.first + number - FIRST_ROW).padStart(6, "0")}`;
    const head = id ? make("a", { href: `#${id}`, textContent: id }) : String(number);
    return make("tr", {}, make("th", { scope: "row" }, head), ...file.columns.map((column) =>
      make("td", { className: column.numeric ? "n" : "w", textContent: cell(column, n) })));
  }));
  const range = shown.length ? `${start + 1} to ${start + shown.length} of ${kept.length} rows` : "No row";
  const part = file.rows < file.of ? ` Of ${file.of} rows of the file, those the report prints from are here.` : "";
  one("#row-count").textContent = `${range}.${part}`;
  before.disabled = start === 0;
  after.disabled = start + PAGE >= kept.length;
};
const open = (name) => {
  file = fileNamed.get(name);
  sorting = { column: null, order: "none" };
  const heads = file.columns.map((column) => {
    const head = make("th", { scope: "col", className: column.numeric ? "n" : "w", title: column.meaning }, column.name);
    return [head, column];
  });
  one("#rows thead").replaceChildren(make("tr", {}, make("th", { scope: "col", textContent: "row" }), ...heads.map((h) => h[0])));
  for (const [head, column] of heads) sortable(head, (order) => { sorting = { column, order }; choose(); });
  choose();
};
for (const { name } of files) choice.append(make("option", { value: name, textContent: name }));
choice.addEventListener("change", () => { words.value = ""; open(choice.value); });
words.addEventListener("input", choose);
before.addEventListener("click", () => { start -= PAGE; page(); });
after.addEventListener("click", () => { start += PAGE; page(); });
if (files.length) { one("#browser").hidden = false; open(files[0].name); }
addEventListener("hashchange", fromAddress);
fromAddress();
})();
