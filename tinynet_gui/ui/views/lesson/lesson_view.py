"""The lesson view: a page's texts, question, task and verdict."""

from PySide6 import QtWidgets
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAccessible, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from tinynet_gui.core.text.language import N_, gettext as _, gettext_in, process_language, speaking
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import whole_px, zoom
from tinynet_gui.ui.views.lesson.lesson_text import LessonText
from tinynet_gui.ui.views.lesson.page import LessonPage, news_of
from tinynet_gui.ui.views.lesson.question_box import EndPage, QuestionBox, bare_button, wrapping
from tinynet_gui.ui.widgets import accessibility, cards, progress, pulse
from tinynet_gui.ui.widgets.accessibility import allow, announce, caption, in_role, named, show_words, small, worded
from tinynet_gui.ui.widgets.text import ElidedLabel, scrolled

LINE = 75  # characters: longer ones are hard to read
SIDE = 14  # px, beside the text
GAP = 12  # px, between elements below each other
# Why there is no next page yet; and where the missing part is if it is scrolled out of view.
WAITS = {
    "ask": (N_("Answer the question first."), N_("The question is below.")),
    "act": (N_("First do what is asked for."), N_("What to do is below.")),
    "done": (N_("This is the last lesson."), ""),
}
IS_TRAINING = N_("It is training …")


