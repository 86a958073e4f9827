"""The embedded engine: llama.cpp in a child process, and what keeps it alive."""
