// The network as a picture that can be pointed at, and what there is to say of its parts.

const EDGES = 240; // drawn in all
const LEAST_EDGES = 40; // of a layer
const BOLD_EDGES = 16; // the strongest: as thick as they are strong
const THINNEST = 0.6;
const THICKEST = 4.6;
const STRIP_PITCH = 13; // a layer with less room for each neuron is a strip
const REACHES = [1, 2, 4, 8]; // around an edge
const LISTED = 4; // weights in a formula

/** Return the neuron that a chosen part belongs to: a weight to the output is its neuron's, others the next one's. */
function ownerOf({ layer, index, input }) {
  return input !== undefined && layer === OUTPUT && OUTPUT > 0 ? { layer: layer - 1, index: input } : { layer, index };
}

/** Name a neuron: h₃, h₃[2] where there are several hidden layers, x and ŷ at the ends. */
function nameOf(layer, index) {
  if (layer < 0) return run.scaling_texts[0] ? "x̃" : "x";
  return layer === OUTPUT ? "ŷ" : `h${lowered(index + 1)}${OUTPUT > 1 ? `[${layer + 1}]` : ""}`;
}

/** Return the indices of the largest of some numbers by size, the largest first. */
function largest(values, most) {
  const sizes = values.map((value) => (Number.isFinite(value) ? Math.abs(value) : 0));
  const least = sizes.slice().sort()[Math.max(0, sizes.length - most)];
  const found = [...sizes.keys()].filter((i) => sizes[i] >= least);
  return found.sort((a, b) => sizes[b] - sizes[a] || a - b).slice(0, most);
}

/** Return the columns of the diagram: the input and each layer, with the places of their boxes. */
function columnsOf(width, height) {
  const [top, bottom] = [52, height - 20];
  const room = (width - 16) / run.widths.length;
  const wide = Math.min(120, Math.max(0.5 * room, Math.min(44, 0.7 * room)));
  return run.widths.map((count, place) => {
    const layer = place - 1;
    const pitch = Math.min((bottom - top) / count, layer === OUTPUT ? 64 : 0.85 * wide);
    const isStrip = pitch < STRIP_PITCH && count > 1;
    const high = isStrip ? pitch : pitch - Math.max(3, 0.1 * pitch);
    const box = layer < 0 ? [34, 34] : [wide, high];
    const x = 8 + room * (place + 0.5);
    const y = (index) => (top + bottom) / 2 + pitch * (index - (count - 1) / 2);
    const ends = { left: x - box[0] / 2, right: x + box[0] / 2, top: y(0) - high / 2, bottom: y(count - 1) + high / 2 };
    return { layer, count, x, y, pitch, isStrip, box, room, ...ends };
  });
}

/** Return the edges to draw of a moment, the strongest of each layer, the weakest first. */
function edgesOf(moment, columns) {
  const most = Math.max(LEAST_EDGES, Math.floor(EDGES / moment.layers.length));
  return moment.layers.flatMap(({ weight, inputs }, layer) => {
    const [from, to] = [columns[layer], columns[layer + 1]];
    const places = largest(weight, most);
    const top = Math.abs(weight[places[0]]) || 1;
    return places.reverse().map((place) => {
      const [index, input] = [Math.floor(place / inputs), place % inputs];
      const path = curveOf(from.right, from.y(input), to.left, to.y(index));
      const isIdle = isDead(moment, layer, index) || isDead(moment, layer - 1, input);
      return { layer, index, input, weight: weight[place], strength: Math.abs(weight[place]) / top, isIdle, path };
    });
  });
}

function curveOf(x0, y0, x1, y1) {
  const middle = (x0 + x1) / 2;
  return new Path2D(`M${x0} ${y0} C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`);
}

/** Draw the network; return `find`, which says what is at a point. */
function drawDiagram(canvas, moment, chosen) {
  const pen = cleared(canvas);
  const columns = columnsOf(canvas.clientWidth, canvas.clientHeight);
  const edges = edgesOf(moment, columns);
  const threshold = edges.map((edge) => edge.strength).sort((a, b) => b - a)[BOLD_EDGES - 1] || 0;
  for (const edge of edges) {
    const isBold = edge.strength >= threshold;
    const color = faded(signColor(edge.weight), (isBold ? 0.35 : 0.25) + 0.55 * Math.min(1, edge.strength));
    if (edge.isIdle) stroke(pen, faded(colors.faint, 0.7), 1, edges.length < 100 ? [4, 3] : []);
    else stroke(pen, color, isBold ? THINNEST + (THICKEST - THINNEST) * edge.strength : 1);
    pen.stroke(edge.path);
  }
  stroke(pen, colors.ink, 2.5);
  const isChosen = ({ layer, index, input }) =>
    chosen && layer === chosen.layer && index === chosen.index && input === chosen.input;
  edges.filter(isChosen).forEach((edge) => pen.stroke(edge.path));
  columns.forEach((column) => drawColumn(pen, column, moment, chosen));
  return { find: (x, y) => neuronAt(columns, x, y) || edgeAt(pen, edges, x, y) };
}

