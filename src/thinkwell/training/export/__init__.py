"""What was trained, as files that serve: adapters and merged models, for llama.cpp and for GPU servers.

What cannot be expressed in a file is refused in words (``adapter.py``, ``layout.py``), never dropped.
"""
