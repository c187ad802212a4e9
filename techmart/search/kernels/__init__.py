"""The engine's inner loops, compiled by Numba: postings are read straight from the mapped segments, one segment at a time.

Compiled, or loaded from Numba's cache (see config), when the module is imported, never in somebody's request. They hold no
lock, so the threads of a web server run side by side. tests/search/test_kernels.py compares them with plain loops.
"""
