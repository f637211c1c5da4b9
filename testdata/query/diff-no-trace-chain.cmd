diff query/trace-chain-accept.txt query/trace-chain-bare.txt
