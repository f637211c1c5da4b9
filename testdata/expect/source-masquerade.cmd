check -r ruleset/legacy-trace.iptables-save expect/source-later.expect expect/unanswered-all.kmsg
