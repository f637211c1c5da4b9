check -F junit -r ruleset/nft-t1.ruleset expect/tcp445.expect findings/rule-drop.log
