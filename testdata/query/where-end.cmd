report -w 'tcp and (dport 80' -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
