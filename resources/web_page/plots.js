// The two plots: axes, and what is drawn between them.

const SMALLEST_LOSS = 1e-12; // a loss of 0 is drawn here on the logarithmic axis
const FAR = 1e5; // pixels: no line is drawn farther out
const MANY_SAMPLES = 300; // these are drawn smaller
const DIAMOND = [0, -5, 5, 0, 0, 5, -5, 0]; // corners around a point
const TRIANGLE = [0, -5, 5, 4.5, -5, 4.5];
const TICK = [-0.5, -4.5, 0.5, -4.5, 0.5, 4.5, -0.5, 4.5];
const MARK_PX = 5; // half of a sample's mark: none that is trained on lies on the shading
const MOST_TRIANGLES = 100; // more kinks are ticks
const COLORS = "card field border grid ink muted faint positive negative data accent no-data ramp".split(" ");
const colors = {};

/** Take the colours of the scheme in force from the style sheet. */
function readColors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of COLORS) colors[name] = style.getPropertyValue(`--${name}`).trim();
  colors.ramp = colors.ramp.split(" ");
}

const faded = (color, share) => color + (256 + Math.round(255 * share)).toString(16).slice(1);
const signColor = (value) => (value > 0 ? colors.positive : value < 0 ? colors.negative : colors.faint);

/** Return the colour of a neuron: its place in its layer, along the ramp. */
function neuronColor(layer, index) {
  const share = run.widths[layer + 1] > 1 ? index / (run.widths[layer + 1] - 1) : 0.5;
  return colors.ramp[Math.round(share * (colors.ramp.length - 1))];
}

/** Return a pen for an empty canvas, in CSS pixels. */
function cleared(canvas) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.lineJoin = "round";
  return pen;
}

function stroke(pen, color, width, dash = []) {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.setLineDash(dash);
}

/** Draw lines through points; what is not finite is left out. */
function line(pen, xs, ys) {
  pen.beginPath();
  xs.forEach((x, i) => {
    if (Number.isFinite(ys[i])) pen[Number.isFinite(ys[i - 1]) ? "lineTo" : "moveTo"](x, ys[i]);
  });
  pen.stroke();
}

/** Draw a filled polygon of corners around a point. */
function polygon(pen, x, y, corners) {
  pen.beginPath();
  for (let i = 0; i < corners.length; i += 2) pen.lineTo(x + corners[i], y + corners[i + 1]);
  pen.closePath();
  pen.fill();
  pen.stroke();
}

function dot(pen, x, y, radius, fill, edge) {
  stroke(pen, edge, 1);
  pen.fillStyle = fill;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
}

function write(pen, text, x, y, color, font, align = "center", most = undefined) {
  pen.font = `${font} ${getComputedStyle(document.body).fontFamily}`;
  pen.fillStyle = color;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.fillText(text, x, y, most);
}

