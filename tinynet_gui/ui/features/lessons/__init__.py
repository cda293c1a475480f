"""Finds, opens, plays and remembers lessons."""

RECENT, LANGUAGE = "recentLessonsMenu", "lessonLanguageMenu"  # submenus
SUFFIX = ".md"
