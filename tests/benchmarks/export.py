"""To verify an exported script, against the plain loop alone."""

from collections.abc import Callable
from time import perf_counter

from tests.benchmarks.effort import Effort, so_many
from tests.benchmarks.records import Record, record
from tests.runs import run_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.export.receipt import Receipt
from tinynet_gui.core.export.script import code_of, script_text
from tinynet_gui.core.export.verification import recorded_losses, verify
from tinynet_gui.core.training.engines import EngineName, Stepper
from tinynet_gui.core.training.state import initial_state

STEPS, KEPT = 10_000, 512


def export_verify() -> list[Record]:
    """Verify the tutorial's run, trained by each engine."""
    records = []
    engines: dict[str, EngineName] = {"export_verify": "PyTorch", "export_verify_compiled": "Compiled"}
    for name, engine in list(engines.items())[: so_many(2)]:
        config, stepper, states = Config(), Stepper(), [initial_state(Config())]
        steps = so_many(STEPS, 100)
        while states[-1].step < steps:
            ahead = min(max(1, steps // KEPT), steps - states[-1].step)
            states.append(stepper.take(engine, config, (), states[-1], ahead))
        run = run_of(config, states, engine=engine)
        begun = perf_counter()
        _, losses = stepper.take_with_losses("PyTorch", config, (), states[0], steps)
        plain_s = perf_counter() - begun
        begun = perf_counter()
        script = script_text(code_of(run, recorded_losses(run)), Receipt(steps))
        if Effort.is_quick:
            script = f"losses = {losses.tolist()}"  # PyTorch need not be loaded for it
        receipt = verify(run, script)
        verify_s = perf_counter() - begun
        if receipt.compared < steps:
            raise RuntimeError(receipt.trouble)
        records.append(record(name, verify_s, "s", f"the plain loop, {plain_s:.2f} s", verify_s / plain_s))
    return records


BENCHMARKS: dict[str, Callable[[], list[Record]]] = {"export_verify": export_verify}
