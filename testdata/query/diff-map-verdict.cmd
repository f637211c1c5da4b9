diff -r query/map.ruleset query/map-drop.txt query/map-accept.txt
