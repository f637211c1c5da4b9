rules --never klog/legacy-trace.kmsg
