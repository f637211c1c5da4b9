check -r ruleset/nft-t1.ruleset query/late-start.expect nft/late-start.monitor-trace.txt
