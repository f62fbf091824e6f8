// Folding and unfolding modules: all ways to are prepared.

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
  for (const group of body.querySelectorAll(`:scope > .card.module[data-node^="f"]`)) {
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
