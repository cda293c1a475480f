"""A lesson that uses all there is, to test with; and the program's own, with what their notes say."""

import re
from pathlib import Path

from tinynet_gui.core.lessons.lesson import LessonStep
from tinynet_gui.core.lessons.reading.reader import read_lesson_file
from tinynet_gui.core.text.shortened import unbroken

LESSONS = Path(__file__).parents[1] / "resources" / "lessons"
OWN_LESSON = Path(__file__).parent / "data" / "lesson" / "coffee.md"  # as a teacher may write one
LESSON_FILES = sorted(LESSONS.glob("[0-9]*.md"))
TRANSLATIONS = sorted(LESSONS.glob("*/[0-9]*.md"))


def lesson_step(number: str, title: str) -> LessonStep:
    """A step of one of the program's own lessons."""
    [file] = LESSONS.glob(f"{number}-*.md")
    return next(step for step in read_lesson_file(file).steps if step.title == title)


def says(number: str, words: str) -> bool:
    """Whether the text of one of the program's own lessons has these words, however its lines are broken."""
    [file] = LESSONS.glob(f"{number}-*.md")
    return words in re.sub(r"\s+", " ", file.read_text(encoding="utf-8"))


def notes_on(title: str, folder: Path = LESSONS) -> dict[str, str]:
    """The teacher's notes on a lesson: its parts; and by its question each answer, by its page each task."""
    notes = (folder / "teachers-notes.md").read_text(encoding="utf-8")
    [section] = re.findall(rf"^## \d+ {re.escape(title)}$(.*?)(?=^## |\Z)", notes, re.MULTILINE | re.DOTALL)
    section = unbroken(re.sub(r"\n(?!-|\n|\*\*)\s*", " ", section))
    parts = re.findall(r"^\*\*([A-Z][a-z ]+)\.\*\* *(.*)", section, re.MULTILINE)
    return dict([*parts, *re.findall(r"^- \w+ \d+\. \*(.+?)\*:? (?:\*\*)?(.+?)(?:\*\*|$)", section, re.MULTILINE)])


FRONT = """+++
title = "How many neurons?"
about = "One, two, a thousand: what changes?"  # a comment
minutes = 7
hidden = ["view.microscope", "experiment.depth", "training.learning_rate"]
+++
"""

WHOLE = f"""{FRONT}
## Welcome
Only a text, of {{neurons}} neurons.

```python
## no heading
```

## One neuron
What will it draw?

```lesson
setting = "hidden=1&seed=7"
seeds = "fixed"
show = ["view.pytorch", "view.first_steps"]
ask = '''What will
it draw?'''
choices = [
  {{text = "a parabola", when = "within < 0.1"}},  # {{when = "a comment"}}
  {{text = "when = {{", when = "within < 0.3"}},
  {{text = "a line", when = "otherwise"}},
]
train_to = 10_000
remember = {{one = "loss", was = "first_loss"}}
```
It is {{within}}.

[if loss > 0.5] So much.

[else] So little.

## Many seeds
It was {{one}}.

~~~lesson
experiment = {{kind = "swarm", name = "many"}}
ask = "How many fail?"
number = {{answer = "100 * many.failed / many.seeds", unit = "%", low = 0, high = 100.0, near = 5}}
~~~

{{many.failed:count}} of {{many.seeds:count}}, {{many.failed / many.seeds:percent}}; it was {{was:4}}.

## Beyond
```lesson
ask = "Where will it go?"
curve = {{from = 3, to = 6.5, of = "target"}}
until = "step >= 100 and many.failed >= 0"
do = "Press Start."
point_at = "startButton"
remember = {{off = "curve_off"}}
```
By {{curve_off}}.

## Reach it
```lesson
[goal]
condition = "loss < one and neurons <= 5"
seeds = 64
share = 0.5
text = "A loss below that of one neuron."
```
{{goal.reached}} of {{goal.seeds}}, between {{goal.low:percent}} and {{goal.high:percent}}; {{off}}

## Now you
```lesson
goal = {{condition = "dead == 0 and abs(weight(1, 1, 1)) < 2", text = "No dead neuron.", hint = "Draw again."}}
```

## Widths
```lesson
experiment = {{kind = "ladder", runs = 4, name = "many"}}
```
{{many.best_width}}: {{many.loss(many.best_width)}}
"""
