report -w 'tcp and dport htps' -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
