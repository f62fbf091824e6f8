// What is in the page, and how elements and numbers are written.

const content = JSON.parse(document.getElementById("content").textContent);
const SVG = "http://www.w3.org/2000/svg";
const MINUS = "\u2212";
const stage = document.querySelector(".stage");
const picture = stage.querySelector("svg");
const [legend, body] = picture.querySelectorAll(":scope > g");
const cards = new Map((content.cards ?? []).map((card) => [card.id, card]));
const steps = content.steps ?? [];
const isFilm = Boolean(content.epochs);
const length = isFilm ? content.epochs.length : steps.length;
let here = 0;
let timer = 0;

// ---- elements ------------------------------------------------------------------------------------

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== ""));
  return element;
}

function draw(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

function icon(path) {
  const drawing = draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
  drawing.append(draw("path", { d: path }));
  return drawing;
}

// ---- numbers -------------------------------------------------------------------------------------

/** Write a number: whole where a person wants to copy it, else to so many digits. */
function write(x, digits = 0) {
  if (Array.isArray(x)) return `${write(x[0], digits)} + ${write(x[1], digits)}i`;
  if (typeof x !== "number") return String(x);
  let text = String(x);
  if (digits && Number.isFinite(x) && text.length > digits + 2) {
    const size = Math.abs(x);
    text = size >= 1e-4 && size < 1e6 ? String(Number(x.toPrecision(digits))) : x.toExponential(digits - 1);
  }
  return text.replaceAll("-", MINUS);
}

function entries(array) {
  return array.shape.length ? array.numbers.flat(array.shape.length - 1) : [array.numbers];
}

function indices(i, shape) {
  const found = [];
  for (const n of [...shape].reverse()) {
    found.unshift(i % n);
    i = Math.floor(i / n);
  }
  return found.length ? `[${found.join(", ")}]` : "";
}

function shade(part, x, largest) {
  if (typeof x !== "number" || !x || !largest) return `var(--${part}-0)`;
  const level = Math.min(5, Math.ceil((Math.abs(x) / largest) ** 0.8 * 5));
  return `var(--${part}-${x > 0 ? "p" : "m"}${level})`;
}

/** Set an array as a table; of a large one, its statistics. */
function table(array, part, caption, digits = 3) {
  const rows = make("tbody");
  if (array.numbers === null) {
    for (const [name, value] of Object.entries(array.statistics ?? {})) {
      rows.append(make("tr", {}, make("td", { className: "name" }, name), make("td", {}, write(value, digits))));
    }
  } else {
    const all = entries(array);
    const largest = Math.max(...all.map((x) => (typeof x === "number" ? Math.abs(x) : 0)));
    const across = array.shape.at(-1) ?? 1;
    for (let i = 0; i < all.length; i += across) {
      const row = make("tr");
      for (let j = i; j < i + across; j++) {
        const cell = make("td", { title: `${indices(j, array.shape)} ${write(all[j])}` }, write(all[j], digits));
        cell.style.background = shade(part, all[j], largest);
        row.append(cell);
      }
      rows.append(row);
    }
  }
  return make("figure", { className: `numbers ${part}` }, make("figcaption", {}, caption), make("table", {}, rows));
}

function shapeOf(array) {
  return array.shape?.length ? ` (${array.shape.join(", ")})` : "";
}

/** Show the numbers of a card, or say why there are none. */
function numbers(card, part, caption) {
  const array = part === "v" ? card.value : card.gradient;
  if (array.shape === null) return array.note ? make("p", { className: "soft" }, `${caption}: ${array.note}`) : "";
  return table(array, part, caption + shapeOf(array));
}
