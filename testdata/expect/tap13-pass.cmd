check -F tap13 -r ruleset/legacy-trace.iptables-save expect/gateway.expect klog/legacy-trace.kmsg
