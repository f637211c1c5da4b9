check --learn -r ruleset/nft-t1.ruleset nft/nft-t1.monitor-trace.txt
