report -b stop -r query/other-texts.ruleset nft/two-texts.monitor-trace.txt
