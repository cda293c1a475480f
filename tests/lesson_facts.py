"""What lessons measure, by numpy and Python alone; and whether a text that was filled in says it."""

import math
import re
import statistics
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import points_of
from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.experiments.depth import DepthResult
from tinynet_gui.core.experiments.influence import InfluenceResult
from tinynet_gui.core.experiments.ladder import WidthsResult
from tinynet_gui.core.experiments.swarm import SwarmResult
from tinynet_gui.core.lessons.measurements import joined, measured
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.snapshot import Snapshot

AS_MEASURED = ("kinks", "stable_rate", "first_loss", "dead", "within", "outside")  # these have tests of their own
FUNCTIONS = {"abs": abs, "min": min, "max": max, "round": round, "sqrt": math.sqrt, "log10": math.log10}
UNKNOWN = math.nan
NUMBER = r"[−-]?[\d,]+(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?: ?%)?|[−-]?∞|[a-z –]+?"  # or what is said where there is none
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


class Facts(dict[str, Any]):
    """Names for Python's own `eval`: of a moment, and of what was found before."""

    def __init__(self, snapshot: Snapshot, run: Run, known: Mapping[str, float], results: Mapping[str, Any]) -> None:
        super().__init__(FUNCTIONS)
        config, layers = snapshot.config, snapshot.layers
        points = points_of(config.data)
        train = ~points.held_out
        own = measured(snapshot, run)
        self.scope = joined(known, own)  # what the program says of it
        self.update(
            step=snapshot.step,
            neurons=sum(config.network.hidden),
            layers=len(config.network.hidden),
            parameters=sum(layer.weight.size + layer.bias.size for layer in layers),
            learning_rate=config.training.learning_rate,
            samples=int(train.sum()),
            noise=config.data.noise,
            diverged=int(snapshot.diverged_at is not None),
            seed=config.network.seed,
            batch=config.training.batch_size or int(train.sum()),
            loss=_mse(snapshot, train) if snapshot.diverged_at is None else math.inf,
            held_out_loss=_mse(snapshot, ~train) if points.held_out.any() else UNKNOWN,
            output=lambda x: float(_output(snapshot, np.array([x]))[0]),
            target=lambda x: _true(config, x),
            weight=lambda layer, to, source: float(layers[layer - 1].weight[to - 1, source - 1]),
            bias=lambda layer, to: float(layers[layer - 1].bias[to - 1]),
            gradient_weight=lambda layer, to, source: float(snapshot.gradients[layer - 1].weight[to - 1, source - 1]),
            gradient_bias=lambda layer, to: float(snapshot.gradients[layer - 1].bias[to - 1]),
            **{name: own[name] for name in AS_MEASURED},
        )
        self.update({name: value for name, value in known.items() if "." not in name})
        dotted = {name: value for name, value in known.items() if "." in name and "(" not in name}
        for name in {each.partition(".")[0] for each in dotted}:
            parts = {each.partition(".")[2]: value for each, value in dotted.items() if each.startswith(f"{name}.")}
            self[name] = SimpleNamespace(**parts)
        for name, result in results.items():
            self[name] = SimpleNamespace(**of_result(result))


def _output(snapshot: Snapshot, x: np.ndarray) -> np.ndarray:
    h = np.asarray(x, np.float64)[:, None]
    for place, layer in enumerate(snapshot.curve_layers):
        h = h @ layer.weight.astype(np.float64).T + layer.bias
        if place < len(snapshot.curve_layers) - 1:
            h = _activated(snapshot.config.network.activation, h)
    return h[:, 0]


def _activated(name: str, u: np.ndarray) -> np.ndarray:
    match name:
        case "relu":
            return u * (u > 0)
        case "leaky_relu":
            return np.where(u > 0, u, 0.01 * u)
        case "identity":
            return u
        case "tanh":
            return np.asarray(np.tanh(u))
    raise ValueError(name)


def _true(config: Config, x: float) -> float:
    formula = config.data.true_formula
    return UNKNOWN if formula is None else float(parse_formula(formula)(np.array([x], np.float32))[0])


def _mse(snapshot: Snapshot, which: np.ndarray) -> float:
    points = points_of(snapshot.config.data)
    return float(np.mean((_output(snapshot, points.x[which]) - points.y[which]) ** 2))


