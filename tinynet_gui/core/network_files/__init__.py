"""A network's weights as files: written, and read from PyTorch's files, our table, and what PyTorch prints."""
