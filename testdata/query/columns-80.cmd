COLUMNS=80 report -r ruleset/nft-t1.ruleset -w 'port 7 or port 5' nft/nft-t1.monitor-trace.txt
