COLUMNS=60 report -r ruleset/nft-t1.ruleset -w 'port 7' nft/nft-t1.monitor-trace.txt
