report -b stop --year 2026 merge/clocks.log
