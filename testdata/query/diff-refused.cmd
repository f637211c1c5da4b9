diff -r ruleset/legacy-trace.iptables-save query/answered.kmsg query/refused.kmsg
