report -b packet -w 'at nat:*:rule and nat' -r ruleset/legacy-trace.iptables-save klog/legacy-trace.kmsg
