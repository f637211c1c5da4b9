rules --never -r query/shadowed.ruleset nft/nft-t1.monitor-trace.txt