/** Return round numbers from low to high, at most so many. */
function roundNumbers(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((unit) => unit * power).find((unit) => unit >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}

const linearTicks = (low, high, most) => roundNumbers(low, high, most).map((at) => [at, tickText(at)]);
const tickText = (at) => plain(at, at === 0 || (Math.abs(at) >= 1e-4 && Math.abs(at) < 1e6) ? 6 : 3);
const stepTicks = (low, high, most) => wholeNumbers(low, high, most).map((at) => [at, stepText(at)]);
const wholeNumbers = (low, high, most) => roundNumbers(low, high, most).filter(Number.isInteger);

/** Return the ticks of an axis of powers of ten: decades, or 1, 2 and 5 where these are few and there is room. */
function logTicks(low, high, most) {
  const decades = wholeNumbers(low, high, most);
  const isFine = decades.length === 0 || (decades.length < 3 && most > 1.5 * (high - low));
  const units = isFine ? [1, 2, 5] : [1];
  const ticks = [Math.floor(low), ...decades].flatMap((decade) =>
    units.map((unit) => [decade + Math.log10(unit), powerText(decade, unit)]),
  );
  return ticks.filter(([at]) => at >= low && at <= high);
}

function powerText(decade, unit) {
  if (decade < -4 || decade > 5) return (unit > 1 ? `${unit}·` : "") + "10" + raised(String(decade));
  return decade >= 2 ? countText(unit * 10 ** decade) : plain(unit * 10 ** decade, 3);
}

/** Draw two axes and what is between them; return the plot, whose `xAt` gives the x at a pixel. */
function drawPlot(canvas, x, y, draw) {
  const pen = cleared(canvas);
  const [top, bottom, right] = [22, canvas.clientHeight - 38, canvas.clientWidth - 12];
  const yTicks = y.ticks(y.low, y.high, (bottom - top) / 34);
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const left = Math.ceil(Math.max(20, ...yTicks.map(([, text]) => pen.measureText(text).width))) + 8;
  const far = (px) => Math.max(-FAR, Math.min(FAR, px));
  const toX = (value) => far(left + ((value - x.low) / (x.high - x.low)) * (right - left));
  const toY = (value) => far(bottom + ((value - y.low) / (y.high - y.low)) * (top - bottom));
  const share = (px) => Math.max(0, Math.min(1, (px - left) / (right - left)));
  const plot = { pen, left, right, top, bottom, toX, toY, xAt: (px) => x.low + share(px) * (x.high - x.low) };
  x.shade?.(plot);
  stroke(pen, colors.grid, 1);
  for (const [at, text] of yTicks) {
    line(pen, [left, right], [toY(at), toY(at)]);
    write(pen, text, left - 6, toY(at), colors.muted, "12px", "right");
  }
  stroke(pen, colors.border, 1);
  for (const [at, text] of x.ticks(x.low, x.high, (right - left) / 66)) {
    line(pen, [toX(at), toX(at)], [bottom, bottom + 4]);
    const half = pen.measureText(text).width / 2;
    write(pen, text, Math.min(toX(at), canvas.clientWidth - half - 1), bottom + 13, colors.muted, "12px");
  }
  line(pen, [left, left, right], [top, bottom, bottom]);
  write(pen, y.name, 2, 9, colors.muted, "12px", "left", right);
  write(pen, x.name, right, bottom + 30, colors.muted, "12px", "right", right);
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, bottom - top);
  pen.clip();
  draw(plot);
  pen.restore();
  return plot;
}

/** Name a line, and say so if it is nowhere in the plot. */
function lineName(name, ys) {
  return say(ys.some((y) => y >= run.y_range[0] && y <= run.y_range[1]) ? "{name}" : "{name} (off the plot)", { name });
}

/** Return the line that a chosen neuron or weight has in the plot: its name, its colour and y at each x; or null. */
function partOf(moment, chosen) {
  const { layer, index } = chosen ? ownerOf(chosen) : { layer: OUTPUT };
  if (layer === OUTPUT) return null;
  const isLast = layer === OUTPUT - 1;
  const factor = isLast ? moment.layers[OUTPUT].weight[index] * run.scaling[3] : 1;
  const y = Array.from(moment.curves[layer][index], (h) => factor * h);
  const name = `${isLast ? "w′·" : ""}${nameOf(layer, index)}(x)`;
  return { name: lineName(name, y), color: neuronColor(layer, index), y };
}

/** Draw samples, true function, curve, kinks, and the part of what is chosen. */
function drawFunction(canvas, moment, chosen, probe) {
  const { stage } = moment;
  const shade = ({ pen, toX, left, right, top, bottom }) => {
    pen.fillStyle = colors["no-data"];
    const [first, last] = [toX(stage.range[0]) - MARK_PX, toX(stage.range[1]) + MARK_PX];
    pen.fillRect(left, top, Math.max(0, first - left), bottom - top);
    pen.fillRect(last, top, Math.max(0, right - last), bottom - top);
  };
  const x = { low: run.x_range[0], high: run.x_range[1], name: run.x_name, ticks: linearTicks, shade };
  const y = { low: run.y_range[0], high: run.y_range[1], name: run.y_name, ticks: linearTicks };
  return drawPlot(canvas, x, y, (plot) => {
    const { pen, toX, toY } = plot;
    const draw = (xs, ys) => line(pen, Array.from(xs, toX), Array.from(ys, toY));
    stroke(pen, colors.muted, 1.3, [5, 4]);
    if (stage.has_truth) draw(grid(truth.length), truth);
    if (view.ghost) {
      stroke(pen, colors.faint, 2);
      draw(view.ghost.x, view.ghost.y);
    }
    const part = partOf(moment, chosen);
    if (part) {
      stroke(pen, part.color, 2);
      draw(moment.x, part.y);
    }
    drawSamples(plot, stage);
    stroke(pen, colors.ink, 2.4);
    draw(moment.x, moment.y);
    drawKinks(plot, moment, chosen);
    if (probe === null) return;
    stroke(pen, colors.muted, 1, [2, 3]);
    line(pen, [toX(probe), toX(probe)], [plot.top, plot.bottom]);
    dot(pen, toX(probe), toY(outputAt(moment, probe)), 4.5, colors.ink, colors.card);
  });
}

