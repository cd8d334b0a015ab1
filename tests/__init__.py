"""Tests, beside the simulator and the benchmarks that they import."""
