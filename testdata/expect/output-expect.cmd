check -o expect/port5.expect expect/port5.expect klog/legacy-trace.kmsg
