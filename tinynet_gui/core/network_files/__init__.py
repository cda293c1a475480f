"""Reading a network from elsewhere: PyTorch's files, the table that we export, and what PyTorch prints."""
