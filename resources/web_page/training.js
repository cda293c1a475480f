// Training in this page: a worker takes the steps, the window draws what it reports at its own pace.

const LONGEST_MS = 30; // of steps between two reports
const WORK_AT_ONCE = 4e5; // neurons times samples between two looks at the clock
const MOST_MOMENTS = 600; // then every second of them goes
const MOST_LOSSES = 3000;
const GROWTH = 1.02; // of the steps from one moment kept to the next
const AS_THEY_ARE = "as they are"; // the samples that came with the page
const { firstWeights, samplesOf } = makeTrainer();
const settings = run.training && { ...run.training, neurons: run.widths[1], noise: run.training.samples.noise };
const keptRange = run.y_range;
const keptSettings = { ...settings };
const KEYS = { neurons: "hidden", seed: "seed", rate: "lr", target: "target", noise: "noise" }; // of a setting's line
const POINTS_KEYS = ["x", "y", "held_out_points", "origin", "x_name", "y_name"];
const engine = { worker: null, serial: 0, isRunning: false, follows: true, frame: 0 };

/** What the worker does: it takes steps from a given moment on, and reports. */
function work(makeTrainer, activation, longestMs, workAtOnce, growth) {
  const { Trainer } = makeTrainer();
  let [trainer, order] = [null, null];
  const next = (step) => Math.max(step + 1, Math.ceil(step * growth));
  function go() {
    if (!order) return;
    const [from, until, losses, moments] = [trainer.step, performance.now() + longestMs, [], []];
    const least = Math.max(1, Math.floor(workAtOnce / (trainer.neurons * order.trained)));
    let planned = next(trainer.step);
    while (trainer.step < order.end && trainer.divergedAt === null && performance.now() < until) {
      losses.push(...trainer.run(Math.min(planned, order.end, trainer.step + least)));
      if (trainer.step < planned) continue;
      moments.push(trainer.moment());
      planned = next(trainer.step);
    }
    if (moments[moments.length - 1]?.step !== trainer.step) moments.push(trainer.moment());
    const isDone = trainer.step >= order.end || trainer.divergedAt !== null;
    postMessage({ serial: order.serial, from, losses, moments, isDone, divergedAt: trainer.divergedAt });
    if (isDone) order = null;
    else setTimeout(go);
  }
  onmessage = ({ data }) => {
    if (data.rate !== undefined && trainer) trainer.rate = data.rate;
    if (data.order !== undefined) {
      const isNew = order === null;
      order = data.order;
      if (order) trainer = new Trainer(order, activation);
      if (order && isNew) setTimeout(go);
    }
  };
}

function makeWorker() {
  const functions = `[${activate[0]}, ${slopes[0]}]`;
  const code = `(${work})(${makeTrainer}, ${functions}, ${LONGEST_MS}, ${WORK_AT_ONCE}, ${GROWTH})`;
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  worker.onmessage = ({ data }) => onReport(data);
  return worker;
}

/** Train from the last moment to a step. */
function train(end) {
  play(false);
  engine.worker ||= makeWorker();
  engine.serial += 1;
  engine.isRunning = engine.follows = true;
  const { step, weights, velocity, stage } = moments[last()];
  const { rate, momentum } = settings;
  const { x, y, trained } = stage;
  const from = velocity || (momentum === null ? null : velocityKept());
  const order = { serial: engine.serial, end, step, weights, velocity: from, x, y, trained, rate, momentum: momentum || 0 };
  engine.worker.postMessage({ order });
  showTraining();
}

/** Return the momentum's memory of the moment that the page came with. */
function velocityKept() {
  const kept = new Float32Array(bytesOf(run.training.velocity));
  return moments[last()].step === run.training.step ? kept : new Float32Array(moments[last()].weights.length);
}

function pause() {
  engine.worker?.postMessage({ order: null });
  engine.serial += 1; // what it still reports comes too late
  engine.isRunning = false;
  showTraining();
}

