// Pan and zoom, and the full values of what is pointed at.

// ---- pan and zoom --------------------------------------------------------------------------------

let view = { x: 0, y: 0, w: 1, h: 1 };
let isMine = false; // whether the reader has moved the picture

function look(next) {
  view = next;
  picture.setAttribute("viewBox", [view.x, view.y, view.w, view.h].map((x) => x.toFixed(1)).join(" "));
}

function area() {
  const { width, height } = stage.getBoundingClientRect();
  return { width: Math.max(width, 1), height: Math.max(height, 1) };
}

/** Show all, or if that is too small to be read, a part that follows the steps. */
function fit(isAll = false) {
  const { width, height } = area();
  const [left, top] = state.origin ?? body.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
  body.setAttribute("transform", `translate(${left} ${top})`);
  const box = body.getBBox();
  const margin = 24;
  const scale = Math.min(width / (box.width + 2 * margin), height / (box.height + 2 * margin), 1.6);
  const shown = isAll ? scale : Math.max(scale, 0.55);
  const [w, h] = [width / shown, height / shown];
  const x = shown > scale ? left + box.x - margin : left + box.x + box.width / 2 - w / 2;
  look({ x, y: left && top + box.y + box.height / 2 - h / 2, w, h });
  isMine = isAll;
}

/** Keep a card in view, unless the reader looks elsewhere. */
function follow([x, y, w, h]) {
  if (isMine) return;
  const [left, top] = body.getAttribute("transform").match(/-?[\d.]+/g).map(Number);
  const next = { ...view };
  const [cx, cy] = [left + x, top + y];
  if (cx < view.x + 20 || cx + w > view.x + view.w - 20) next.x = cx + w / 2 - view.w / 2;
  if (cy < view.y + 20 || cy + h > view.y + view.h - 20) next.y = cy + h / 2 - view.h / 2;
  look(next);
}

function zoom(factor, clientX = NaN, clientY = NaN) {
  const { left, top, width, height } = stage.getBoundingClientRect();
  const px = Number.isNaN(clientX) ? 0.5 : (clientX - left) / width;
  const py = Number.isNaN(clientY) ? 0.5 : (clientY - top) / height;
  const w = Math.min(Math.max(view.w * factor, 80), 60000);
  const h = (w / view.w) * view.h;
  isMine = true;
  look({ x: view.x + px * (view.w - w), y: view.y + py * (view.h - h), w, h });
}

picture.style.height = picture.style.width = "100%"; // beats the rule in the picture itself

let held = null;
stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(event.deltaY * 0.0015), event.clientX, event.clientY);
}, { passive: false });
stage.addEventListener("pointerdown", (event) => {
  held = { x: event.clientX, y: event.clientY, view, moved: false };
});
stage.addEventListener("pointermove", (event) => {
  if (!held || !event.buttons) return;
  const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
  if (!held.moved && Math.hypot(dx, dy) < 4) return;
  held.moved = isMine = true;
  stage.classList.add("held");
  hide();
  const unit = view.w / area().width;
  look({ ...view, x: held.view.x - dx * unit, y: held.view.y - dy * unit });
});
window.addEventListener("pointerup", () => stage.classList.remove("held"));
stage.addEventListener("click", (event) => {
  const moved = held?.moved;
  held = null;
  if (moved) {
    event.stopPropagation();
    return;
  }
  const id = event.target.closest(".card")?.dataset.node;
  if (!cards.has(id) || isFilm) return;
  const real = whole(cards.get(id)).id;
  const isBack = steps[here].way === "backward" || here === computed.get(real);
  go((isBack ? reached.get(real) : computed.get(real)) ?? computed.get(real) ?? here);
}, true);
window.addEventListener("resize", () => {
  fit();
  if (!isFilm) paint();
});

// ---- the full values of what is pointed at -------------------------------------------------------

const tip = make("div", { className: "tip", hidden: true, role: "tooltip" });
let soon = 0;
const hide = () => {
  window.clearTimeout(soon);
  tip.hidden = true;
};

stage.addEventListener("pointerover", (event) => {
  const id = event.target.closest?.(".card")?.dataset.node;
  hide();
  if (cards.has(id) && !isFilm && !event.buttons) soon = window.setTimeout(tell, 350, id);
});
stage.addEventListener("pointerleave", hide);

function tell(id) {
  const card = whole(cards.get(id));
  const name = make("div", {}, make("b", {}, card.path || card.title), card.formula && card.formula !== card.title ? ` = ${card.formula}` : "");
  const shown = [name, make("div", { className: "soft" }, `${card.kind}${shapeOf(card)} ${card.dtype}${card.line ? `, ${card.line}` : ""}`)];
  if (card.value.shape && !groupOf(id).classList.contains("later")) shown.push(table(card.value, "v", "value", 17));
  if (card.gradient.shape && !groupOf(id).classList.contains("waits")) shown.push(table(card.gradient, "g", card.gradient.name, 17));
  tip.replaceChildren(...shown);
  tip.hidden = false;
  const size = tip.getBoundingClientRect();
  const box = groupOf(id).getBoundingClientRect();
  const below = box.bottom + 8 + size.height < window.innerHeight;
  tip.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - size.width - 8))}px`;
  tip.style.top = `${below ? box.bottom + 8 : Math.max(8, box.top - size.height - 8)}px`;
}
