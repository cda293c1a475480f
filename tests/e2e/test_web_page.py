"""An exported web page in a real browser: its numbers are the run's, and it works by mouse, finger and keyboard."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.activations import ALL_AND_MIXED, for_layers
from tests.not_none import not_none
from tests.runs import config_of, run_of, walk
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.export.web_page import NO_HOMEWORK, Homework, most_moments
from tinynet_gui.core.function.neurons import weighted_activations
from tinynet_gui.core.lessons.answers import Answers, read_answers_file
from tinynet_gui.core.lessons.homework import graded, homework_of
from tinynet_gui.core.lessons.reading.reader import read_lesson
from tinynet_gui.core.network.forward import evaluate, forward
from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.network.refs import NeuronRef, WeightRef
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.run.replay import past_moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.train import train
from tinynet_gui.core.text.numbers import count_text, loss_text, signed
from tinynet_gui.core.text.typed_numbers import typed_real
from tinynet_gui.core.training.engines import ENGINES
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import TrainerState, initial_parameters, initial_state
from tinynet_gui.core.wording.network_text import formula_text
from tinynet_gui.core.wording.neurons import role_text, title_of
from tinynet_gui.core.wording.setting_line import read_setting, write_setting
from tinynet_gui.engine.jobs.exporting import export_page
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.style_sheets import css_variables

pytestmark = pytest.mark.browser

OPTIONS = ["--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
OPTIONS += ["--disable-component-update", "--disable-sync", "--hide-scrollbars"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE, TABLET, LAPTOP, DESKTOP = (390, 844), (820, 1180), (1280, 800), (1440, 900)
EVERYTHING = config_of(
    **{"data__standardise": "xy", "data__noise": 0.2, "data__held_out": 0.3, "network__hidden": (5, 3)},
    **{"training__optimizer": "adam", "training__learning_rate": 0.01, "network__initialization": "kaiming"},
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless browser, by the driver that is installed: nothing is downloaded."""
    from selenium import webdriver

    driver, program = shutil.which("chromedriver"), next(filter(None, map(shutil.which, BROWSERS)), None)
    if driver is None or program is None:
        pytest.fail("Chromium and its driver are needed: on Debian, apt install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    own = f"--user-data-dir={tmp_path_factory.mktemp('profile')}"
    for option in (*OPTIONS, own, *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else [])):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    found = webdriver.Chrome(options, webdriver.ChromeService(driver))
    yield found
    found.quit()


@pytest.fixture(scope="module")
def downloads(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("downloads")
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    return folder


class PageInBrowser:
    """A run's page, opened in a size and a colour scheme, and read as a person does."""

    def __init__(self, browser: Any, folder: Path, run: Run, homework: Homework = NO_HOMEWORK) -> None:
        self.browser, self.run = browser, run
        file, colors = folder / "run.html", (css_variables(LIGHT), css_variables(DARK))
        count = most_moments(run.config)
        export_page(run, count, str(file), frozenset(ENGINES), colors, Job(lambda _: None), homework)
        self.address = file.as_uri()
        self.open(DESKTOP)

    def open(self, size: tuple[int, int], scheme: str = "light", *, touch: bool = False) -> None:
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1.5, "mobile": touch}
        scheme_wanted = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        self.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": touch})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", scheme_wanted)
        self.browser.get(self.address)

    def find(self, name: str) -> Any:
        return self.browser.find_element("id", name)

    def text(self, name: str) -> str:
        return str(self.find(name).text)

    def ask(self, script: str) -> Any:
        return self.browser.execute_script(f"return {script}")

    def press(self, name: str, *keys: str) -> None:
        self.find(name).send_keys(*keys)

    def point(self, name: str, x: float, y: float, *, click: bool = False, kind: str = "mouse") -> None:
        """Move a pointer to a place in an element, as shares of its size from its middle; click, or tap, if wanted."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.actions.pointer_input import PointerInput

        element = self.find(name)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        acts = ActionChains(self.browser, 0, devices=[PointerInput(kind, kind)])
        acts.move_to_element_with_offset(element, round(x * element.size["width"]), round(y * element.size["height"]))
        (acts.click() if click else acts).perform()

    def moment(self) -> Snapshot:
        """The run's own moment at the step that is shown."""
        return past_moment(self.run, int(self.text("step").replace(",", ""))).snapshot

    def probe(self) -> tuple[float, float]:
        """What is read in the plot: x and the output, in the data's units."""
        of_y = self.run.config.data.standardise == "xy"
        x, _, y = self.text("probe").removeprefix("x = ").partition(f": {'y' if of_y else 'ŷ'} = ")
        return typed_real(x), typed_real(y)

    def colors_of(self, name: str) -> set[tuple[int, ...]]:
        """All colours in a canvas."""
        pixels = self.ask(
            f"(c => [...new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)]"
            f".filter((v, i, all) => i % 3 == 0))(document.getElementById('{name}'))"
        )
        return {(int(p) & 255, int(p) >> 8 & 255, int(p) >> 16 & 255) for p in set(pixels) if int(p) >> 24 == 255}


