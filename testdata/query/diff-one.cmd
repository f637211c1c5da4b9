diff klog/legacy-trace.kmsg
