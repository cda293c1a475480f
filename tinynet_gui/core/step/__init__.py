"""One step of training, taken apart."""
