rules klog/legacy-trace.kmsg
