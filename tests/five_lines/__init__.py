"""Scripts of five lines that `test_public_core` runs; mypy checks them strictly, as their writers would."""
