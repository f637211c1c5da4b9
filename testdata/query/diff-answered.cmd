diff -r ruleset/legacy-trace.iptables-save query/refused.kmsg query/answered.kmsg
