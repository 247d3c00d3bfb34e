"""The sandbox help desk: a StaffAPI server for the demo, tests and benchmarks. No other room imports it."""
