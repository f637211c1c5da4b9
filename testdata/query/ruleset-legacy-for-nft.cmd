report -b stop -r findings/rule-drop.rules nft/nft-t1.monitor-trace.txt
