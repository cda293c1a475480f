"""Why a training fails, and what was tried against it."""
