diff --ruleset-after query/map.ruleset -o query/map.ruleset query/map-before.txt query/map-drop.txt