def assert_output(page: PageInBrowser, moment: Snapshot) -> None:
    x, shown = page.probe()
    (found,) = evaluate(moment.curve_layers, moment.config.network.activation, [x])
    assert shown == pytest.approx(found, rel=1e-4, abs=2e-6)


def trained(config: Config, steps: int) -> Run:
    return walk(config, [(steps, "nothing", 0.0)], 50).run


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> PageInBrowser:
    """The tutorial's, with a learning rate that was changed."""
    run = walk(config_of(), [(300, "nothing", 0.0), (300, "rate", 0.4)], 100).run
    return PageInBrowser(browser, tmp_path_factory.mktemp("page"), run)


def test_at_twenty_moments_its_numbers_are_the_runs(page: PageInBrowser) -> None:
    """The loss, all weights and biases, and the output at an x."""
    page.open(DESKTOP)
    steps = set()
    for share in np.linspace(-0.495, 0.495, 20):
        page.point("time", float(share), 0, click=True)
        moment = page.moment()
        steps.add(moment.step)
        assert page.text("loss") == loss_text(moment.train_loss)
        page.point("function", float(share) * 0.8, 0.1)
        assert_output(page, moment)
        assert page.text("formula") == formula_text(moment, NeuronRef(1, 0), 4, 4)
        page.press("diagram", "\ue00c")  # Escape
        for index in range(10):
            page.press("diagram", "\ue015")  # down
            assert page.text("insideTitle") == title_of(moment, NeuronRef(0, index))
            assert page.text("formula") == formula_text(moment, NeuronRef(0, index), 4, 4)
            assert page.text("facts").splitlines()[0] == role_text(moment, NeuronRef(0, index))
            to = signed(float(moment.layers[1].weight[0, index]), 4)
            assert f"its weight to ŷ: w′ = {to}" in page.text("facts")
        page.press("diagram", "\ue00c")
    assert len(steps) == 20
    assert page.text("step") == count_text(page.run.step)


@pytest.mark.parametrize("name", ALL_AND_MIXED)
def test_each_activation_and_scaled_data_give_the_same_curve(browser: Any, tmp_path: Path, name: str) -> None:
    names = for_layers(name, len(EVERYTHING.network.hidden))
    run = trained(EVERYTHING.with_changes({"network.activation": names}), 20)
    page = PageInBrowser(browser, tmp_path, run)
    moment = page.moment()
    assert (moment.step, page.text("loss")) == (20, loss_text(moment.train_loss))
    assert page.text("heldOut") == loss_text(not_none(moment.validation_loss))
    for share in (-0.4, -0.1, 0.3):
        page.point("function", share, 0)
        assert_output(page, moment)
    page.press("diagram", *["\ue015"] * 2, "\ue014")  # down to h₂[1], right to h₂[2]
    assert page.text("formula") == formula_text(moment, NeuronRef(1, 1), 4, 4)
    active = f"active on {moment.active_counts[1][1]} of {len(moment.dataset.x_train)} samples"
    assert page.text("facts").splitlines()[0] == role_text(moment, NeuronRef(1, 1))
    assert (active in page.text("facts")) == run.config.network.activations[1].has_kink
    assert not browser.get_log("browser")


