check expect/unknown-place.expect klog/legacy-trace.kmsg
