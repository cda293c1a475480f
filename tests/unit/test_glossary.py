"""The glossary: two sentences for each word, and the words found in a text."""

import html
import re

import pytest

from tinynet_gui.core.config import SETTINGS
from tinynet_gui.core.wording.glossary import TERMS, Term, terms_in, with_links


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_each_has_two_sentences_and_is_found_by_its_own_name(term: Term) -> None:
    sentences = re.findall(r"[^.]+(?:\.\w+[^.]*)*\.(?= |$)", term.text)
    assert len(sentences) == 2, sentences
    assert all(len(sentence) <= 140 for sentence in sentences)
    assert terms_in(f"What is this {term.name}?") == (term,)


def test_they_stand_in_order_and_once() -> None:
    names = [term.name for term in TERMS]
    assert names == sorted(names, key=str.lower)
    assert len(set(names)) == len(names)


def test_the_settings_that_a_beginner_cannot_know_are_explained() -> None:
    labels = {setting.label for setting in SETTINGS.values()}
    optimising = ("Learning rate", "Weight decay", "Optimiser", "Batch")
    for label in (*optimising, "Activation", "Loss", "Standardise", "Noise σ"):
        assert label in labels
        assert terms_in(label)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Diverged at step 12: loss not finite.", ["divergence", "step", "loss"]),
        ("The held-out losses of mini-batches", ["held-out samples", "loss", "batch"]),
        ("Neuron 9 is dead.", ["neuron", "dead neuron"]),
        ("weight decay is not a weight", ["weight decay", "weight"]),
        ("stepped, unbiased, losslessly", []),
        ("a pre-activation and its activation", ["pre-activation", "activation function"]),
    ],
)
def test_terms_are_found_as_whole_words_and_the_longest_counts(text: str, names: list[str]) -> None:
    assert [term.name for term in terms_in(text)] == names


def test_links_change_nothing_that_is_read() -> None:
    text = "Loss < 1 & the loss\nof a dead neuron"
    linked = with_links(text)
    assert html.unescape(re.sub(r"<a [^>]*>|</a>", "", linked)).replace("<br>", "\n") == text
    assert re.findall(r'href="([^"]*)"', linked) == ["loss", "dead neuron"]
    assert 'href="loss"' not in with_links(text, besides=next(term for term in TERMS if term.name == "loss"))