def test_hovered_neurons_and_weights_show_formula_and_part(page: PageInBrowser) -> None:
    page.open(DESKTOP)
    moment = page.moment()
    page.point("diagram", 0, 0)
    (index,) = (i for i in range(10) if page.text("insideTitle") == title_of(moment, NeuronRef(0, i)))
    key = page.text("functionKey")
    assert f"w′·{page.text('formula').partition(' =')[0]}(x)" in key
    ramp = LIGHT.neuron_colors(10)[index]
    assert weighted_activations(moment.layers, forward(moment.layers, "relu", moment.grid).activations[0])[index].any()
    assert (ramp.red(), ramp.green(), ramp.blue()) in page.colors_of("function")
    page.point("diagram", 0.49, -0.49)
    assert "w′·" not in page.text("functionKey")
    refs = [
        WeightRef(layer, *ends) for layer in (0, 1) for ends in ((i, 0) if layer == 0 else (0, i) for i in range(10))
    ]
    titles = {title_of(moment, ref): formula_text(moment, ref, 4, 4) for ref in refs}
    page.point("diagram", -0.25, 0)
    assert page.text("formula") == titles[page.text("insideTitle")]
    assert page.text("facts").splitlines()[0] in {role_text(moment, ref) for ref in refs}
    page.point("diagram", -0.25, 0, click=True)
    pinned = page.text("insideTitle")
    page.point("diagram", 0.49, -0.49)
    assert page.text("insideTitle") == pinned
    page.press("diagram", "\ue00c")
    assert page.text("insideTitle") == "Output ŷ"


def test_it_plays_and_the_loss_and_the_keys_lead_through_time(page: PageInBrowser) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    page.open(DESKTOP)
    assert page.text("change") == f"step 300: {marks(page.run)[0].text}"
    page.point("lossPlot", 0.05, 0, click=True)
    assert 250 < page.moment().step < 400
    page.press("time", "\ue011")  # Home
    assert (page.text("step"), page.text("change")) == ("0", "")
    page.press("time", "\ue014")
    first = page.moment().step
    assert 0 < first < 20
    page.open(DESKTOP)
    shown = []
    for key in ("\ue014", "\ue012", "\ue014", "\ue014"):  # right, left, right, right
        page.browser.find_element("tag name", "body").send_keys(key)
        shown.append(page.moment().step)
    assert shown[0] == shown[2] == shown[3] == page.run.step > shown[1]
    page.press("time", "\ue011", "\ue014")
    page.find("play").click()
    assert page.find("play").get_attribute("aria-pressed") == "true"
    WebDriverWait(page.browser, 60).until(lambda _: page.moment().step > first)
    page.press("play", " ")
    assert page.find("play").get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("size", [PHONE, TABLET, LAPTOP, DESKTOP])
def test_it_fits_any_screen_in_the_systems_scheme_and_the_other(page: PageInBrowser, size: tuple[int, int]) -> None:
    for scheme, theme, other in (("light", LIGHT, DARK), ("dark", DARK, LIGHT)):
        page.open(size, scheme)
        assert page.ask("document.documentElement.scrollWidth <= innerWidth")
        assert size == PHONE or page.ask("document.documentElement.scrollHeight <= innerHeight")
        assert page.ask("document.getElementById('heldOut').textContent") == ""
        for name in ("diagram", "function", "lossPlot"):
            assert min(page.find(name).size.values()) >= 100
        assert _hex(page.ask("getComputedStyle(document.body).backgroundColor")) == theme.window
        page.find("theme").click()
        assert _hex(page.ask("getComputedStyle(document.body).backgroundColor")) == other.window
        assert tuple(bytes.fromhex(other.data[1:])) in page.colors_of("function")
    assert not page.browser.get_log("browser")


