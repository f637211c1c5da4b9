rules -r query/map-jump.ruleset query/map-jump.txt
