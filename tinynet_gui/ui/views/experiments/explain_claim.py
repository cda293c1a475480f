"""What has come of a claim, in a few sentences."""

import math

from tinynet_gui.core.experiments.claim_result import ClaimResult, Quantifier
from tinynet_gui.core.text.numbers import count_text, loss_text, plain

QUANTIFIERS: dict[Quantifier, str] = {"always": "always", "mostly": "mostly", "never": "never"}


def explain_claim(result: ClaimResult) -> str:
    """Say whether it holds, how sure that is, which seed speaks most against it, and what was meant."""
    return " ".join([_verdict(result), *_share(result), *_counterexample(result), _meaning(result)])


def limit_text(limit: float) -> str:
    """Write a limit as it is typed."""
    return plain(limit, 6)


def neurons_text(count: int) -> str:
    """Write so many neurons."""
    return f"{count_text(count)} neuron{'' if count == 1 else 's'}"


def _verdict(result: ClaimResult) -> str:
    claim, seeds = result.claim, result.seeds
    who, below = neurons_text(claim.neurons), f"below {limit_text(claim.limit)}"
    is_one = claim.neurons == 1
    get, do, they = ("gets", "does", "it") if is_one else ("get", "do", "they")
    there, count = _of_all(result), count_text(seeds.reached)
    if not result.is_complete and result.verdict != "no":
        return f"So far {who} got {below} in {count} of {there}."
    match claim.quantifier, result.verdict:
        case "always", "yes":
            return f"Yes, {who} always {get} {below}: in all {there}, so in {_of_any(result)} of all."
        case "never", "yes":
            return f"Yes, {who} never {get} {below}: in none of {there}, so in {_of_any(result)} of all."
        case "never", _:
            return f"No, {who} {do} get {below}: in {count} of {there}."
        case _, "cannot tell":
            return f"Cannot tell whether {who} mostly {get} {below}: {they} did in {count} of {there}."
        case _, "yes":
            return f"Yes, {who} mostly {get} {below}: in {count} of {there}."
    return f"No, {who} {do} not {claim.quantifier} get {below}: in only {count} of {there}."


def _of_any(result: ClaimResult) -> str:
    """The share of all seeds: its ends rounded away from each other, so that what is said of them stays true."""
    seeds = result.seeds
    low, high = (f"{end(1000 * share) / 10:.1f}" for end, share in ((math.floor, seeds.low), (math.ceil, seeds.high)))
    if seeds.reached == len(seeds.runs):
        return f"at least {low} %"
    return f"at most {high} %" if seeds.reached == 0 else f"between {low} and {high} %"


def _share(result: ClaimResult) -> list[str]:
    share = f"{100 * result.seeds.share:.1f} %"
    words = [f"That is {share}; of all the seeds there are it is {_of_any(result)} (95 % confidence)."]
    if result.claim.quantifier == "mostly" and not result.is_complete:
        words.append("Before all seeds are there, neither yes nor no is said of “mostly”.")
    elif result.verdict == "cannot tell":
        words.append("One half is within that: more seeds could tell.")
    return words


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
    claim, steps = result.claim, result.config.training.stop_step
    words = (
        f"Meant is one hidden layer of {neurons_text(claim.neurons)}, all else as in the settings, and the loss on the "
        f"training samples after {count_text(steps)} step{'' if steps == 1 else 's'}."
    )
    if claim.quantifier == "mostly":
        words += (
            " Mostly is: from more than half of all seeds; where it is just half, at most 5 of 100 such experiments "
            "say yes or no."
        )
    return words


def _of_all(result: ClaimResult) -> str:
    count = len(result.seeds.runs)
    if result.is_complete:
        return f"{count_text(count)} seed{'' if count == 1 else 's'}"
    return f"the first {count_text(count)} of {count_text(result.wanted)} seeds"
