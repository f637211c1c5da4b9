diff -r query/map.ruleset query/map-before.txt query/map-target.txt
