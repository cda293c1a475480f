// Numbers as the program writes them, and messages with numbers in them.

const MINUS = "−";
const raised = (text) => text.replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
const lowered = (number) => String(number).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);
const signedText = (text) => text.replace("-", MINUS);
const counts = new Intl.NumberFormat("en-US"); // made once: toLocaleString makes one each time
const countText = (count) => counts.format(count);

/** Fill in the holes of a message, such as {step}. */
const say = (message, holes) => message.replace(/\{(\w+)\}/g, (_, name) => holes[name]);

/** Write 1.20e-5 as 1.20·10⁻⁵. */
function inPowers(text) {
  const [mantissa, exponent] = text.split("e");
  return signedText(mantissa) + "·10" + raised(String(Number(exponent)));
}

/** Write what is not finite. */
function infinite(value) {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : MINUS + "∞";
}

/** Write a number with so many significant digits. */
function plain(value, digits = 4) {
  if (!Number.isFinite(value)) return infinite(value);
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e6 || size < 1e-4)) return inPowers(value.toExponential(digits - 1));
  const [mantissa, exponent] = value.toPrecision(digits).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return exponent === undefined ? signedText(short) : inPowers(`${short}e${exponent}`);
}

/** Write a weight: four decimals and a sign. */
function signed(value) {
  const size = Math.abs(value);
  const plus = value < 0 || Object.is(value, -0) ? "" : "+";
  if (!Number.isFinite(value)) return (value > 0 ? "+" : "") + infinite(value);
  if (value !== 0 && (size >= 1e4 || size < 5e-5)) return plus + inPowers(value.toExponential(2));
  return plus ? plus + value.toFixed(4) : MINUS + size.toFixed(4);
}

/** Write a loss with four significant digits; one that is not known is null. */
function lossText(value) {
  if (value === null) return "not finite";
  if (value === 0) return "0.0000";
  if (value < 1e-3 || value >= 1e5) return inPowers(value.toExponential(3));
  return value.toFixed(Math.max(0, 3 - Math.floor(Math.log10(value))));
}

/** Write a step in little space. */
function stepText(step) {
  return step >= 1e6 ? `${Number((step / 1e6).toPrecision(4))} M` : countText(step);
}
