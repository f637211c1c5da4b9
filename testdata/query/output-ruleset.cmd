report -r query/map.ruleset -o query/map.ruleset query/map-before.txt
