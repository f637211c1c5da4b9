check expect/no-such.expect klog/legacy-trace.kmsg