class LessonView(cards.CardFrame):
    """Shows a page; emits the learner's requests.

    `answered` has the index of a choice, a number, a sentence, or None for the drawn curve. `action_wanted` asks to run
    the task's action, `open_wanted` to open the run that shows why the goal was missed, `put_back_wanted` to restore
    the settings that the page is about.
    """

    term_wanted = Signal(str)
    address_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__("lessonView", "")
        self.page: LessonPage | None = None
        self.language = process_language()
        self._scroll_target: tuple[QWidget, QWidget] | None = None  # the first and last widget to bring into view
        self._make_parts()
        self._lay_out()
        self._retranslate()
        self._connect()
        self.setFocusProxy(self._text)

    def _make_parts(self) -> None:
        self._lesson, self._title = small(in_role(ElidedLabel(), "caption")), in_role(wrapping(QLabel()), "title")
        self._count, self._way = small(caption()), progress.ThinBar("lessonWay")
        self._way.setFixedHeight(4)
        self._text, self._question, self._dot = LessonText(), QuestionBox(), pulse.PulseDot()
        self._task, self._action, self._progress = wrapping(QLabel()), QPushButton(), progress.Progress("lesson")
        self._hindrance, self._hint, self._open = wrapping(QLabel()), wrapping(QLabel()), QPushButton()
        self._verdict, self._reveal = in_role(wrapping(QLabel()), "title"), LessonText()
        self._again, self._end = QPushButton(), EndPage()
        self._strayed, self._revert, self._strayed_note = wrapping(QLabel()), QPushButton(), in_role(QFrame(), "note")
        self._back, self._next, self._restart, self._leave = QPushButton(), QPushButton(), bare_button(), bare_button()
        for primary in (self._action, self._next):
            primary.setProperty("primary", True)
        self._waits = small(bare_button())
        self._waits.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        self._scroll = single_shot(self, 0, self._scroll_to_target, "lessonScroll")

    def _retranslate(self) -> None:
        named(self, "lessonView", _("The lesson"))
        for widget, name, what in (
            (self._lesson, "lessonTitle", _("Title of the lesson")),
            (self._title, "lessonStepTitle", _("Title of the page")),
            (self._count, "lessonStepCount", _("Which page this is")),
            (self._area, "lessonArea", _("The page")),
            (self._way, "lessonWay", _("How much of the lesson is behind you")),
            (self._text, "lessonText", _("What this page is about")),
            (self._task, "lessonTask", _("Task")),
            (self._hindrance, "lessonHindrance", _("Why the goal is not reached")),
            (self._hint, "lessonHint", _("Hint")),
            (self._verdict, "lessonVerdict", _("How near your guess was")),
            (self._reveal, "lessonReveal", _("Result")),
            (self._strayed, "lessonStrayed", _("What you changed")),
        ):
            named(widget, name, what)
        worded(self._action, "lessonAction", _("Do it"), _("Do this now, and see. Key: Enter"))
        worded(self._open, "lessonOpen", _("Open it"), _("Open the run that shows it, as one more of this lesson's."))
        worded(self._again, "lessonAgain", _("Begin again"), _("Forget the guesses, and start with the first page."))
        worded(self._revert, "lessonPutBack", _("Put it back"), _("Go back to what this page is about."))
        worded(self._back, "lessonBack", _("Back"), _("Go back to the previous page. Key: Alt+Left"))
        worded(self._next, "lessonNext", _("Next"), _("Go on to the next page. Key: Alt+Right or Enter"))
        worded(self._restart, "lessonRestart", _("Restart"), _("Restart this lesson from its first page."))
        worded(self._waits, "lessonWaits", self.waits, _("Go to what is missing for the next page."))
        leave = _("Leave the lesson: your own session comes back as it was. Your place is remembered.")
        worded(self._leave, "lessonLeave", _("Leave"), leave)
        self._text.language = self._reveal.language = self.language
        for part in (self._question, self._progress, self._end):
            part.set_language(self.language)

    def _lay_out(self) -> None:
        header = cards.filled(QHBoxLayout(), (self._lesson, 1), cards.MaximizeButton(_("lesson"), self, self._lesson))
        self._task_row, page, left = QWidget(), QWidget(), Qt.AlignmentFlag.AlignLeft
        task = (self._dot, Qt.AlignmentFlag.AlignTop), (self._task, 1)
        cards.filled(QHBoxLayout(self._task_row), *task, margins=(0, 0, 0, 0))
        parts = self._text, self._question, self._task_row, self._action, self._progress, self._hindrance
        column = cards.filled(QVBoxLayout(page), *parts, margins=(0, 0, 4, 8), spacing=GAP)
        below = self._hint, self._verdict, self._reveal
        cards.filled(column, (self._open, left), *below, (self._again, left), self._end, None)
        self._area = scrolled(page, "lessonArea", "", takes_focus=False)
        way = cards.filled(QHBoxLayout(), self._count, (self._way, 1))
        foot = cards.filled(QHBoxLayout(), self._back, (self._next, 1))
        words = cards.filled(QHBoxLayout(), self._restart, None, self._leave)
        reading = QWidget()
        reading.setMaximumWidth(round(LINE * self.fontMetrics().averageCharWidth() / zoom().scale))
        cards.filled(QHBoxLayout(self._strayed_note), (self._strayed, 1), self._revert)
        around = self._strayed_note, self._waits, foot, words
        cards.filled(QVBoxLayout(reading), self._title, way, (self._area, 1), *around, margins=(0, 0, 0, 0))
        room = cards.filled(QHBoxLayout(), None, (reading, 1_000), None)
        cards.filled(QVBoxLayout(self), header, (room, 1), margins=(SIDE, 8, SIDE, 8))

    def _connect(self) -> None:
        for text in (self._text, self._reveal):
            text.term_wanted.connect(self.term_wanted)
            text.address_wanted.connect(self.address_wanted)
        self.answered, self.skipped = self._question.answered, self._question.skipped
        self.curve_cleared = self._question.curve_cleared
        self.cancel_wanted, self.show_progress = self._progress.cancelled, self._progress.set_share
        self.save_wanted = self._end.save_wanted
        self.action_wanted, self.open_wanted = self._action.clicked, self._open.clicked
        self.again_wanted, self.put_back_wanted = self._again.clicked, self._revert.clicked
        self.back_wanted, self.next_wanted = self._back.clicked, self._next.clicked
        self.restart_wanted, self.leave_wanted = self._restart.clicked, self._leave.clicked
        moves = self._back, self._next, self._restart, self._leave
        for button in (self._action, self._open, self._again, self._revert, *moves):
            cards.SingleClick(button)
        self._waits.clicked.connect(self.go_to_missing)
        for moved in (self._area.verticalScrollBar().valueChanged, self._area.verticalScrollBar().rangeChanged):
            moved.connect(self._show_waits)

    def show_page(self, page: LessonPage) -> None:
        """Show a page in its language: a new one from the top, the same one at its scroll position."""
        self._set_language(page.language)
        before, self.page = self.page, page
        is_end = page.ending is not None
        is_asked_again = before is not None and before.status != "ask" == page.status
        is_new = before is None or before.place != page.place or is_asked_again
        focus = QtWidgets.QApplication.focusWidget()
        bar = self._area.verticalScrollBar()
        place = 0 if is_new else bar.value()
        self._show_place(page, is_over=is_end or page.can_begin_again)
        self._text.show_text(page.text, page.pictures)
        self._text.setVisible(not is_end)
        self._end.setVisible(is_end)
        self._again.setVisible(page.can_begin_again)
        if page.ending is not None:
            self._end.show_ending(page.ending)
        self._show_ways(page)
        is_within = focus is not None and self.isAncestorOf(focus)
        was = before or page
        was_used = isinstance(focus, QtWidgets.QAbstractButton) or was.is_running
        goes_on = is_within and not is_new and was_used and was.status != page.status
        if goes_on and page.status != "ask":  # else Qt moves the focus to a neighbour, which screen readers announce
            if page.status == "act":
                self._show_doing(page, before)
            self._focus_next(page)
        self._question.setVisible(page.question is not None)
        if page.question is not None:
            self._question.show_question(page.question, page.answer, is_asked=page.status == "ask", is_new=is_new)
        self._show_doing(page, before)
        show_words(self._hindrance, page.hindrance)
        show_words(self._hint, gettext_in(page.language, "Hint: {hint}", hint=page.hint) if page.hint else "")
        show_words(self._verdict, page.verdict)
        self._open.setVisible(page.can_open)
        self._reveal.show_text(page.reveal, page.pictures)
        self._reveal.setVisible(bool(page.reveal))
        is_heard = QAccessible.isActive()
        is_opened = is_heard and (before is None or before.lesson != page.lesson)
        # Nothing is being typed elsewhere.
        is_free = is_within or not isinstance(focus, QLineEdit | QtWidgets.QAbstractSpinBox)
        if is_opened or (is_new and page.status == "ask" and is_free):
            # Screen readers start with the text, not with the first answer.
            (self._text.setFocus if is_heard else self._question.focus_first)()
        elif focus is not None and is_within and (is_new or goes_on or not (focus.isVisible() and focus.isEnabled())):
            self._focus_next(page)
        self._show_waits()
        bar.setValue(place)  # if the focused widget was hidden, Qt has scrolled to the next one
        if is_new:
            self._scroll_to_title()
        elif before is not None:
            self._show_outcome(page, before)
        announce(self, news_of(page, None if is_new else before, self._reveal.plain_text()))

    def show_ways_out(self, are_shown: bool) -> None:
        """Show or hide Restart and Leave, which are also in the menu, to save height."""
        self._restart.setVisible(are_shown)
        self._leave.setVisible(are_shown)

    def forget_page(self) -> None:
        """Treat the next page as new, even if it is the same: the lesson was left."""
        self.page = None

    @property
    def waits(self) -> str:
        """Why there is no next page yet; "" if there is one."""
        return self._waits_for(is_below=False)

    def _waits_for(self, *, is_below: bool) -> str:
        if self.page is None or self.page.can_next or not (words := WAITS[self.page.status][is_below]):
            return ""
        return gettext_in(self.language, IS_TRAINING if self.page.is_training else words)

    def go_to_missing(self) -> None:
        """Scroll to and focus what the next page waits for."""
        if self.page is not None and (missing := self._missing()) is not None:
            self._scroll_target = missing, missing
            self._scroll_to_target()
            self._focus_next(self.page)

    def _set_language(self, language: str) -> None:
        if language != self.language:
            self.language = language
            with speaking(language):
                self._retranslate()

    def _show_place(self, page: LessonPage, *, is_over: bool) -> None:
        self._lesson.show_text(page.lesson)
        self._title.setText(page.title)
        place = gettext_in(page.language, "page {number} of {count}", number=page.number, count=page.count)
        self._count.setText(gettext_in(page.language, "the end") if is_over else place)
        self._way.setRange(0, page.count)
        self._way.setValue(page.number - 1 + (page.status == "done"))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._scroll_to_title()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button, else answers, acts or goes on."""
        if event.key() not in accessibility.ENTER or self.page is None:
            super().keyPressEvent(event)
            return
        focus = QtWidgets.QApplication.focusWidget()
        if isinstance(focus, QPushButton | QtWidgets.QToolButton):
            focus.click()
        elif self.page.status == "ask":
            self._question.give_answer()
        else:
            (self._action if self.page.status == "act" and self.page.action else self._next).click()

    def _show_ways(self, page: LessonPage) -> None:
        self._strayed.setText(page.strayed)
        self._strayed_note.setVisible(bool(page.strayed))
        allow(self._back, "" if page.can_back else gettext_in(page.language, "This is the first page."))
        allow(self._next, self.waits)
        self._next.setText(page.next_label or gettext_in(page.language, "Next"))
        self._show_waits()

    def _show_doing(self, page: LessonPage, before: LessonPage | None) -> None:
        is_to_be_done = page.status == "act"
        self._task.setText(page.task)
        self._task_row.setVisible(is_to_be_done and bool(page.task))
        self._action.setText(page.action)
        self._action.setAccessibleName(page.action)
        self._action.setVisible(is_to_be_done and bool(page.action))
        allow(self._action, gettext_in(page.language, "It is running.") if page.is_running else "")
        if page.is_running and not (before is not None and before.is_running):
            self._progress.begin(shows_time_left=True)
        elif not page.is_running:
            self._progress.end()

    def _missing(self) -> QWidget | None:
        is_asked = self.page is not None and self.page.status == "ask"
        parts = (self._question,) if is_asked else (self._action, self._task_row)
        return next((part for part in parts if self.waits and part.isVisible()), None)

    def _show_waits(self) -> None:
        """Say what the next page waits for, or that it is further down."""
        missing, area = self._missing(), self._area.viewport()
        is_below = missing is not None and missing.mapTo(area, missing.rect().bottomLeft()).y() > area.height()
        self._waits.setText(self._waits_for(is_below=is_below))
        self._waits.setVisible(bool(self.waits))

    def _scroll_to_title(self) -> None:
        self._scroll_target = None
        self._scroll.start()

    def _show_outcome(self, page: LessonPage, before: LessonPage) -> None:
        """Scroll to what is new on the page: a verdict with as much of the rest as fits."""
        came: tuple[QWidget, QWidget] | None = None
        if page.status == "done" != before.status:
            came = (self._verdict if page.verdict else self._reveal, self._reveal if page.reveal else self._verdict)
        elif page.hindrance and page.hindrance != before.hindrance:
            came = (self._hindrance, self._hint if page.hint else self._open if page.can_open else self._hindrance)
        elif page.status == "act" != before.status:
            last = self._verdict if page.verdict else self._action if page.action else self._task_row
            came = (self._task_row if page.task else self._action, last)
        if came is not None:
            self._scroll_target = came
            self._scroll.start()  # after the layout is done

    def _scroll_to_target(self) -> None:
        if self._scroll_target is None:
            for around in accessibility.ancestors(self):
                if isinstance(around, QScrollArea) and (content := around.widget()) is not None:  # in a small window
                    above = self._title.mapTo(content, QPoint()).y() - whole_px(SIDE)
                    around.verticalScrollBar().setValue(above)
            return
        first, last = self._scroll_target
        bar, room = self._area.verticalScrollBar(), self._area.viewport().height()
        end = last.geometry().bottom() + GAP
        bar.setValue(min(max(bar.value(), end - room), max(0, first.geometry().top() - GAP)))

    def _focus_next(self, page: LessonPage) -> None:
        """Focus what comes next, else the text: Space, which may be the task's key, must press no other button."""
        if page.status == "ask":
            self._question.focus_first()
        elif page.status == "act" and page.action and self._action.isEnabled():
            self._action.setFocus()
        elif page.status == "act":
            self._text.setFocus()
        elif page.ending is not None and page.ending.found:
            self._end.setFocus()
        elif page.can_next:
            self._next.setFocus()
        else:
            (self._text if page.ending is None else self._back).setFocus()


def make(_: object) -> LessonView:
    """Make the view; the lessons feature connects it."""
    return LessonView()
