// What the reader does: the time, what is pointed at, the colours.

const WHOLE_RUN_MS = 12000; // of playing
const at = (id) => document.getElementById(id);
const canvases = { diagram: at("diagram"), function: at("function"), loss: at("lossPlot") };
const view = { moment: momentAt(last()), pinned: null, pointed: null, probe: null, timer: 0, ghost: null };
const drawn = {};

/** Make an element with a text. */
function made(tag, text, className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

/** Say what the marks of a drawing mean. */
function writeKey(id, entries) {
  const items = entries.map(([mark, name, words]) => {
    const item = made("span", words);
    item.prepend(made("b", mark, name));
    return item;
  });
  at(id).replaceChildren(...items);
}

/** Draw everything. */
function draw() {
  const { moment, probe } = view;
  const chosen = view.pointed || view.pinned;
  drawn.diagram = drawDiagram(canvases.diagram, moment, chosen);
  drawn.function = drawFunction(canvases.function, moment, chosen, probe);
  drawn.loss = drawLoss(canvases.loss, moment);
  const part = partOf(moment, chosen);
  const network = ["", "line ink", lineName("network", moment.y)];
  const ghost = view.ghost ? [["", "line faint", "the run before"]] : [];
  writeKey("functionKey", [...run.keys.function, network, ...ghost, ...(part ? [["", "line part", part.name]] : [])]);
  writeKey("lossKey", [...run.keys.loss, ...ghost]);
  if (part) document.querySelector(".part").style.color = part.color;
  at("hint").hidden = Boolean(chosen);
  const { facts, ...texts } = describe(moment, chosen || { layer: OUTPUT, index: 0 });
  writeTexts({ ...texts, facts: chosen ? facts : facts.slice(1) }); // the hint stands there
}

/** Write what stands in words: numbers, formula, and what screen readers say of the drawings. */
function writeTexts({ title, formula, facts }) {
  const { moment, probe } = view;
  at("step").textContent = countText(moment.step);
  at("loss").textContent = lossText(moment.loss);
  const hasHeldOut = moment.stage.x.length > moment.stage.trained;
  at("heldOutBox").hidden = !hasHeldOut;
  at("heldOut").textContent = hasHeldOut ? lossText(moment.heldOut) : "";
  at("insideTitle").textContent = title;
  at("formula").textContent = formula;
  at("facts").replaceChildren(...facts.filter(Boolean).map((fact) => made("li", fact)));
  const read = () => `${run.x_name} = ${plain(probe)}: ${run.output_name} = ${plain(outputAt(moment, probe), 5)}`;
  at("probe").textContent = probe === null ? "" : read();
  const change = run.changes.filter(([step]) => step <= moment.step).pop();
  const changed = change ? say("step {step}: {change}", { step: countText(change[0]), change: change[1] }) : "";
  at("change").textContent = (moment.place === last() && run.diverged) || changed;
  at("change").hidden = run.changes.length === 0 && !run.diverged;
  const now = { step: countText(moment.step), loss: lossText(moment.loss) };
  at("time").setAttribute("aria-valuetext", say("step {step}, loss {loss}", now));
  const label = ({ dataset: { what } }) => say("{what}; step {step}, loss {loss}", { what, ...now });
  for (const canvas of Object.values(canvases)) canvas.setAttribute("aria-label", label(canvas));
}

/** Show another moment. */
function go(place) {
  view.moment = momentAt(Math.max(0, Math.min(last(), place)));
  at("time").max = last();
  at("time").disabled = at("play").disabled = last() === 0;
  at("time").value = view.moment.place;
  draw();
}

/** Show another moment, and play no more; of a training the last one is followed. */
function stopAt(place) {
  play(false);
  engine.follows = place >= last();
  go(place);
}

/** Return the moment nearest to a step. */
function nearestTo(step) {
  const away = (place) => Math.abs(moments[place].step - step);
  return [...moments.keys()].reduce((a, b) => (away(b) < away(a) ? b : a));
}

function play(isWanted) {
  clearInterval(view.timer);
  view.timer = 0;
  if (isWanted && last() > 0) {
    if (view.moment.place === last()) go(0);
    const next = () => (view.moment.place === last() ? play(false) : go(view.moment.place + 1));
    view.timer = setInterval(next, Math.min(500, WHOLE_RUN_MS / moments.length));
  }
  at("play").setAttribute("aria-pressed", String(view.timer !== 0));
  at("inside").setAttribute("aria-live", view.timer ? "off" : "polite");
}

/** Write round steps below the time line, as many as do not touch: where they are or would be among the moments. */
function writeTicks() {
  const steps = moments.map((moment) => moment.step);
  const most = steps[last()];
  const wanted = [0, most];
  for (let power = 1; power <= most; power *= 10) wanted.push(power, 5 * power, 2 * power);
  wanted.push(...wholeNumbers(0, Math.max(1, most), 10));
  const room = at("ticks").clientWidth;
  const taken = [];
  at("ticks").replaceChildren();
  for (const step of new Set(wanted.filter((one) => one <= most))) {
    const after = steps.findIndex((here) => here >= step);
    const gap = after ? steps[after] - steps[after - 1] : 1;
    const share = last() ? (after - (steps[after] - step) / gap) / last() : 0;
    const tick = at("ticks").appendChild(made("span", stepText(step)));
    const left = Math.max(0, Math.min(room - tick.offsetWidth, share * room - tick.offsetWidth / 2));
    tick.style.left = `${left}px`;
    const right = left + tick.offsetWidth + 14;
    if (taken.some(([from, to]) => left < to && right > from)) tick.remove();
    else taken.push([left, right]);
  }
}

function readProbe(px) {
  const unit = 10 ** (Math.floor(Math.log10(run.x_range[1] - run.x_range[0])) - 2); // the x that is written is the one read
  view.probe = Number((Math.round(drawn.function.xAt(px) / unit) * unit).toPrecision(4));
  draw();
}

function point(found) {
  if (JSON.stringify(found) === JSON.stringify(view.pointed)) return;
  view.pointed = found;
  draw();
}

function pin(found) {
  view.pinned = JSON.stringify(found) === JSON.stringify(view.pinned) ? null : found;
  draw();
}

/** Choose a neuron by key: up and down in its layer, left and right among the layers; Escape lets it go. */
function walk({ layer, index }, key) {
  const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[key];
  if (key === "Escape") view.pinned = view.pointed = null;
  if (way) {
    const to = Math.max(0, Math.min(OUTPUT, layer + way[0]));
    view.pinned = { layer: to, index: Math.max(0, Math.min(run.widths[to + 1] - 1, index + way[1])) };
  }
  draw();
  return Boolean(way);
}

const on = (canvas, names, does) => names.split(" ").forEach((name) => canvas.addEventListener(name, does));

/** Call a function with each key pressed on an element; if it returns true, the key does nothing else. */
function onKey(element, does) {
  element.addEventListener("keydown", (event) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isPlain && does(event.key, event.target)) event.preventDefault();
  });
}

