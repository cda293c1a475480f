// Homework: what the reader answers, and the file or line to hand in. The program grades it: no answer is in this page.

const { answers: blank, ranges } = run.homework;
const boxes = [...document.querySelectorAll(".question")];
const minute = () => Math.floor(Date.now() / 60000);
const begun = minute();

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
  return refused ? "" : JSON.stringify({ ...blank, name, begun, saved: minute() });
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

boxes.forEach((box, place) => box.addEventListener("change", () => note(place)));
at("saveAnswers").addEventListener("click", saveAnswers);
at("copyAnswers").addEventListener("click", copyAnswers);
at("copyAnswers").hidden = !navigator.clipboard;