/** Draw the samples of the training as dots, and the held-out ones as diamonds. */
function drawSamples({ pen, toX, toY }, stage) {
  const radius = stage.x.length > MANY_SAMPLES ? 2.5 : 4;
  const drawOne = (x, i) => dot(pen, toX(x), toY(stage.y[i]), radius, colors.data, colors.card);
  stage.x.subarray(0, stage.trained).forEach(drawOne);
  stroke(pen, colors.data, 1.6);
  pen.fillStyle = colors.card;
  for (let i = stage.trained; i < stage.x.length; i++) polygon(pen, toX(stage.x[i]), toY(stage.y[i]), DIAMOND);
}

/** Draw where the neurons of the first layer bend, at the foot of the plot; the chosen one outlined. */
function drawKinks({ pen, toX, bottom }, moment, chosen) {
  const owner = chosen && ownerOf(chosen);
  for (let index = 0; index < run.widths[1]; index++) {
    const x = kinkOf(moment, 0, index);
    if (!(x >= run.x_range[0] && x <= run.x_range[1])) continue;
    const isChosen = owner && owner.layer === 0 && owner.index === index;
    pen.fillStyle = faded(neuronColor(0, index), isChosen ? 1 : 0.85);
    stroke(pen, isChosen ? colors.ink : "#0000", 1.4);
    polygon(pen, toX(x), bottom - 8, isChosen || run.widths[1] <= MOST_TRIANGLES ? TRIANGLE : TICK);
  }
}

/** Draw the losses, and where the moment is among them. */
function drawLoss(canvas, moment) {
  const height = (loss) => Math.log10(Math.max(loss, SMALLEST_LOSS));
  const before = view.ghost ? view.ghost.losses : [[], []];
  const own = moments.map(({ loss }) => loss).filter((loss) => loss !== null);
  const shown = [...run.loss_curve[1], ...run.held_out_curve[1], ...own];
  const known = [...shown, ...before[1].filter((loss) => loss < FAR * Math.max(...shown))]; // not of one that diverged
  const all = known.length ? known.map(height) : [0];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const spare = Math.max(0.08 * (most - least), 0.15);
  const x = { low: 0, high: Math.max(1, moments[last()].step, before[0][before[0].length - 1] || 0), name: "step", ticks: stepTicks };
  const y = { low: least - spare, high: most + spare, name: "loss", ticks: logTicks };
  const plot = drawPlot(canvas, x, y, ({ pen, toX, toY, top, bottom }) => {
    const upright = (step) => line(pen, [toX(step), toX(step)], [top, bottom]);
    stroke(pen, colors.accent, 1, [2, 3]);
    run.changes.forEach(([step]) => upright(step));
    pen.fillStyle = colors.data;
    const [steps, losses] = run.held_out_curve;
    steps.forEach((step, i) => pen.fillRect(toX(step) - 1.25, toY(height(losses[i])) - 1.25, 2.5, 2.5));
    stroke(pen, colors.faint, 1.4);
    line(pen, before[0].map(toX), before[1].map(height).map(toY));
    stroke(pen, colors.ink, 1.6);
    line(pen, run.loss_curve[0].map(toX), run.loss_curve[1].map(height).map(toY));
    stroke(pen, colors.muted, 1);
    upright(moment.step);
  });
  const { pen, toX, toY } = plot;
  if (moment.loss !== null) dot(pen, toX(moment.step), toY(height(moment.loss)), 5, colors.ink, colors.card);
  return plot;
}