def test_samples_of_ones_own_have_their_names_and_fit_a_laptop(browser: Any, tmp_path: Path) -> None:
    x = np.linspace(18, 65, 45)
    held_out = np.arange(45) % 3 == 0
    points = Points(x, 400 + 9 * x, held_out, origin="from salary.csv", x_name="Age [a]", y_name="Pay [€/h]")
    weights = FirstWeights(initial_parameters(NetworkConfig(hidden=(4, 4, 4))), "a network with quite a long name.pt")
    config = config_of(
        data__points=points, data__standardise="xy", network__hidden=(4, 4, 4), network__first_weights=weights
    )
    run = walk(config, [(20, "nothing", 0.0), (20, "rate", 0.4)], 50).run
    page = PageInBrowser(browser, tmp_path, run)
    page.open(LAPTOP)
    assert page.ask("document.documentElement.scrollHeight <= innerHeight")
    page.point("function", 0.2, 0.1)
    read = re.fullmatch(r"Age \[a\] = (\S+): Pay \[€/h\] = (\S+)", page.text("probe"))
    assert read is not None
    moment = page.moment()
    (found,) = evaluate(moment.curve_layers, "relu", [typed_real(read[1])])
    assert typed_real(read[2]) == pytest.approx(found, rel=1e-4)
    assert page.text("heldOut") == loss_text(not_none(moment.validation_loss))
    assert page.find("setting").get_attribute("textContent") == write_setting(run.start.config)
    line = page.browser.find_element("tag name", "summary")
    was = line.size["height"]
    line.send_keys(" ")
    assert was < 30 < 2 * was < line.size["height"]


def test_of_a_diverged_run_it_says_where_the_curve_is(browser: Any, tmp_path: Path) -> None:
    config = config_of(data__held_out=0.3)
    state = initial_state(config)
    wild = TrainerState(3, tuple(np.full_like(array, 1e30) for array in state.parameters), state.slots)
    page = PageInBrowser(browser, tmp_path, replace(run_of(config, [state, wild]), diverged_at=4))
    page.open(LAPTOP)
    assert page.ask("document.documentElement.scrollHeight <= innerHeight")
    assert "network (off the plot)" in page.text("functionKey")
    assert (page.text("loss"), page.text("heldOut")) == ("not finite", "not finite")
    page.press("time", "\ue011")  # Home
    assert "off the plot" not in page.text("functionKey")


def test_many_kinks_are_ticks(browser: Any, tmp_path: Path) -> None:
    """At the foot of the plot they take up no more than three of its pixels each."""
    page = PageInBrowser(browser, tmp_path, trained(config_of(network__hidden=(101,)), 3))
    foot = (
        "(c => [...new Uint32Array(c.getContext('2d').getImageData(90, c.height - 1.5 * 44 | 0, c.width - 110, 1)"
        ".data.buffer)])(document.getElementById('function'))"
    )
    pixels = page.ask(foot)
    beyond_data = int.from_bytes(bytes.fromhex(LIGHT.no_data[1:]), "little") | 255 << 24
    marked = sum(pixel not in (0, beyond_data) for pixel in pixels)
    assert 101 < marked < 3 * 101 < len(pixels)


def _hex(color: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in color.strip("rgb()").split(","))


def test_a_finger_can_do_it_all(page: PageInBrowser) -> None:
    page.open(PHONE, touch=True)
    for name in ("play", "time", "theme"):
        assert min(page.find(name).size.values()) >= 44
    page.point("diagram", 0, 0, click=True, kind="touch")
    assert page.text("insideTitle").startswith("Neuron h")
    page.point("function", 0.1, 0, click=True, kind="touch")
    assert_output(page, page.moment())
    page.point("lossPlot", 0, 0, click=True, kind="touch")
    assert 200 < page.moment().step < 400


