diff query/chain-end-before.txt query/chain-end-after.txt
