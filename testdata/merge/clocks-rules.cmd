rules --year 2026 merge/clocks.log
