report -w 'host 192.0.2.1' -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
