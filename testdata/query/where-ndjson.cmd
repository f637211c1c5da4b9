report -F ndjson -w rejected -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
