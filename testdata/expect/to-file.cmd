check -F junit -o /dev/null expect/port5.expect klog/legacy-trace.kmsg
