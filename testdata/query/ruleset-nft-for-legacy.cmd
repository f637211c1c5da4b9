report -r ruleset/nft-t1.ruleset findings/rule-drop.log
