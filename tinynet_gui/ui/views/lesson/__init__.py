"""The lesson view: texts, questions, tasks and verdicts, page by page."""
