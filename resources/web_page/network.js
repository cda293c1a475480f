// The run of this page: its moments, kept or trained here, and what its network computes at each of them.

const run = JSON.parse(document.getElementById("run").textContent);
const OUTPUT = run.widths.length - 2; // the last affine layer; those before it are hidden
const GRID_POINTS = 401; // of the curve
const SMALL_POINTS = 49; // of a neuron's curve
const WORK = 8e6; // multiplications for a curve: a large network's has fewer points

let truth = new Float32Array(bytesOf(run.truth));
const stages = run.stages.map((stage) => ({
  ...stage,
  x: new Float32Array(bytesOf(stage.x)),
  y: new Float32Array(bytesOf(stage.y)),
}));

/** Read an array of little-endian numbers, the order of every machine that has a browser. */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0)).buffer;
}

/** Return evenly spaced x over the plot. */
function grid(points) {
  const [low, high] = run.x_range;
  return Float32Array.from({ length: points }, (_, i) => low + ((high - low) * i) / (points - 1));
}

let moments = keptMoments();

/** Return the moments that came with the page. */
function keptMoments() {
  const [weights, active] = [new Float32Array(bytesOf(run.weights)), new Uint16Array(bytesOf(run.active_counts))];
  const parameters = run.widths.slice(1).reduce((sum, outputs, layer) => sum + outputs * (run.widths[layer] + 1), 0);
  const hidden = run.widths.slice(1, -1).reduce((sum, width) => sum + width, 0);
  return run.steps.map((step, place) => ({
    step,
    loss: run.losses[place],
    heldOut: run.held_out[place],
    stage: stages[run.stage_of[place]],
    weights: weights.subarray(place * parameters, (place + 1) * parameters),
    active: active.subarray(place * hidden, (place + 1) * hidden),
  }));
}

const last = () => moments.length - 1;
const activate = [ACTIVATIONS_OF_U]; // of each hidden layer
const slopes = [SLOPES_OF_U];
const targets = { TARGETS_OF_X };
const seen = (x) => (x - run.scaling[0]) / run.scaling[1];
const inUnitsOfData = (output) => run.scaling[3] * output + run.scaling[2];

/** Return the layers of a moment: views of its numbers. */
function layersOf({ weights }) {
  let start = 0;
  const next = (count) => weights.subarray(start, (start += count));
  return run.widths.slice(1).map((outputs, layer) => {
    const inputs = run.widths[layer];
    return { weight: next(outputs * inputs), bias: next(outputs), inputs };
  });
}

/** Return W v + b: a row of float32 for each neuron, a column for each x. */
function affine({ weight, bias, inputs }, rows) {
  return Array.from(bias, (first, output) => {
    const sums = new Float64Array(rows[0].length).fill(first);
    rows.forEach((row, input) => {
      const w = weight[output * inputs + input];
      for (let i = 0; i < sums.length; i++) sums[i] += w * row[i];
    });
    return new Float32Array(sums);
  });
}

/** Return what each layer gives at x, float32: the output in the network's units. */
function forward(layers, x) {
  let rows = [Float32Array.from(x, seen)];
  return layers.map((layer, place) => {
    rows = affine(layer, rows);
    if (place < OUTPUT) rows = rows.map((row) => row.map(activate[place]));
    return rows;
  });
}

/** Return all that is shown of a moment. */
function momentAt(place) {
  const moment = moments[place];
  const layers = layersOf(moment);
  const x = grid(Math.min(GRID_POINTS, Math.max(SMALL_POINTS, Math.floor(WORK / moment.weights.length))));
  const curves = forward(layers, x);
  return {
    place,
    layers,
    x,
    curves,
    y: curves[OUTPUT][0].map(inUnitsOfData),
    small: forward(layers, grid(SMALL_POINTS)),
    ...moment,
  };
}

/** Return on how many samples of the training a hidden neuron's pre-activation is above 0. */
function activeCount(moment, layer, index) {
  const before = run.widths.slice(1, layer + 1).reduce((sum, width) => sum + width, 0);
  return moment.active[before + index];
}

/** Whether a hidden neuron is 0 on every sample. */
function isDead(moment, layer, index) {
  return run.activations[layer]?.switches_off && activeCount(moment, layer, index) === 0;
}

/** Return the two steps between which a neuron died, the later one the first at which it is dead, or null. */
function deathOf(moment, layer, index) {
  if (!isDead(moment, layer, index)) return null;
  let place = moment.place;
  while (place > 0 && isDead(moments[place - 1], layer, index)) place -= 1;
  return [place ? moments[place - 1].step : null, moments[place].step];
}

/** Return the x where a neuron of the first hidden layer bends, or NaN. */
function kinkOf({ layers }, layer, index) {
  if (layer !== 0 || !run.activations[0]?.has_kink) return NaN;
  return (-layers[0].bias[index] / layers[0].weight[index]) * run.scaling[1] + run.scaling[0];
}

/** Return the network's output at an x, in the data's units. */
function outputAt(moment, x) {
  return inUnitsOfData(forward(moment.layers, [x])[OUTPUT][0][0]);
}
