rules -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
