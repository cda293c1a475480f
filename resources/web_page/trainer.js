// Draws samples and weights as the program does, and trains: float32, each operation rounded once, sums in order.
// `Math.fround` is spelled out: only by this name do compilers know it, three times as fast.

/** All of it as one function, which needs nothing from outside: a worker is given its text. */
function makeTrainer() {
  const WORDS = 624;

  /** The Mersenne Twister (Matsumoto and Nishimura, 1998), seeded as by torch.manual_seed and np.random.seed. */
  class Twister {
    constructor(seed) {
      const words = (this.words = new Uint32Array(WORDS));
      words[0] = seed;
      for (let i = 1; i < WORDS; i++) words[i] = Math.imul(1812433253, words[i - 1] ^ (words[i - 1] >>> 30)) + i;
      this.place = WORDS;
      this.spare = null; // the second number of a pair
    }

    word() {
      const { words } = this;
      if (this.place === WORDS) {
        for (let i = 0; i < WORDS; i++) {
          const y = (words[i] & 0x80000000) | (words[(i + 1) % WORDS] & 0x7fffffff);
          words[i] = words[(i + 397) % WORDS] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
        }
        this.place = 0;
      }
      let y = words[this.place++];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      return (y ^ (y >>> 18)) >>> 0;
    }

    /** Return a number from 0 to 1, of 53 bits, as np.random.random_sample. */
    share() {
      const high = this.word() >>> 5;
      return (high * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53;
    }

    /** Return a number around 0, by Marsaglia's polar method, as np.random.standard_normal. */
    normal() {
      if (this.spare !== null) {
        const spare = this.spare;
        this.spare = null;
        return spare;
      }
      let [a, b, square] = [0, 0, 0];
      while (square >= 1 || square === 0) {
        a = 2 * this.share() - 1;
        b = 2 * this.share() - 1;
        square = a * a + b * b;
      }
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.spare = factor * a;
      return factor * b;
    }

    /** Return the numbers from 0 on in another order, as np.random.permutation. */
    order(count) {
      const order = Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i--) {
        const mask = 2 ** (32 - Math.clz32(i)) - 1;
        let j = i + 1;
        while (j > i) j = (this.word() & mask) >>> 0;
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    }

    /** Return float32 numbers from −bound to bound, as Tensor.uniform_ does; rounded once where it fuses. */
    uniform(count, bound, isFused) {
      const [low, width] = [Math.fround(-bound), Math.fround(Math.fround(bound) - Math.fround(-bound))];
      return Float32Array.from({ length: count }, () => {
        const product = ((this.word() & 0xffffff) / 2 ** 24) * width;
        return (isFused ? product : Math.fround(product)) + low;
      });
    }
  }

  /** Return w₁, b₁, w₂ and b₂, one after the other, as nn.Linear(1, n) and nn.Linear(n, 1) draw them. */
  function firstWeights({ neurons, seed, skipped, scale, isFused }) {
    const twister = new Twister(seed);
    for (let i = 0; i < skipped; i++) twister.word();
    const bounds = (inputs) => [
      Math.sqrt(3) * (Math.sqrt(2 / (1 + Math.sqrt(5) * Math.sqrt(5))) / Math.sqrt(inputs)),
      1 / Math.sqrt(inputs),
    ];
    const weights = new Float32Array(3 * neurons + 1);
    const [first, second] = [bounds(1), bounds(neurons)];
    const parts = [[neurons, first[0]], [neurons, first[1]], [neurons, second[0]], [1, second[1]]];
    let start = 0;
    for (const [count, bound] of parts) {
      weights.set(twister.uniform(count, bound, isFused), start);
      start += count;
    }
    return weights.map((weight) => weight * Math.fround(scale));
  }

  /** Return samples of a function with noise, those to train on first. */
  function samplesOf({ seed, count, low, high, noise, heldOut }, target) {
    const twister = new Twister(seed);
    const x = Float32Array.from({ length: count }, () => low + (high - low) * twister.share());
    const noises = Float32Array.from({ length: count }, () => twister.normal());
    const isHeldOut = new Array(count).fill(false);
    for (const place of twister.order(count).slice(0, heldOut)) isHeldOut[place] = true;
    const y = x.map((at, i) => Math.fround(target(at)) + Math.fround(Math.fround(noise) * noises[i]));
    const pick = (values) => [...values.filter((_, i) => !isHeldOut[i]), ...values.filter((_, i) => isHeldOut[i])];
    return { x: Float32Array.from(pick(x)), y: Float32Array.from(pick(y)), trained: count - heldOut };
  }

  /** Linear(1, n), an activation, Linear(n, 1): mean squared error, all samples in each step, descent or momentum. */
  class Trainer {
    /** `activation` is h and dh/du, `velocity` is null without momentum. */
    constructor({ weights, velocity, step, x, y, trained, rate, momentum }, activation) {
      Object.assign(this, { step, rate, momentum, divergedAt: null });
      [this.value, this.slope] = activation;
      this.weights = weights.slice();
      this.velocity = velocity && velocity.slice();
      this.before = [weights.slice(), velocity && velocity.slice()];
      this.neurons = (weights.length - 1) / 3;
      this.gradient = new Float32Array(weights.length);
      this.parts = [[x.subarray(0, trained), y.subarray(0, trained)], [x.subarray(trained), y.subarray(trained)]];
      this.u = new Float32Array(this.neurons * x.length);
      this.h = new Float32Array(this.neurons * x.length);
      this.errors = new Float32Array(x.length);
    }

    /** Compute the loss on the samples of the training, part 0, or on those held out, part 1. */
    loss(part = 0) {
      const { weights, neurons: n, u, h, errors, value } = this;
      const [x, y] = this.parts[part];
      const count = x.length;
      errors.fill(0, 0, count);
      for (let j = 0, at = 0; j < n; j++) {
        const [w, b, out] = [weights[j], weights[n + j], weights[2 * n + j]];
        for (let s = 0; s < count; s++, at++) {
          u[at] = Math.fround(Math.fround(w * x[s]) + b);
          h[at] = value(u[at]);
          errors[s] = Math.fround(errors[s] + Math.fround(out * h[at]));
        }
      }
      let sum = 0;
      for (let s = 0; s < count; s++) {
        errors[s] = Math.fround(Math.fround(errors[s] + weights[3 * n]) - y[s]);
        sum = Math.fround(sum + Math.fround(errors[s] * errors[s]));
      }
      return Math.fround(sum / count);
    }

    /** Go back through the pass of `loss(0)`, and change the weights. */
    update() {
      const { weights, velocity, gradient, neurons: n, u, h, errors, slope } = this;
      const [x] = this.parts[0];
      const count = x.length;
      const share = Math.fround(2 / count);
      gradient.fill(0);
      for (let s = 0; s < count; s++) {
        errors[s] = Math.fround(share * errors[s]);
        gradient[3 * n] = Math.fround(gradient[3 * n] + errors[s]);
      }
      for (let j = 0, at = 0; j < n; j++) {
        const out = weights[2 * n + j];
        let [toW, toB, toOut] = [0, 0, 0];
        for (let s = 0; s < count; s++, at++) {
          toOut = Math.fround(toOut + Math.fround(errors[s] * h[at]));
          const back = Math.fround(Math.fround(errors[s] * out) * Math.fround(slope(u[at])));
          toB = Math.fround(toB + back);
          toW = Math.fround(toW + Math.fround(back * x[s]));
        }
        gradient[j] = toW;
        gradient[n + j] = toB;
        gradient[2 * n + j] = toOut;
      }
      this.before[0].set(weights);
      if (velocity) this.before[1].set(velocity);
      const [rate, momentum] = [Math.fround(this.rate), Math.fround(this.momentum)];
      for (let i = 0; i < weights.length; i++) {
        let by = gradient[i];
        if (velocity) by = velocity[i] = Math.fround(Math.fround(momentum * velocity[i]) + by);
        weights[i] = Math.fround(weights[i] - Math.fround(rate * by));
      }
      this.step += 1;
    }

    /** Take steps until there are `end` of them; return the loss before each. A loss that is not finite undoes a step. */
    run(end) {
      const losses = new Float32Array(end - this.step);
      let taken = 0;
      while (this.step < end) {
        const loss = this.loss();
        if (!Number.isFinite(loss)) return this.undo(losses, taken);
        losses[taken++] = loss;
        this.update();
      }
      return Number.isFinite(this.loss()) ? losses : this.undo(losses, taken);
    }

    /** Take back the step after which the loss is not finite, and its loss. */
    undo(losses, taken) {
      this.divergedAt = this.step;
      if (taken === 0) return losses.subarray(0, 0);
      this.weights.set(this.before[0]);
      if (this.velocity) this.velocity.set(this.before[1]);
      this.step -= 1;
      return losses.subarray(0, taken - 1);
    }

    /** Return what is kept of this step. */
    moment() {
      const { step, weights, velocity } = this;
      const heldOut = this.parts[1][0].length ? this.loss(1) : null;
      return { step, weights: weights.slice(), velocity: velocity && velocity.slice(), heldOut, loss: this.loss() };
    }
  }

  return { Twister, firstWeights, samplesOf, Trainer };
}
