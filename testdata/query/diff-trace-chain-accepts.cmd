diff query/trace-chain-before.txt query/trace-chain-accept.txt
