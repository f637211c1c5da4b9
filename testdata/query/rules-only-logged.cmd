rules -r findings/behind-chain.rules findings/behind-chain.log