def test_it_asks_for_nothing_and_may_not(page: PageInBrowser) -> None:
    page.open(DESKTOP)
    assert page.ask("performance.getEntriesByType('resource').filter(one => !one.name.startsWith('data:')).length") == 0
    assert not page.browser.get_log("browser")
    blocked = page.browser.execute_async_script(
        "const done = arguments[0], told = event => done(event.violatedDirective);"
        "document.addEventListener('securitypolicyviolation', told);"
        "const image = new Image(); image.src = 'http://127.0.0.1:9/'; document.body.append(image)"
    )
    assert blocked == "img-src"
    page.browser.get_log("browser")


@pytest.mark.parametrize(
    ("hidden", "titles"), [((), ["Output ŷ"]), ((1000,), ["Neuron h₁"]), ((8, 8, 8), ["Neuron h₁ of hidden layer 1"])]
)
def test_networks_of_any_shape_can_be_looked_into(
    browser: Any, tmp_path: Path, hidden: tuple[int, ...], titles: Sequence[str]
) -> None:
    page = PageInBrowser(browser, tmp_path, trained(config_of(network__hidden=hidden), 3))
    page.press("diagram", "\ue015")
    moment = page.moment()
    assert [page.text("insideTitle")] == titles
    assert page.text("formula") == formula_text(moment, NeuronRef(0, 0), 4, 4)
    page.point("function", 0.2, 0)
    assert_output(page, moment)
    assert not browser.get_log("browser")


@pytest.mark.parametrize("changes", [{}, {"data.standardise": "none"}, {"network.activation": "relu"}])
def test_a_neuron_is_said_to_do_what_it_does_in_the_window(
    browser: Any, tmp_path: Path, changes: dict[str, Any]
) -> None:
    config = config_of(data__standardise="xy", network__activation="leaky_relu", network__seed=3).with_changes(changes)
    page = PageInBrowser(browser, tmp_path, trained(config, 300))
    moment = page.moment()
    page.press("diagram", "\ue014")  # right
    assert page.text("facts").splitlines()[0] == role_text(moment, NeuronRef(1, 0))
    page.press("diagram", "\ue00c")
    for index in range(10):
        page.press("diagram", "\ue015")
        assert page.text("facts").splitlines()[0] == role_text(moment, NeuronRef(0, index))


@pytest.fixture
def untrained(browser: Any, tmp_path: Path) -> PageInBrowser:
    config = config_of()
    page = PageInBrowser(browser, tmp_path, run_of(config, [initial_state(config)]))
    page.open(LAPTOP)
    return page


def untrained_loss(config: Config) -> float:
    return past_moment(run_of(config, [initial_state(config)]), 0).snapshot.train_loss


def _wait_for(page: PageInBrowser, is_so: Callable[[], bool]) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    WebDriverWait(page.browser, 60, 0.02).until(lambda _: is_so())


def _set(page: PageInBrowser, name: str, text: str) -> None:
    page.find(name).clear()
    page.press(name, text, "\ue004")  # Tab


def test_it_trains_as_the_program_does(untrained: PageInBrowser) -> None:
    page, program = untrained, train()
    page.press("start", "\ue007")
    _wait_for(page, lambda: page.text("start") == "Start" and page.text("step") == "10,000")
    assert typed_real(page.text("loss")) == pytest.approx(program.loss, rel=1e-3)
    weights = page.find("formula").text
    page.press("reset", "\ue007")
    assert page.text("step") == "0"
    assert "the run before" in page.text("functionKey")
    assert page.text("loss") == loss_text(untrained_loss(config_of()))
    page.press("oneStep", "\ue007")
    _wait_for(page, lambda: page.text("step") == "1")
    assert page.text("loss") == loss_text(float(program.losses[1]))
    assert page.find("formula").text != weights
    assert not page.browser.get_log("browser")


