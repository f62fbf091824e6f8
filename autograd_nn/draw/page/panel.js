// What stands beside the picture at a step: in words, in numbers, and as code.

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