def of_result(result: Any) -> dict[str, Any]:
    """What an experiment's runs say, counted anew."""
    match result:
        case SwarmResult():
            losses = [run.final_loss for run in result.runs]
            causes = list(result.causes)
            return {
                "seeds": len(losses),
                "failed": sum(loss > result.reach.limit or not math.isfinite(loss) for loss in losses),
                "median": float(np.quantile(losses, 0.5)),
                "best": min(losses),
                "worst": max(losses),
                "diverged": sum(run.diverged_at is not None for run in result.runs),
                "plateau": causes.count("plateau"),
                "dead": causes.count("dead neurons"),
                "slow": causes.count("slow"),
                "constant": result.reach.constant,
                "limit": result.reach.limit,
                "dead_at_start": sum(run.dead_at_start for run in result.runs) / sum(r.neurons for r in result.runs),
                "dead_theory": UNKNOWN if result.dead_at_start.theory is None else result.dead_at_start.theory,
            }
        case WidthsResult():
            medians = {w.width: float(np.median([run.final_loss for run in w.runs])) for w in result.widths}
            held_out = {
                w.width: float(np.median([run.validation_loss for run in w.runs]))
                for w in result.widths
                if w.validation is not None
            }
            return {
                "seeds": len(result.widths[0].runs),
                "best_width": min(medians, key=lambda n: medians[n]),
                "best_held_out_width": min(held_out, key=lambda n: held_out[n]) if held_out else UNKNOWN,
                "smallest": min(medians),
                "largest": max(medians),
                "loss": lambda n: medians.get(n, UNKNOWN),
                "held_out": lambda n: held_out.get(n, UNKNOWN),
            }
        case DepthResult():
            typical = {
                len(s.hidden): float(np.exp(np.mean(np.log(np.array(s.finals[s.rates.index(s.rate)], np.float64)))))
                for s in result.shapes
            }
            medians = {
                len(s.hidden): statistics.median(s.finals[s.rates.index(s.rate)].tolist()) for s in result.shapes
            }
            best = min(typical, key=lambda k: typical[k])
            return {
                "seeds": len(result.shapes[0].runs),
                "sure": float(result.by_steps is not None and result.by_steps.is_sure),
                "best_layers": best,
                "best_loss": typical[best],
                "parameters": result.shapes[0].parameters,
                "typical": lambda k: typical.get(k, UNKNOWN),
                "median": lambda k: medians.get(k, UNKNOWN),
                "chance": UNKNOWN if result.by_steps is None else result.by_steps.p,
            }
        case InfluenceResult():
            most = max(result.samples, key=lambda one: one.influence)
            _, *inner, _ = ordered = [(one.influence, one.x) for one in sorted(result.samples, key=lambda one: one.x)]
            return {
                "samples": result.sample_count,
                "most": most.influence,
                "most_x": most.x,
                "left": ordered[0][0],
                "right": ordered[-1][0],
                "inner": max(inner)[0],
                "inner_x": max(inner)[1],
                "chance": result.chance,
            }
    raise TypeError(result)


def python(text: str, facts: Facts) -> float:
    """The value of an expression by Python itself."""
    text = text.strip().replace("−", "-").replace("^", "**").replace("·", "*").replace("≤", "<=").replace("≥", ">=")
    try:
        return float(eval(text, {"__builtins__": {}}, facts))
    except ZeroDivisionError:
        return UNKNOWN


def shown_paragraphs(source: str, facts: Facts) -> Iterator[str]:
    """Which paragraphs of a text are to be seen, without their markers."""
    decided = False
    for paragraph in re.split(r"\n(?=\[(?:if|else))|\n\s*\n", source.strip()):
        marker = re.match(r"\[(else if|if|else)([^\]]*)\]\s*", paragraph)
        if marker is None:
            yield paragraph.strip()
            continue
        word, condition = marker[1], marker[2]
        decided = decided if word != "if" else False
        if not decided and (word == "else" or python(condition, facts) == 1.0):
            decided = True
            yield paragraph[marker.end() :].strip()


def assert_says(shown: str, source: str, facts: Facts) -> None:
    """What is shown is what the source says of the facts: the same paragraphs, the same numbers but for rounding."""
    at = 0
    text = _plain(shown)
    for paragraph in shown_paragraphs(source, facts):
        pieces = re.split(r"\{([^{}]*)\}", _plain(paragraph, keep_braces=True))
        pattern = "".join(re.escape(_plain(piece)) if k % 2 == 0 else f"({NUMBER})" for k, piece in enumerate(pieces))
        match = re.compile(pattern).match(text, at)
        assert match is not None, (paragraph, text[at : at + 400])
        for written, piece in zip(match.groups(), pieces[1::2], strict=True):
            expression, _, form = piece.partition(":")
            value = python(expression, facts)
            assert _is_written_as(written, value, form), (piece, written, value)
        at = match.end()
        at += len(text[at:]) - len(text[at:].lstrip())
    assert text[at:].strip() == ""


def _plain(text: str, keep_braces: bool = False) -> str:
    text = re.sub(r"\s+", " ", text)
    return text if keep_braces else text.replace("{{", "{").replace("}}", "}")


def _is_written_as(written: str, value: float, form: str) -> bool:
    number = written.replace("−", "-").replace(",", "").replace("·10", "e").translate(SUPERSCRIPTS).strip()
    if math.isnan(value) or math.isinf(value):
        return not re.fullmatch(r"-?[\d.]+(e-?\d+)?", number)
    share = 100.0 if form == "percent" else 1.0
    found = float(number.removesuffix("%").strip())
    mantissa, _, exponent = number.rstrip("% ").partition("e")
    rounding = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])) * (1 + 1e-9)
    return abs(found - share * value) <= max(rounding, 1e-3 * abs(share * value))
