// Buttons, slider and keys; then all together.

// ---- controls ------------------------------------------------------------------------------------

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

// ---- all together --------------------------------------------------------------------------------

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
