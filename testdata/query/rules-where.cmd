rules -w 'udp dport 3' -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
