report --until 2026-11-22 nft/two-texts.monitor-trace.txt
