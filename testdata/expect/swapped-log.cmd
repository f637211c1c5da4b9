check klog/legacy-trace.dmesg expect/port5.expect