/** Start, up to the step to stop at, or as many steps further; or pause. */
function startOrPause() {
  if (engine.isRunning) pause();
  else train(moments[last()].step < settings.stop ? settings.stop : moments[last()].step + settings.stop);
}

/** Take over what the worker has done. */
function onReport({ serial, from, losses, moments: found, isDone, divergedAt }) {
  if (serial !== engine.serial) return;
  const { stage } = moments[last()];
  for (const moment of found) {
    const active = activeCountsOf(moment.weights, stage);
    if (moment.step > moments[last()].step) moments.push({ ...moment, stage, active });
    if (moment.heldOut !== null) run.held_out_curve.forEach((row, i) => row.push([moment.step, moment.heldOut][i]));
  }
  const [steps, values] = run.loss_curve;
  losses.forEach((loss, i) => {
    if ((from + i) % settings.stride || (steps.length && from + i <= steps[steps.length - 1])) return;
    steps.push(from + i);
    values.push(loss);
  });
  if (steps.length > MOST_LOSSES) {
    settings.stride *= 2;
    run.loss_curve = run.loss_curve.map((row) => row.filter((_, i) => i % 2 === 0));
  }
  if (moments.length > MOST_MOMENTS) moments = moments.filter((_, i) => i % 2 === 0 || i === last());
  if (divergedAt !== null) {
    const words = "Diverged at step {step}, at a learning rate of {rate}: the loss is not a finite number any more.";
    run.diverged = say(words, { step: countText(divergedAt), rate: plain(settings.rate) });
  }
  if (isDone) engine.isRunning = false;
  engine.frame ||= requestAnimationFrame(() => {
    engine.frame = 0;
    if (engine.follows) go(last());
    else at("time").max = last();
    showTraining();
    writeTicks();
  });
}

/** Return on how many samples of the training each neuron is active. */
function activeCountsOf(weights, { x, trained }) {
  const neurons = (weights.length - 1) / 3;
  const counts = new Uint16Array(neurons);
  for (let i = 0; i < neurons; i++) {
    for (let s = 0; s < trained; s++) counts[i] += Math.fround(Math.fround(weights[i] * x[s]) + weights[neurons + i]) > 0;
  }
  return counts;
}

/** Begin again at step 0 with these settings; the run so far stays as a ghost. */
function begin() {
  pause();
  play(false);
  const { moment } = view;
  const before = momentAt(last());
  view.ghost = moment.step || before.step ? { x: before.x, y: before.y, losses: run.loss_curve } : view.ghost;
  view.pinned = view.pointed = null;
  run.widths = [1, settings.neurons, 1];
  const stage = stageWanted();
  const weights = firstWeights({ ...settings.weights, neurons: settings.neurons, seed: settings.seed });
  const velocity = settings.momentum === null ? null : new Float32Array(weights.length);
  const { Trainer } = makeTrainer();
  const trainer = new Trainer({ ...settings, ...stage, weights, velocity, step: 0 }, [activate[0], slopes[0]]);
  const first = { ...trainer.moment(), stage, active: activeCountsOf(weights, stage) };
  Object.assign(run, { loss_curve: [[], []], changes: [], diverged: "", is_begun_by_hand: false });
  run.held_out_curve = first.heldOut === null ? [[], []] : [[0], [first.heldOut]];
  moments = [first];
  settings.stride = 1;
  engine.follows = true;
  go(0);
  writeTicks();
  showTraining();
}

/** Return the samples of the settings; with a drawn function the plot's range of y follows. */
function stageWanted() {
  if (settings.target === AS_THEY_ARE) {
    truth = new Float32Array(bytesOf(run.truth));
    run.y_range = keptRange;
    return stages[stages.length - 1];
  }
  const target = targets[settings.target];
  const { low, high } = settings.samples;
  const drawn = samplesOf({ ...settings.samples, noise: settings.noise }, target);
  const x = grid(GRID_POINTS);
  truth = Float32Array.from(x, target);
  const shown = [...drawn.y, ...truth.filter((_, i) => x[i] >= low && x[i] <= high)].filter(Number.isFinite);
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  const span = most - least || 6;
  run.y_range = [least - settings.foot * span, most + settings.head * span];
  const trained = drawn.x.subarray(0, drawn.trained);
  return { ...drawn, range: [Math.min(...trained), Math.max(...trained)], has_truth: true };
}

