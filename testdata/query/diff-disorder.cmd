diff -r findings/retransmit.rules findings/out-of-order.log findings/retransmit.log
