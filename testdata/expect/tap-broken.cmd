check -F tap expect/port5.expect nft/damage.monitor-trace.txt
