"""What has come of a claim, in a few sentences."""

import math

from tinynet_gui.core.analysis.sweep_results import Claim, ClaimResult, Quantifier
from tinynet_gui.core.text.numbers import count_text, loss_text, plain

QUANTIFIERS: dict[Quantifier, str] = {"always": "always", "mostly": "mostly", "never": "never"}


def explain_claim(result: ClaimResult) -> str:
    """Say whether it holds, how sure that is, which seed speaks most against it, and what was meant."""
    return " ".join([_verdict(result), _share(result), *_counterexample(result), _meaning(result)])


def limit_text(limit: float) -> str:
    """Write a limit as it is typed."""
    return plain(limit, 6)


def _verdict(result: ClaimResult) -> str:
    claim, seeds = result.claim, result.seeds
    neurons, limit = _neurons(claim), limit_text(claim.limit)
    got = f"{neurons} got below {limit} in"
    total = _of_all(result)
    if not result.is_complete and result.verdict != "no":
        return f"So far {got} {count_text(seeds.reached)} of {total}."
    match claim.quantifier, result.verdict:
        case "always", "yes":
            return f"Yes, as far as {total} tell: {got} all of them."
        case "never", "yes":
            return f"Yes, as far as {total} tell: {got} none of them."
        case _, "cannot tell":
            return f"Cannot tell: {got} {count_text(seeds.reached)} of {total}, too near to half of them."
        case "mostly", "yes":
            return f"Yes: {got} {count_text(seeds.reached)} of {total}, more than half."
    only = "" if claim.quantifier == "never" else "only "
    return f"No: {got} {only}{count_text(seeds.reached)} of {total}."


def _share(result: ClaimResult) -> str:
    """The share of all seeds: its ends rounded away from each other, so that what is said of them stays true."""
    seeds = result.seeds
    low, high = (f"{end(1000 * share) / 10:.1f}" for end, share in ((math.floor, seeds.low), (math.ceil, seeds.high)))
    if seeds.reached == len(seeds.runs):
        words = f"at least {low} %"
    elif seeds.reached == 0:
        words = f"at most {high} %"
    else:
        words = f"between {low} and {high} %"
    told = f"Of all the seeds there are {words} get there (95 % confidence)."
    if result.claim.quantifier != "mostly":
        return told
    if not result.is_complete:
        return f"{told} Not all seeds are there: before that neither yes nor no is said of “mostly”."
    if result.verdict == "cannot tell":
        return f"{told} One half is among that: more seeds could tell."
    return told


def _counterexample(result: ClaimResult) -> list[str]:
    run = result.counterexample
    if run is None:
        return []
    seed, count = run.config.network.seed, sum(result.speaks_against)
    ended = "diverged" if run.diverged_at is not None else f"ended at {loss_text(run.final_loss)}"
    if result.claim.quantifier == "mostly":
        return [f"The worst is seed {seed}: it {ended}."]
    most = "The counterexample is" if count == 1 else f"Of {count_text(count)} counterexamples the clearest is"
    return [f"{most} seed {seed}: it {ended}. It is the first in the list, to be opened."]


def _meaning(result: ClaimResult) -> str:
    """What was claimed, in full."""
    claim, config = result.claim, result.config
    layer = f"one hidden layer of {_neurons(claim)}"
    steps = f"after {count_text(config.training.stop_step)} step{'' if config.training.stop_step == 1 else 's'}"
    words = f"Meant is {layer}, all else as in the settings, and the loss on the training samples {steps}."
    if claim.quantifier == "mostly":
        words += " Mostly: from more than half of all seeds; where it is just half, chance says yes or no in 5 of 100."
    return words


def _neurons(claim: Claim) -> str:
    return f"{count_text(claim.neurons)} neuron{'' if claim.neurons == 1 else 's'}"


def _of_all(result: ClaimResult) -> str:
    count = len(result.seeds.runs)
    if result.is_complete:
        return f"{count_text(count)} seed{'' if count == 1 else 's'}"
    return f"the first {count_text(count)} of {count_text(result.wanted)} seeds"
