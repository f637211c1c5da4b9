check -F tap -r ruleset/nft-t1.ruleset expect/tcp445.expect findings/rule-drop.log