function neuronAt(columns, x, y) {
  const isNear = ({ left, right, top, bottom }) => x >= left - 3 && x <= right + 3 && y >= top - 3 && y <= bottom + 3;
  const column = columns.find((one) => one.layer >= 0 && isNear(one));
  if (!column) return null;
  const index = Math.round((y - column.y(0)) / column.pitch);
  return { layer: column.layer, index: Math.max(0, Math.min(column.count - 1, index)) };
}

/** Return the weight whose edge is nearest to a point, the strongest of these. */
function edgeAt(pen, edges, x, y) {
  const ratio = pen.getTransform().a;
  for (const reach of REACHES) {
    stroke(pen, colors.ink, 2 * reach);
    const edge = edges.filter(({ path }) => pen.isPointInStroke(path, x * ratio, y * ratio)).pop();
    if (edge) return { layer: edge.layer, index: edge.index, input: edge.input };
  }
  return null;
}

/** Draw a column: its heading, and its neurons as boxes or as a strip. */
function drawColumn(pen, column, moment, chosen) {
  const { layer, count, x, room, left, box } = column;
  const before = room < 56 ? "" : `${countText(run.widths[Math.max(0, layer)])} → `;
  write(pen, layer < 0 ? "input" : before + countText(count), x, 10, colors.ink, "600 12.5px", "center", room - 4);
  const below = layer < 0 ? "x" : layer === OUTPUT ? "ŷ" : run.activations[layer].label;
  write(pen, below, x, 27, colors.muted, "11.5px", "center", room - 4);
  if (layer < 0) {
    dot(pen, x, column.y(0), 17, colors.field, colors.border);
    write(pen, nameOf(-1), x, column.y(0), colors.ink, "italic 16px");
  } else if (column.isStrip) drawStrip(pen, column, moment);
  else for (let index = 0; index < count; index++) drawBox(pen, column, index, moment);
  if (!chosen || chosen.layer !== layer || chosen.input !== undefined) return;
  const high = Math.max(box[1], 4);
  stroke(pen, colors.ink, 2);
  pen.strokeRect(left - 1, column.y(chosen.index) - high / 2 - 1, box[0] + 2, high + 2);
}

/** Draw a neuron: its bias as a bar, its number, its curve over the plot, and a dot in its colour. */
function drawBox(pen, { layer, left, right, box, y }, index, moment) {
  const [width, height] = box;
  const [middle, top] = [y(index), y(index) - height / 2];
  const { bias } = moment.layers[layer];
  const dead = isDead(moment, layer, index);
  pen.fillStyle = colors.field;
  pen.fillRect(left, top, width, height);
  stroke(pen, colors.border, 1);
  pen.strokeRect(left, top, width, height);
  const bar = Math.max(2, (Math.abs(bias[index]) / (Math.max(...bias.map(Math.abs)) || 1)) * height * 0.8);
  pen.fillStyle = signColor(bias[index]);
  pen.fillRect(left - 2, middle - bar / 2, 4, bar);
  const aside = layer !== OUTPUT && width >= 46 ? 21 : 0; // room for its number
  const font = `${Math.min(11, height - 2)}px`;
  if (aside) write(pen, `${index + 1}${dead ? " †" : ""}`, left + 15, middle + 0.5, colors.muted, font);
  stroke(pen, dead ? colors.faint : colors.ink, 1.2);
  drawSmall(pen, moment.small[layer][index], left + 6 + aside, top + 3, width - 12 - aside, height - 6);
  if (layer !== OUTPUT) dot(pen, right, middle, Math.min(3.6, height / 3), neuronColor(layer, index), colors.card);
}

/** Draw a curve so that it fills a box. */
function drawSmall(pen, curve, left, top, width, height) {
  const [low, high] = [Math.min(...curve), Math.max(...curve)];
  const toY = (value) => top + height * (high > low ? (high - value) / (high - low) : 0.5);
  const xs = Array.from(curve, (_, i) => left + (width * i) / (curve.length - 1));
  line(pen, xs, Array.from(curve, toY));
}

