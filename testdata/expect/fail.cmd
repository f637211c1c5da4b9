check -r ruleset/legacy-trace.iptables-save expect/broken-promises.expect klog/legacy-trace.kmsg
