"""The operating system and the machine: processes and their limits, the processor, folders, thread priority."""
