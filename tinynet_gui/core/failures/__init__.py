"""Why a training fails, and the remedies tried against it."""
