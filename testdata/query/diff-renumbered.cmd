diff --ruleset-before ruleset/nft-t1.ruleset --ruleset-after query/shadowed.ruleset nft/nft-t1.monitor-trace.txt nft/nft-t1.monitor-trace.txt
