"""What the program asks of the machine: processes and their limits, the processor, the user's folder, priority."""
