// The picture at a step: what is there already, and where we are.

const ring = draw("rect", { class: "ring", rx: 7 });
const computed = new Map();
const reached = new Map();
steps.forEach((step, i) => {
  if (step.way === "given") step.uses.forEach((id) => computed.set(id, i));
  if (step.way === "forward") computed.set(step.card, i);
  if (step.way === "backward") reached.set(step.card, i);
});
let state = content.states?.[0] ?? { folded: [], hidden: {} };
const at = (id) => state.hidden[id] ?? id;

function least(map, key, value) {
  if (value !== undefined) map.set(key, Math.min(value, map.get(key) ?? Infinity));
}

/** Find out when each card and each edge, as they are drawn now, appears. */
function schedule() {
  const times = { card: new Map(), gradient: new Map(), edge: new Map(), back: new Map(), now: new Map() };
  for (const card of cards.values()) {
    least(times.card, at(card.id), computed.get(card.id));
    least(times.gradient, at(card.id), reached.get(card.id));
  }
  steps.forEach((step, i) => {
    for (const e of step.edges) {
      const edge = content.edges[e];
      const key = `${at(edge.source)}-${at(edge.target)}`;
      least(step.way === "forward" ? times.edge : times.back, key, i);
      if (!times.now.has(i)) times.now.set(i, new Set());
      times.now.get(i).add(key);
    }
  });
  return times;
}

let times = schedule();

function paint() {
  const step = steps[here];
  for (const group of body.querySelectorAll(":scope > .card")) {
    const id = group.dataset.node;
    group.classList.toggle("later", (times.card.get(id) ?? 0) > here);
    group.classList.toggle("waits", (times.gradient.get(id) ?? 0) > here);
  }
  for (const group of body.querySelectorAll(":scope > .edge")) {
    const key = group.dataset.edge;
    const isNow = times.now.get(here)?.has(key) ?? false;
    group.classList.toggle("later", (times.edge.get(key) ?? 0) > here);
    group.classList.toggle("waits", (times.back.get(key) ?? 0) > here);
    group.classList.toggle("now", isNow && step.way === "forward");
    group.classList.toggle("back", isNow && step.way === "backward");
  }
  ring.setAttribute("class", `ring ${step.way}`);
  const box = boxOf(step.card ? at(step.card) : "");
  ring.style.display = box ? "" : "none";
  if (box) {
    const [x, y, w, h] = box;
    Object.entries({ x: x - 5, y: y - 5, width: w + 10, height: h + 10 }).forEach((pair) => ring.setAttribute(...pair));
    follow(box);
  }
}

function groupOf(id) {
  return id ? body.querySelector(`:scope > .card[data-node="${CSS.escape(id)}"]`) : null;
}

/** Where a card is in the body's coordinates: left, top, width, height. */
function boxOf(id) {
  const group = groupOf(id);
  if (!group) return null;
  const { x, y, width, height } = group.getBBox();
  const [left, top] = state.places?.[id] ?? group.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
  return [left + x, top + y, width, height];
}