def test_its_settings_begin_again_and_are_copied(untrained: PageInBrowser) -> None:
    from selenium.webdriver.support.ui import Select

    page = untrained
    _set(page, "neurons", "17")
    Select(page.find("target")).select_by_value("sin")
    _set(page, "rate", "0,01")
    page.press("newSeed", "\ue007")
    config = read_setting(page.text("setting")).config
    assert (config.network.hidden, config.data.target, config.training.learning_rate) == ((17,), "sin", 0.01)
    assert page.text("loss") == loss_text(untrained_loss(config))
    page.press("diagram", *["\ue015"] * 17)
    assert page.text("insideTitle") == "Neuron h₁₇"
    assert page.browser.find_element("tag name", "h1").text == "sin x · 17 neurons · ReLU"
    _set(page, "neurons", "101")
    assert page.text("trouble") == "Neurons: a whole number from 1 to 100; “101” is not. It stays 17."
    _set(page, "neurons", "3")
    assert page.text("trouble") == ""
    assert not page.browser.get_log("browser")


def test_it_pauses_and_diverges(browser: Any, tmp_path: Path) -> None:
    endless = config_of(training__stop_step=100_000_000)
    page = PageInBrowser(browser, tmp_path, run_of(endless, [initial_state(endless)]))
    body = page.browser.find_element("tag name", "body")
    _set(page, "neurons", "100")
    _set(page, "rate", "0")
    page.ask("document.activeElement.blur()")
    body.send_keys(" ")
    _wait_for(page, lambda: page.text("step") != "0")
    body.send_keys(" ")
    assert page.text("start") == "Start"
    body.send_keys("r")
    _set(page, "rate", "2")
    page.ask("document.activeElement.blur()")
    body.send_keys(" ")
    _wait_for(page, lambda: "Diverged" in page.text("change"))
    config = config_of(network__hidden=(100,), training__learning_rate=2.0)
    assert page.text("change").startswith(f"Diverged at step {train(config).diverged_at}, at a learning rate of 2:")


def test_a_run_with_momentum_goes_on_from_where_it_stood(browser: Any, tmp_path: Path) -> None:
    config = config_of(training__optimizer="momentum", data__noise=0.5, data__held_out=0.3)
    whole = walk(config, [(320, "nothing", 0.0)], 50).run
    page = PageInBrowser(browser, tmp_path, trained(config, 300))
    for _ in range(20):
        page.press("oneStep", "\ue007")
        _wait_for(page, lambda: page.text("start") == "Start")
    assert page.text("step") == "320"
    moment = past_moment(whole, 320).snapshot
    assert typed_real(page.text("loss")) == pytest.approx(moment.train_loss, rel=1e-3)
    assert typed_real(page.text("heldOut")) == pytest.approx(not_none(moment.validation_loss), rel=1e-3)


def test_what_it_cannot_train_it_only_plays(browser: Any, tmp_path: Path) -> None:
    page = PageInBrowser(browser, tmp_path, trained(EVERYTHING, 3))
    assert not page.find("training").is_displayed()
    assert "one hidden layer only" in page.text("refusal")
    assert page.find("play").is_enabled()


