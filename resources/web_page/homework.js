// Homework: what the reader answers, and the file or line to hand in. The program grades it: no answer is in this page.

const { answers: blank, ranges } = run.homework;
const boxes = [...document.querySelectorAll(".question")];
const minute = () => Math.floor(Date.now() / 60000);
const hash = [...at("run").textContent].reduce((sum, sign) => (Math.imul(sum, 31) + sign.codePointAt(0)) | 0, 0);
const KEY = `tinynet ${blank.fingerprint} ${hash}`; // of this page
const MOST_KEPT = 1e6; // characters of weights
const kept = { begun: minute(), isWanted: true };

/** Return what a question's field holds, null if it is empty; a number beyond its range is refused beside it. */
function guessIn(place) {
  const { kind } = blank.questions[place];
  if (kind === "choice") return boxes[place].querySelector(":checked") && Number(boxes[place].querySelector(":checked").value);
  const field = boxes[place].querySelector("input, textarea");
  if (kind === "sentence") return field.value.trim() || null;
  const [value, [low, high]] = [typed(field), ranges[place]];
  const isGood = field.value.trim() === "" || (value >= low && value <= high);
  field.setAttribute("aria-invalid", String(!isGood));
  boxes[place].querySelector("output").textContent = isGood ? "" : field.dataset.refusal;
  return isGood && field.value.trim() ? value : null;
}

/** Note an answer, and the setting and step that are in view: training again has to lead there. */
function note(place) {
  const { step } = view.moment;
  const guess = guessIn(place);
  const isPlain = !run.is_begun_by_hand && !run.changes.some(([at]) => at < step) && run.setting.includes("=");
  const mark = guess === null ? "skipped" : "open";
  Object.assign(blank.questions[place], { guess, mark, setting: isPlain ? at("setting").textContent : "", step });
}

/** Return all answers as the program reads them; "" if a field has to be mended first. */
function handedIn() {
  const refused = boxes.find((box) => box.querySelector("[aria-invalid=true]"));
  refused?.querySelector("input").focus();
  const name = at("learner").value.trim();
  return refused ? "" : JSON.stringify({ ...blank, name, begun: kept.begun, saved: minute() });
}

function saveAnswers() {
  const text = handedIn();
  if (!text) return;
  const named = [blank.lesson, at("learner").value].map((part) => part.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 40));
  const download = `${named.join("-").replace(/^-+|-+$/g, "") || "homework"}.answers`;
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href, download }).click();
  at("handedIn").textContent = at("handedIn").dataset.saved.replace("{file}", () => download);
}

function copyAnswers() {
  const text = handedIn();
  const say = (words) => () => (at("handedIn").textContent = words);
  if (text) navigator.clipboard.writeText(text).then(say(at("handedIn").dataset.copied), say(text));
}

/** Write a kept answer into its field. */
function show(guess, place) {
  if (guess === null) return;
  const fields = boxes[place].querySelectorAll("input, textarea");
  if (blank.questions[place].kind === "choice") fields[guess].checked = true;
  else fields[0].value = String(guess);
}

const base64Of = ({ buffer, byteOffset, byteLength }) =>
  btoa(Array.from(new Uint8Array(buffer, byteOffset, byteLength), (byte) => String.fromCharCode(byte)).join(""));

/** Return what was trained here, as plain values; of many large moments only some. */
function trainingKept() {
  const { widths, changes, diverged, is_begun_by_hand, loss_curve, held_out_curve } = run;
  const every = Math.ceil((6 * moments.length * moments[last()].weights.length) / MOST_KEPT);
  const { velocity } = moments[last()];
  return {
    settings,
    run: { widths, changes, diverged, is_begun_by_hand, loss_curve, held_out_curve },
    velocity: velocity && base64Of(velocity),
    moments: moments
      .filter((_, i) => i % every === 0 || i === last())
      .map(({ stage, weights, step, loss, heldOut }) => [stages.indexOf(stage), base64Of(weights), step, loss, heldOut]),
  };
}

/** Go on from what was trained here before. */
function trainedBefore(training) {
  Object.assign(settings, training.settings);
  Object.assign(run, training.run);
  const drawn = training.moments.some(([stage]) => stage < 0) && stageWanted();
  moments = training.moments.map(([place, text, step, loss, heldOut]) => {
    const [stage, weights] = [stages[place] || drawn, new Float32Array(bytesOf(text))];
    return { step, loss, heldOut, stage, weights, active: activeCountsOf(weights, stage) };
  });
  moments[last()].velocity = training.velocity && new Float32Array(bytesOf(training.velocity));
  for (const name of ["rate", "neurons", "noise", "target"]) at(name).value = settings[name];
  go(last());
  writeTicks();
  showTraining();
}

/** Keep answers and training for a reload, in this browser alone; say if it keeps nothing. */
function keep() {
  if (!kept.isWanted) return;
  const place = boxes.findIndex((box) => box.contains(document.activeElement));
  if (place >= 0 && guessIn(place) !== blank.questions[place].guess) note(place);
  const { begun } = kept;
  const values = { begun, name: at("learner").value, questions: blank.questions, training: settings && trainingKept() };
  const { dataset } = at("kept");
  try {
    localStorage.setItem(KEY, JSON.stringify(values));
    at("kept").textContent = dataset.kept;
  } catch {
    at("kept").textContent = dataset.lost;
    at("forget").hidden = true;
  }
}

/** Show what was kept; what cannot be read is forgotten. */
function restore() {
  let text = null;
  try {
    text = localStorage.getItem(KEY);
  } catch {} // it may not be asked
  if (!text) return;
  try {
    const { begun, name, questions, training } = JSON.parse(text);
    kept.begun = begun;
    at("learner").value = name;
    questions.forEach(({ guess, mark, setting, step }, place) => {
      show(guess, place);
      Object.assign(blank.questions[place], { guess, mark, setting, step });
    });
    if (training && settings) trainedBefore(training);
  } catch {
    forget();
  }
}

/** Begin anew, as the page was saved. */
function forget() {
  kept.isWanted = false;
  localStorage.removeItem(KEY);
  location.reload();
}

boxes.forEach((box, place) =>
  box.addEventListener("change", () => {
    note(place);
    keep();
  }),
);
addEventListener("pagehide", keep);
document.addEventListener("visibilitychange", keep);
at("forget").addEventListener("click", () => confirm(at("forget").dataset.sure) && forget());
restore();
keep();
at("saveAnswers").addEventListener("click", saveAnswers);
at("copyAnswers").addEventListener("click", copyAnswers);
at("copyAnswers").hidden = !navigator.clipboard;
