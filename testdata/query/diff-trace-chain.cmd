diff query/trace-chain-before.txt query/trace-chain-after.txt