function connectDrawings() {
  const { diagram, function: plot, loss } = canvases;
  const found = ({ offsetX, offsetY }) => drawn.diagram.find(offsetX, offsetY);
  on(diagram, "click", (event) => pin(found(event)));
  on(diagram, "pointermove", (event) => event.pointerType !== "touch" && point(found(event)));
  on(diagram, "pointerleave", () => point(null));
  onKey(diagram, (key) => walk(view.pinned || { layer: 0, index: -1 }, key));
  on(plot, "pointerdown pointermove", ({ offsetX }) => readProbe(offsetX));
  onKey(plot, (key) => {
    const { left, right, toX } = drawn.function;
    const here = view.probe === null ? (left + right) / 2 : toX(view.probe);
    const way = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (way) readProbe(here + (way * (right - left)) / 100);
    return Boolean(way);
  });
  on(loss, "pointerdown", ({ pointerId }) => loss.setPointerCapture(pointerId));
  on(loss, "pointerdown pointermove", ({ buttons, offsetX: px }) => buttons && stopAt(nearestTo(drawn.loss.xAt(px))));
}

function connectTime() {
  at("time").addEventListener("input", () => stopAt(Number(at("time").value)));
  at("play").addEventListener("click", () => play(!view.timer));
  onKey(document, (key, target) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const isFree = !target.closest("button, summary, input:not([type=range]), select, textarea");
    const does = settings && isFree && { " ": startOrPause, s: oneStep, r: begin, n: newSeed }[key.toLowerCase()];
    if (does) does();
    else if (key === " " && isFree) play(!view.timer);
    else if (way && target === document.body) stopAt(view.moment.place + way);
    else return false;
    return true;
  });
}

/** Follow the system's light or dark scheme, unless the reader has chosen one. */
function connectTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const { dataset } = document.documentElement;
  const isDark = () => (dataset.theme ? dataset.theme === "dark" : system.matches);
  const show = () => {
    at("theme").setAttribute("aria-pressed", String(isDark()));
    readColors();
    draw();
  };
  at("theme").addEventListener("click", () => {
    dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  system.addEventListener("change", show);
  show();
}

function connectSetting() {
  at("setting").textContent = run.setting;
  at("copy").hidden = !navigator.clipboard;
  const say = (words) => () => (at("copy").textContent = words);
  at("copy").addEventListener("click", () =>
    navigator.clipboard.writeText(at("setting").textContent).then(say("Copied"), say("Not allowed")),
  );
}

connectDrawings();
connectTime();
connectTheme();
connectSetting();
connectTraining();
go(last());
new ResizeObserver(() => {
  draw();
  writeTicks();
}).observe(document.querySelector("main"));
