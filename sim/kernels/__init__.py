"""Numba kernels: arrays in, arrays out; the hot loop and the keyed draws."""
