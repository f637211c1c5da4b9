check -r ruleset/legacy-trace.iptables-save expect/part.expect klog/legacy-trace.kmsg
