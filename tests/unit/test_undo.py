"""The undo stack: settings and parameters in one order, what becomes one edit, what a new run forgets."""

from tinynet_gui.core.config import Config
from tinynet_gui.engine.undo import MERGED_WITHIN_S, MOST_EDITS, Edit, ParameterEdit, SettingsEdit, UndoStack

CONFIG = Config()
FASTER = CONFIG.replace("training.learning_rate", 0.01)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _bias(before: float, after: float, neuron: int = 0) -> ParameterEdit:
    return ParameterEdit(0, "bias", (neuron,), before, after)


def _undone(stack: UndoStack) -> list[Edit]:
    edits = []
    while (edit := stack.undo()) is not None:
        edits.append(edit)
    return edits


def test_settings_and_parameters_are_taken_back_in_order_and_made_again() -> None:
    clock = Clock()
    stack = UndoStack(clock)
    edits: list[Edit] = [SettingsEdit(CONFIG, FASTER), _bias(0.0, 1.0), SettingsEdit(FASTER, CONFIG)]
    for edit in edits:
        clock.now += 10
        stack.push(edit)
    assert _undone(stack) == edits[::-1]
    assert [stack.redo() for _ in range(4)] == [*edits, None]


def test_a_drag_is_one_edit_that_goes_back_to_where_it_began() -> None:
    clock = Clock()
    stack = UndoStack(clock)
    assert [stack.push(_bias(0.1 * k, 0.1 * (k + 1))) for k in range(5)] == [False, True, True, True, True]
    clock.now += 2 * MERGED_WITHIN_S
    assert not stack.push(_bias(0.5, 9.0))
    first, second = _undone(stack)
    assert first == _bias(0.5, 9.0)
    assert second == _bias(0.0, 0.5)


def test_another_parameter_is_another_edit() -> None:
    stack = UndoStack(Clock())
    stack.push(_bias(0.0, 1.0, neuron=0))
    stack.push(_bias(0.0, 1.0, neuron=1))
    assert len(_undone(stack)) == 2


def test_what_follows_an_undo_does_not_join_the_edit_before() -> None:
    stack = UndoStack(Clock())
    stack.push(_bias(0.0, 1.0))
    stack.push(_bias(0.0, 2.0, neuron=1))
    stack.undo()
    assert not stack.push(_bias(1.0, 3.0))
    assert stack.next_redo is None
    assert _undone(stack) == [_bias(1.0, 3.0), _bias(0.0, 1.0)]


def test_another_run_forgets_what_was_set_by_hand() -> None:
    stack = UndoStack(Clock())
    stack.push(SettingsEdit(CONFIG, FASTER))
    stack.push(_bias(0.0, 1.0))
    stack.push(_bias(0.0, 1.0, neuron=3))
    stack.undo()
    stack.forget_run()
    assert stack.next_redo is None
    assert _undone(stack) == [SettingsEdit(CONFIG, FASTER)]


def test_the_oldest_edits_are_forgotten() -> None:
    stack = UndoStack(Clock())
    for k in range(MOST_EDITS + 5):
        stack.push(_bias(0.0, 1.0, neuron=k))
    edits = _undone(stack)
    assert len(edits) == MOST_EDITS
    assert edits[-1] == _bias(0.0, 1.0, neuron=5)


def test_labels_say_what_would_be_undone() -> None:
    assert SettingsEdit(CONFIG, FASTER).label == "learning rate"
    assert SettingsEdit(CONFIG, FASTER.replace("data.noise", 0.5)).label == "2 settings"
    assert _bias(0, 1, neuron=2).label == "bias of neuron 3 of layer 1"
    assert ParameterEdit(1, "weight", (0, 4), 0.0, 1.0).label == "weight 5 of neuron 1 of layer 2"
