// The picture at a moment of training, and the curve of the loss.

const groups = new Map();
if (isFilm) {
  for (const part of content.parts) {
    const selector = part.card ? `.card[data-node="${part.card}"]` : `.edge[data-edge="${part.edge}"]`;
    groups.set(part, body.querySelector(`:scope > ${selector}`));
  }
}

function epoch() {
  for (const [part, group] of groups) {
    group.innerHTML = part.constant.map((text, i) => text + (part.varying[here][i] ?? "")).join("");
  }
  const bars = make("tbody");
  for (const [name, norms] of Object.entries(content.norms)) {
    const largest = Math.max(...norms.filter(Number.isFinite)) || 1;
    const bar = make("i");
    bar.style.width = `${(100 * norms[here]) / largest}%`;
    bars.append(make("tr", {}, make("td", { className: "name" }, name), make("td", {}, write(norms[here], 3)), make("td", {}, bar)));
  }
  panel.replaceChildren(
    make("p", { className: "way" }, `${content.word} ${content.epochs[here]}`),
    make("h2", {}, `${content.title} = ${write(content.losses[here], 5)}`),
    chart(content.losses),
    make("p", { className: "soft" }, "Norms of the gradients"),
    make("table", { className: "bars" }, bars),
  );
}

/** Draw the curve of the loss, with where we are; a click goes there. */
function chart(losses) {
  const [w, h, left, bottom] = [340, 176, 48, 22];
  const sizes = losses.filter((x) => typeof x === "number");
  const isLog = Math.min(...sizes) > 0 && Math.max(...sizes) > 20 * Math.min(...sizes);
  const scale = (x) => (isLog ? Math.log10(x) : x);
  const [low, high] = [scale(Math.min(...sizes)), scale(Math.max(...sizes))];
  const x = (i) => left + ((w - left - 10) * i) / Math.max(length - 1, 1);
  const y = (value) => 12 + (h - bottom - 12) * (1 - (scale(value) - low) / (high - low || 1));
  const points = (n) => losses.slice(0, n).map((value, i) => (typeof value === "number" ? `${x(i)},${y(value)}` : "")).join(" ");
  const drawing = draw("svg", { class: "chart", viewBox: `0 0 ${w} ${h}`, role: "img", "aria-label": `The loss over ${content.word}s` });
  drawing.append(
    draw("path", { class: "axis", d: `M${left} 8V${h - bottom}H${w}`, fill: "none" }),
    draw("text", { x: left - 5, y: 18, "text-anchor": "end" }, write(Math.max(...sizes), 2)),
    draw("text", { x: left - 5, y: h - bottom, "text-anchor": "end" }, write(Math.min(...sizes), 2)),
    draw("text", { x: left, y: h - 6 }, `${content.word} ${content.epochs[0]}`),
    draw("text", { x: w - 4, y: h - 6, "text-anchor": "end" }, `${content.epochs.at(-1)}${isLog ? ", log scale" : ""}`),
    draw("polyline", { class: "curve", points: points(length) }),
    draw("polyline", { class: "curve past", points: points(here + 1) }),
  );
  if (typeof losses[here] === "number") drawing.append(draw("circle", { cx: x(here), cy: y(losses[here]), r: 6 }));
  drawing.addEventListener("click", (event) => {
    const area = drawing.getBoundingClientRect();
    const share = ((event.clientX - area.left) / area.width * w - left) / (w - left - 10);
    go(Math.round(share * (length - 1)));
  });
  return drawing;
}
