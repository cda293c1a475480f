"""Scripts of five lines that `test_face` runs; mypy checks them strictly, as their writers would."""