/** Show what can be pressed, what is trained, and the setting as it would be copied. */
function showTraining() {
  at("start").textContent = engine.isRunning ? "Pause" : "Start";
  at("start").setAttribute("aria-pressed", String(engine.isRunning));
  at("oneStep").disabled = engine.isRunning;
  at("noise").disabled = settings.target === AS_THEY_ARE;
  if (!run.setting.includes("=")) return;
  const line = new Map(run.setting.split("&").map((part) => part.split("=")));
  if (settings.target !== keptSettings.target) POINTS_KEYS.forEach((key) => line.delete(key));
  const label = settings.targets.find(([name]) => name === settings.target)[1];
  const neurons = say(settings.neurons === 1 ? "1 neuron" : "{count} neurons", { count: countText(settings.neurons) });
  const changed = Object.keys(KEYS).filter((name) => settings[name] !== keptSettings[name]);
  for (const name of changed) line.set(KEYS[name], String(settings[name]));
  if (changed.length) document.querySelector("h1").textContent = [label, neurons, run.activations[0].label].join(" · ");
  at("setting").textContent = [...line].map((part) => part.join("=")).join("&");
}

/** Return the number in a field; NaN if there is none. */
function typed(field) {
  const text = field.value.trim();
  return text === "" ? NaN : Number(text.replace(MINUS, "-").replace(",", "."));
}

/** Take a number from a field, or say beside it what is allowed. */
function take(name, low, high, isWhole, accept) {
  const field = at(name);
  const whole = "{name}: a whole number from {low} to {high}; “{value}” is not. It stays {before}.";
  const refusal = isWhole ? whole : "{name}: a number from {low} to {high}; “{value}” is not. It stays {before}.";
  field.value = String(settings[name]);
  field.addEventListener("change", () => {
    const value = typed(field);
    const isGood = value >= low && value <= high && (!isWhole || Number.isInteger(value));
    field.setAttribute("aria-invalid", String(!isGood));
    const limits = { name: field.parentNode.textContent.trim(), low: countText(low), high: countText(high) };
    const holes = { ...limits, value: field.value, before: plain(settings[name]) };
    at("trouble").textContent = isGood ? "" : say(refusal, holes);
    if (isGood && value !== settings[name]) accept(value);
  });
}

function newSeed() {
  settings.seed = Math.floor(Math.random() * 1e6);
  begin();
}

function oneStep() {
  if (!engine.isRunning) train(moments[last()].step + 1);
}

function connectTraining() {
  at("training").hidden = at("precision").hidden = !settings;
  at("refusal").textContent = run.refusal;
  at("refusal").hidden = Boolean(settings);
  if (!settings) return;
  const names = { start: startOrPause, oneStep, reset: begin, newSeed };
  for (const [name, does] of Object.entries(names)) at(name).addEventListener("click", does);
  const restart = (name) => (value) => {
    settings[name] = value;
    begin();
  };
  take("rate", 0, 1000, false, (rate) => {
    const change = say("learning rate {before} → {after}", { before: plain(settings.rate), after: plain(rate) });
    if (moments[last()].step) run.changes.push([moments[last()].step, change]);
    settings.rate = rate;
    run.diverged = "";
    engine.worker?.postMessage({ rate });
    showTraining();
    draw();
  });
  take("neurons", 1, Math.max(100, settings.neurons), true, restart("neurons"));
  take("noise", 0, 100, false, restart("noise"));
  const options = settings.targets.map(([value, label]) => Object.assign(made("option", label), { value }));
  at("target").replaceChildren(...options);
  at("target").value = settings.target;
  at("target").addEventListener("change", () => restart("target")(at("target").value));
  showTraining();
}
