"use strict";
(() => {
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

  // ---- elements ------------------------------------------------------------------------------

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

  // ---- numbers -------------------------------------------------------------------------------

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

  // ---- the panel -----------------------------------------------------------------------------

  const panel = make("div", { className: "panel", "aria-live": "polite" });
  const whole = (card) => cards.get(card.ghost_of) ?? card;

  function sentence(step) {
    if (step.way === "given") return "What is given: inputs and parameters";
    const card = cards.get(step.card);
    if (step.way === "backward") return card.gradient.name || `gradient of ${card.title}`;
    return card.formula && card.formula !== card.title ? `${card.title} = ${card.formula}` : card.title;
  }

  function badge(way) {
    const same = steps.filter((step) => step.way === way);
    const place = same.indexOf(steps[here]) + 1;
    const word = { given: "Given", forward: "Forward", backward: "Backward" }[way];
    return make("p", { className: `way ${way}` }, way === "given" ? word : `${word} ${place} of ${same.length}`);
  }

  function show() {
    const step = steps[here];
    const shown = [badge(step.way), make("h2", {}, sentence(step))];
    if (step.way === "given") {
      shown.push(make("p", {}, "Forward, each operation computes a value from these. Backward, each gets its gradient by the chain rule."));
      for (const id of step.uses.filter((id) => !cards.get(id).ghost_of)) {
        shown.push(numbers(cards.get(id), "v", cards.get(id).title));
      }
    } else if (step.way === "forward") shown.push(...forward(step));
    else shown.push(...backward(step));
    panel.replaceChildren(...shown.filter(Boolean));
    panel.scrollTop = 0;
    point(step);
  }

  function forward(step) {
    const card = cards.get(step.card);
    const told = make("p", { className: "soft" }, make("code", {}, card.operation || card.kind), card.line ? `, recorded at ${card.line}` : "");
    const used = [...new Set(step.uses)].map((id) => numbers(whole(cards.get(id)), "v", cards.get(id).title));
    return [told, ...used, numbers(card, "v", `gives ${card.title}`)];
  }

  function backward(step) {
    const card = cards.get(step.card);
    const shown = [];
    if (!step.edges.length) shown.push(make("p", {}, "Here the way back starts: with respect to itself, its derivative is 1."));
    const many = step.edges.length > 1;
    if (many) shown.push(make("p", {}, `It is used ${step.edges.length} times; what comes back adds up.`));
    for (const i of step.edges) shown.push(...way(content.edges[i], card, many));
    if (many || !step.edges.length) shown.push(numbers(card, "g", many ? `the sum: ${card.gradient.name}` : card.gradient.name));
    if (card.gradient.remark) shown.push(make("p", { className: "soft" }, card.gradient.remark));
    if (card.check) {
      shown.push(make("p", { className: `check ${card.check.status}` }, card.check.sentence));
      if (card.check.yours.shape && card.check.status !== "exact") shown.push(table(card.check.yours, "g", "yours"));
    }
    return shown;
  }

  /** Show one way back: the gradient that it starts from, the rule, and what it brings. */
  function way(edge, card, many) {
    const target = cards.get(edge.target);
    const v = target.gradient;
    const from = v.name || `gradient of ${target.title}`;
    const start = v.shape === null ? "" : table(v, "g", `v = ${from}${shapeOf(v)}`);
    const rule = make("code", { className: "rule" }, edge.rule ? `${edge.rule}` : "the rules of what is folded");
    const whole = many || card.gradient.remark ? "" : ` ${card.gradient.name}`;
    const brought = table(edge.contribution, "g", `brings${whole}${shapeOf(edge.contribution)}`);
    if (!edge.terms) return [start, rule, brought];
    const product = make("p", { className: "product" });
    const cells = [...brought.querySelectorAll("td")];
    const origins = [...start.querySelectorAll("td")];
    const vs = entries(v);
    const found = entries(edge.contribution);
    const choose = (i) => {
      const terms = [];
      const used = new Set();
      for (let t = 0; t < edge.terms[i].length; t += 2) {
        const [k, d] = edge.terms[i].slice(t, t + 2);
        used.add(k);
        if (terms.length) terms.push(" + ");
        terms.push(make("b", {}, bracketed(vs[k])), d === 1 ? "" : ` × ${bracketed(d)}`);
      }
      const place = edge.contribution.shape.length ? `${indices(i, edge.contribution.shape)}: ` : "";
      product.replaceChildren(`${place}${write(found[i], 4)} = `, ...(terms.length ? terms : ["0, for nothing depends on it"]));
      cells.forEach((cell, j) => cell.classList.toggle("chosen", i === j));
      origins.forEach((cell, j) => cell.classList.toggle("used", used.has(j)));
    };
    cells.forEach((cell, i) => {
      cell.tabIndex = 0;
      for (const event of ["pointerenter", "focus", "click"]) cell.addEventListener(event, () => choose(i));
    });
    const sizes = found.map((x) => Math.abs(Number(x)) || 0);
    choose(sizes.indexOf(Math.max(...sizes)));
    return [start, rule, brought, product];
  }

  function bracketed(x) {
    const text = write(x, 4);
    return text.startsWith(MINUS) ? `(${text})` : text;
  }

  /** Set the code of a diagnosis, with what was found out about each line. */
  const lines = (content.code ?? []).map((line) => {
    if (!line.number) return make("div", { className: "name" }, line.text);
    return make("div", { className: line.status, title: line.sentence }, make("span", {}, String(line.number)), line.text);
  });
  const code = make("div", { className: "code", hidden: !lines.length }, ...lines);

  /** Mark the line that computes the gradient of this step, and bring it into view. */
  function point(step) {
    lines.forEach((row, i) => {
      const isNow = step.way === "backward" && content.code[i].card === step.card;
      row.classList.toggle("now", isNow);
      if (isNow) code.scrollTop = row.offsetTop - code.clientHeight / 2;
    });
  }

  // ---- the picture at a step -------------------------------------------------------------------

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

  // ---- epochs ----------------------------------------------------------------------------------

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

  // ---- folding ---------------------------------------------------------------------------------

  const firstCards = [...body.querySelectorAll(":scope > .card")];
  const firstOthers = [...body.querySelectorAll(":scope > :not(.card)")];
  const firstInside = new Map(firstCards.map((group) => [group, group.innerHTML]));

  function parse(markup) {
    const holder = draw("g", {});
    holder.innerHTML = markup;
    return [...holder.children];
  }

  /** Go to the prepared state that folds most nearly what is wanted, for the sake of one frame. */
  function refold(wanted, frame, isFolded) {
    const key = [...wanted].sort().join();
    const fitting = content.states.filter((s) => s.folded.includes(frame) === isFolded);
    const exact = content.states.find((s) => [...s.folded].sort().join() === key);
    const next = exact ?? fitting.at(isFolded ? -1 : 0);
    if (!next || next === state) return;
    state = next;
    picture.classList.add("moving");
    body.replaceChildren(
      ...(state.folded.length ? [...parse(state.frames), ...parse(state.edges)] : firstOthers),
      ...firstCards.filter((group) => group.dataset.node in state.places),
      ...parse(state.added),
      ring,
    );
    for (const group of firstCards) {
      const id = group.dataset.node;
      const title = group.querySelector("title").outerHTML;
      const inside = id in state.changed ? title + state.changed[id] : firstInside.get(group);
      if (group.innerHTML !== inside) group.innerHTML = inside;
      const [x, y] = state.places[id] ?? [0, 0];
      group.style.transform = `translate(${x}px, ${y}px)`;
    }
    times = schedule();
    handles();
    fit();
    paint();
    announce(isFolded ? "folded" : "unfolded");
  }

  const isInside = (frame, outer) => frame !== null && (frame === outer || isInside(content.frames[frame].parent, outer));
  const foldFrame = (i) => refold([...state.folded.filter((j) => !isInside(j, i)), i], i, true);
  const unfoldFrame = (i) => refold(state.folded.filter((j) => j !== i), i, false);

  /** Make frames and folds into buttons. */
  function handles() {
    if ((content.states?.length ?? 0) < 2) return;
    for (const group of body.querySelectorAll(":scope > .frame")) {
      const i = Number(group.dataset.frame);
      button(group, `fold ${content.frames[i].path}`, "\u229f", () => foldFrame(i));
    }
    for (const group of body.querySelectorAll(":scope > .card.module")) {
      const i = Number(group.dataset.node.slice(1));
      button(group, `unfold ${content.frames[i].path}`, "\u229e", () => unfoldFrame(i));
    }
  }

  function button(group, label, sign, act) {
    if (group.getAttribute("role") === "button") return;
    const frame = [...group.querySelectorAll("rect")].at(-1);
    const right = Number(frame.getAttribute("x")) + Number(frame.getAttribute("width"));
    const top = Number(frame.getAttribute("y"));
    group.append(draw("text", { class: "sign", x: right - 8, y: top + 17, "text-anchor": "end" }, sign));
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", "0");
    group.setAttribute("aria-label", label);
    group.addEventListener("click", act);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      act();
    });
  }

  // ---- pan and zoom ----------------------------------------------------------------------------

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

  // ---- the full values of what is pointed at -----------------------------------------------------

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

  // ---- controls ----------------------------------------------------------------------------------

  const slider = make("input", { type: "range", min: 0, max: length - 1, value: 0 });
  slider.setAttribute("aria-label", isFilm ? content.word : "step");
  const count = make("output");
  const PLAY = "M4 2l10 6-10 6z";
  const PAUSE = "M3 2h4v12H3zM9 2h4v12H9z";

  function control(label, path, act, kind = "") {
    const made = make("button", { type: "button", title: label, className: kind }, icon(path));
    made.setAttribute("aria-label", label.replace(/ \(.*/, ""));
    made.addEventListener("click", act);
    return made;
  }

  const playing = control("play (space)", PLAY, () => (timer ? pause() : play()), "play");
  const back = control("step back (\u2190)", "M12 2v12L4 8z", () => { pause(); go(here - 1); });
  const ahead = control("step (\u2192)", "M4 2v12l8-6z", () => { pause(); go(here + 1); });
  const first = control("to the start (Home)", "M3 2h2v12H3zM14 2v12L6 8z", () => { pause(); go(0); });
  const last = control("to the end (End)", "M11 2h2v12h-2zM2 2v12l8-6z", () => { pause(); go(length - 1); });

  function announce(text) {
    count.value = text;
    window.setTimeout(() => { count.value = `${here + 1} / ${length}`; }, 900);
  }

  function go(to) {
    here = Math.min(Math.max(to, 0), length - 1);
    hide();
    if (isFilm) epoch();
    else {
      show();
      paint();
    }
    slider.value = here;
    slider.setAttribute("aria-valuetext", isFilm ? `${content.word} ${content.epochs[here]}` : sentence(steps[here]));
    count.value = `${here + 1} / ${length}`;
    back.disabled = first.disabled = here === 0;
    ahead.disabled = last.disabled = here === length - 1;
    document.documentElement.dataset.step = here;
  }

  function label() {
    const word = timer ? "pause" : "play";
    playing.setAttribute("aria-label", word);
    playing.title = `${word} (space)`;
    playing.firstElementChild.firstElementChild.setAttribute("d", timer ? PAUSE : PLAY);
  }

  function play() {
    if (here === length - 1) go(0);
    const pace = isFilm ? Math.max(60, Math.min(600, 9000 / length)) : 1600;
    timer = window.setInterval(() => {
      go(here + 1);
      if (here === length - 1) pause();
    }, pace);
    label();
  }

  function pause() {
    window.clearInterval(timer);
    timer = 0;
    label();
  }

  slider.addEventListener("input", () => { pause(); go(Number(slider.value)); });
  const keys = {
    ArrowRight: () => { pause(); go(here + 1); },
    ArrowLeft: () => { pause(); go(here - 1); },
    Home: () => { pause(); go(0); },
    End: () => { pause(); go(length - 1); },
    " ": () => (timer ? pause() : play()),
    "+": () => zoom(0.8),
    "-": () => zoom(1.25),
    0: () => fit(),
  };
  window.addEventListener("keydown", (event) => {
    const isPressed = event.key === " " && event.target.closest?.("button");
    if (event.ctrlKey || event.metaKey || event.altKey || isPressed || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // ---- all together ------------------------------------------------------------------------------

  const turn = steps.findIndex((step) => step.way === "backward");
  const share = isFilm || turn < 0 ? 100 : (100 * (turn - 0.5)) / (length - 1);
  slider.style.setProperty("--way", `linear-gradient(90deg, var(--forward) ${share}%, var(--backward) ${share}%)`);
  document.documentElement.classList.add("alive");
  legend.classList.add("legend");
  body.append(ring);
  const aside = make("aside", {}, make("h1", {}, document.title), make("p", { className: "facts" }, content.facts), panel, code);
  document.querySelector("main").append(aside);
  const gap = () => make("span", { className: "gap" });
  const zooming = [
    control("smaller (\u2212)", "M2 7h12v2H2z", () => zoom(1.25), "view"),
    control("show all", "M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z", () => fit(true), "view"),
    control("larger (+)", "M7 2h2v5h5v2H9v5H7V9H2V7h5z", () => zoom(0.8), "view"),
  ];
  const bar = make("nav", {}, first, back, playing, ahead, last, slider, count, gap(), ...zooming);
  bar.setAttribute("aria-label", "steps");
  document.body.append(bar, tip);
  if (!isFilm) handles();
  fit();
  go(0);
})();
