"""Network files: reading PyTorch's files, our table and PyTorch's printed tensors; writing the first two."""