/** Draw a wide layer: a line for each neuron, x to the right, colour for its value. */
function drawStrip(pen, { layer, count, x, left, top, bottom, box }, moment) {
  const rows = Math.min(count, Math.max(1, Math.round(bottom - top)));
  const [wide, high] = [box[0] / SMALL_POINTS, (bottom - top) / rows];
  const values = moment.small[layer];
  const peaks = values.map((row) => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  const most = Math.max(...peaks) || 1;
  pen.fillStyle = colors.field;
  pen.fillRect(left, top, box[0], bottom - top);
  for (let row = 0; row < rows; row++) {
    const [first, end] = [Math.floor((row * count) / rows), Math.floor(((row + 1) * count) / rows)];
    const strongest = first + largest(Float32Array.from(peaks.slice(first, end)), 1)[0];
    values[strongest].forEach((value, i) => {
      const share = Math.min(1, Math.abs(value) / most) ** 0.7;
      if (!(share > 0.01)) return;
      pen.fillStyle = faded(signColor(value), share);
      pen.fillRect(left + i * wide, top + row * high, wide + 0.5, high + 0.3);
    });
  }
  stroke(pen, colors.border, 1);
  pen.strokeRect(left, top, box[0], bottom - top);
  const dead = values.filter((_, index) => isDead(moment, layer, index)).length;
  write(pen, "1", x, top - 7, colors.muted, "10.5px");
  const below = say(dead ? "{count}, {dead} dead" : "{count}", { count: countText(count), dead: countText(dead) });
  write(pen, below, x, bottom + 9, colors.muted, "10.5px");
}

/** Write a neuron with its numbers in: h₃ = ReLU(0.2742·x − 0.8090). */
function formulaOf({ layers }, layer, index) {
  const { weight, bias, inputs } = layers[layer];
  const own = weight.subarray(index * inputs, (index + 1) * inputs);
  const listed = largest(own, LISTED).sort((a, b) => a - b);
  const terms = listed.map((i) => `${signed(own[i])}·${nameOf(layer - 1, i)}`);
  if (inputs > LISTED) terms.push(say("+{count} more", { count: countText(inputs - LISTED) }));
  terms.push(signed(bias[index]));
  const sum = terms.map((term) => (/^[+−]/.test(term) ? `${term[0]} ${term.slice(1)}` : `+ ${term}`)).join(" ");
  const tidy = sum.replace(/^\+ /, "").replace(/^− /, MINUS);
  const symbol = run.activations[layer]?.symbol;
  return `${nameOf(layer, index)} = ${symbol ? `${symbol}(${tidy})` : tidy}`;
}

/** Return what there is to say of a neuron or a weight: a title, a formula and some facts. */
function describe(moment, { layer, index, input }) {
  const { weight, inputs } = moment.layers[layer];
  const [formula, role] = [formulaOf(moment, layer, index), roleOf(moment, layer, index, input)];
  if (input !== undefined) {
    const ends = { from: nameOf(layer - 1, input), to: nameOf(layer, index) };
    const facts = [role, `w = ${signed(weight[index * inputs + input])}`];
    return { title: say("Weight from {from} to {to}", ends), formula, facts };
  }
  if (layer === OUTPUT) return { title: "Output ŷ", formula, facts: [role, ...run.scaling_texts] };
  const kink = kinkOf(moment, layer, index);
  const active = { some: countText(activeCount(moment, layer, index)), all: countText(moment.stage.trained) };
  const isOn = isDead(moment, layer, index) ? "active on {some} of {all} samples: dead" : "active on {some} of {all} samples";
  const facts = [
    role,
    Number.isFinite(kink) && say("kink at x = {x}", { x: signed(kink) }),
    run.activations[layer]?.has_kink && say(isOn, active),
    deathText(deathOf(moment, layer, index)),
    layer === OUTPUT - 1 && say("its weight to ŷ: w′ = {w}", { w: signed(moment.layers[OUTPUT].weight[index]) }),
    layer === 0 && run.scaling_texts[0],
  ];
  const title = OUTPUT > 1 ? "Neuron {name} of hidden layer {layer}" : "Neuron {name}";
  return { title: say(title, { name: `h${lowered(index + 1)}`, layer: layer + 1 }), formula, facts };
}

const LINES = [ // falling, rising
  "Neuron {number} adds a straight line that falls by {left} for each unit of x.",
  "Neuron {number} adds a straight line that rises by {left} for each unit of x.",
];
const BENT = [
  "Neuron {number} adds a line that falls by {left} for each unit of x up to x = {kink}, and falls by {right} for each unit of x beyond.",
  "Neuron {number} adds a line that rises by {left} for each unit of x up to x = {kink}, and rises by {right} for each unit of x beyond.",
];
const LEFT = [ // lowering, lifting
  "Neuron {number} adds nothing right of x = {kink}. The further left of it, the more it lowers the curve: by {left} for each unit of x.",
  "Neuron {number} adds nothing right of x = {kink}. The further left of it, the more it lifts the curve: by {left} for each unit of x.",
];
const RIGHT = [
  "Neuron {number} adds nothing left of x = {kink}. The further right of it, the more it lowers the curve: by {right} for each unit of x.",
  "Neuron {number} adds nothing left of x = {kink}. The further right of it, the more it lifts the curve: by {right} for each unit of x.",
];

/** Say what a neuron or a weight does, in the units of the data, as the window does. */
function roleOf(moment, layer, index, input) {
  const [{ slopes }, number] = [run.activations[0] || {}, index + 1];
  if (input !== undefined) {
    if (layer === OUTPUT) {
      return layer ? "What the neuron gives is multiplied by it, and added to the network's answer." : "The slope of the straight line.";
    }
    const further = "What the one neuron gives is multiplied by it on its way into neuron {number} of the next layer.";
    const steep = "It multiplies x: how steep neuron {number} is.";
    const bent = "It multiplies x: how steep neuron {number} is, and, with its bias, where it bends.";
    return say(layer ? further : slopes && slopes[0] === slopes[1] ? steep : bent, { number });
  }
  if (layer === OUTPUT) {
    const sum = "The network's answer: what the neurons before it give, each times its weight, and a bias.";
    return layer ? sum : "A straight line: x times a weight, and a bias.";
  }
  if (isDead(moment, layer, index)) return say("Neuron {number} is dead: it gives 0 on every sample.", { number });
  if (OUTPUT === 1 && slopes) return armOf(moment, index, slopes);
  const given = forward(moment.layers, moment.stage.x.subarray(0, moment.stage.trained))[layer][index];
  const [low, high] = [plain(Math.min(...given), 3), plain(Math.max(...given), 3)];
  const same = "Neuron {number} gives {low} on every sample.";
  return say(low === high ? same : "Neuron {number} gives {low} to {high} on the samples.", { number, low, high });
}

/** Say what a piecewise linear neuron adds to the curve on either side of its kink. */
function armOf(moment, index, slopes) {
  const [first, second] = moment.layers;
  const [mean, deviation, , height] = run.scaling;
  const isOn = (i, x) => (first.weight[i] * (x - mean)) / deviation + first.bias[i] > 0;
  const slopeOf = (i, on) => (second.weight[i] * first.weight[i] * slopes[Number(on)] * height) / deviation;
  const [w, v] = [first.weight[index], second.weight[index]];
  const [left, right] = [slopeOf(index, w < 0), slopeOf(index, w > 0)];
  const texts = { left: plain(Math.abs(left), 3), right: plain(Math.abs(right), 3), kink: plain(kinkOf(moment, 0, index), 3) };
  const tell = (words) => say(words, { number: index + 1, ...texts });
  if (w * v === 0) return tell("Neuron {number} adds the same everywhere: one of its two weights is 0.");
  if (left === right) return tell(LINES[Number(left > 0)]);
  if (left && right) return tell(BENT[Number(left > 0)]);
  const text = tell((right ? RIGHT : LEFT)[Number(v > 0)]);
  const end = moment.stage.range[Number(right !== 0)];
  const share = (left + right) / [...first.bias.keys()].reduce((sum, i) => sum + slopeOf(i, isOn(i, end)), 0);
  if (!isOn(index, end) || !(share >= 0.5 && share <= 1.5)) return text;
  return say(right ? "{text} It carries the right arm." : "{text} It carries the left arm.", { text });
}

/** Say when a neuron died, as exactly as the moments tell. */
function deathText(steps) {
  if (!steps) return "";
  const [before, after] = steps;
  const holes = { first: countText(before + 1), step: countText(after) };
  if (before === null) return say(after ? "dead at step {step}, perhaps earlier" : "dead from the beginning", holes);
  return say(after - before === 1 ? "dead since step {step}" : "dead since a step between {first} and {step}", holes);
}
