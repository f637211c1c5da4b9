report -t tcp --limit 50 klog/legacy-trace.kmsg
