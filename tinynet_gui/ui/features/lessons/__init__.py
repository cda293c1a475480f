RECENT, LANGUAGE = "recentLessonsMenu", "lessonLanguageMenu"  # submenus
SUFFIX = ".md"
