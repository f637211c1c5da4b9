report -r query/utf-16.ruleset query/map-jump.txt
