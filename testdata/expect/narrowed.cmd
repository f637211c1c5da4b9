check -w 'tcp dport 80' -r ruleset/legacy-trace.iptables-save expect/gateway.expect klog/legacy-trace.kmsg
