rules -r query/alike.ruleset query/alike.txt