def test_homework_is_answered_by_keys_and_graded(browser: Any, tmp_path: Path, downloads: Path) -> None:
    lesson, config = read_lesson(HOMEWORK), config_of()
    page = PageInBrowser(browser, tmp_path, run_of(config, [initial_state(config)]), homework_of(lesson, escape))
    for size in (PHONE, TABLET, LAPTOP):
        page.open(size)
        assert page.ask("document.documentElement.scrollWidth <= innerWidth")
        assert size != LAPTOP or page.ask("document.documentElement.scrollHeight <= innerHeight")
    legend, frame = (
        f"document.querySelector('#homework {name}').getBoundingClientRect()" for name in ("legend", "fieldset")
    )
    assert page.ask(f"{legend}.top > {frame}.top + 4")  # as in the other frames, not on the edge
    number, sentence = page.find("homework").find_elements(
        "css selector", ".question input:not([type=radio]), textarea"
    )
    page.press("start", "\ue007")
    _wait_for(page, lambda: page.text("start") == "Start" and page.text("step") == "10,000")
    loss = page.text("loss")
    number.send_keys("99", "\ue004")  # Tab
    assert page.text("question1") == "a number from 0 to 50 is expected"
    page.press("saveAnswers", "\ue007")
    assert page.text("handedIn") == ""
    number.clear()
    number.send_keys(loss.replace(".", ","), "\ue004")
    page.browser.find_element("css selector", "[type=radio]").send_keys(" ")
    sentence.send_keys("It steps, n times: r s", "\ue004")  # letters are no keys of the page
    page.press("learner", "Ada <b>")
    assert page.text("step") == "10,000"
    page.press("saveAnswers", "\ue007")
    file = downloads / "A-task-Ada-b.answers"
    _wait_for(page, file.exists)
    assert page.text("handedIn") == f"Saved as {file.name}. Hand in this file."
    found = graded(read_answers_file(file), lesson)
    assert (found.name, [each.mark for each in found.questions]) == ("Ada <b>", ["right", "right", "open"])
    assert (found.questions[0].step, found.questions[2].guess) == (10_000, "It steps, n times: r s")
    _set(page, "rate", "0.01")  # in a run that stands at step 10,000
    page.press("oneStep", "\ue007")
    _wait_for(page, lambda: page.text("step") == "10,001")
    number.send_keys("1", "\ue004")
    file.unlink()
    page.press("saveAnswers", "\ue007")
    _wait_for(page, file.exists)
    assert "changed on the way" in graded(read_answers_file(file), lesson).questions[0].verdict
    assert not browser.get_log("browser")


def test_answers_and_training_are_there_after_a_reload(browser: Any, tmp_path: Path, downloads: Path) -> None:
    config, other, shown = config_of(), tmp_path / "other.html", ("step", "loss", "formula", "setting", "change")
    task = homework_of(
        read_lesson(HOMEWORK.replace("A task", "Again")), escape
    )  # Chromium keeps all files' in one place
    page = PageInBrowser(browser, tmp_path, run_of(config, [initial_state(config)]), task)

    def handed_in() -> Answers:
        page.press("saveAnswers", "\ue007")
        _wait_for(page, (file := downloads / "Again-Ada.answers").exists)
        answers = read_answers_file(file)
        file.unlink()
        return replace(answers, saved=0)

    _set(page, "neurons", "7")
    page.press("newSeed", "\ue007")
    for rate in ("0.01", "0.02"):
        _set(page, "rate", rate)
        page.press("oneStep", "\ue007")
        _wait_for(page, lambda: page.text("start") == "Start")
    page.browser.find_element("css selector", "[type=radio]").send_keys(" ")
    page.browser.find_element("css selector", "textarea").send_keys("So.")
    page.press("learner", "Ada")
    before = [page.text(name) for name in shown], handed_in()
    browser.refresh()
    assert ([page.text(name) for name in shown], handed_in()) == before
    page.press("oneStep", "\ue007")
    _wait_for(page, lambda: page.text("step") == "3")
    other.write_text("", encoding="utf-8")
    for broken in ("{", '{"questions": [{"guess": 3}, 0, 0]}', '{"name": "<b>", "questions": [], "training": {}}'):
        browser.get(other.as_uri())
        page.ask(f"localStorage.setItem(Object.keys(localStorage).find((key) => /^tinynet/.test(key)), {broken!r})")
        browser.get(page.address)
        _wait_for(page, lambda: page.text("step") == "0" and page.find("learner").get_property("value") == "")
    assert page.text("kept") == "Kept in this browser, for when you come back."
    script = {"source": "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})"}
    found = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    browser.refresh()
    assert page.text("kept").startswith("This browser keeps nothing")
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", found)
    assert not browser.get_log("browser")


HOMEWORK = """+++
title = "A task"
about = "b"
minutes = 5
+++

## One
```lesson
ask = "What is the loss?"
number = {answer = "loss", low = 0, high = 50, near = 0.001}
```

## Two
```lesson
ask = "Do neurons die?"
choices = [{text = "fewer than nine", when = "dead < 9"}, {text = "all", when = "otherwise"}]
```

## Three
```lesson
ask = "How does it go on?"
curve = {from = 3, to = 6, of = "target"}
```
"""
