diff -r ruleset/legacy-trace.iptables-save query/answered-reset.kmsg query/refused.kmsg
