/* SPDX-License-Identifier: GPL-2.0-or-later */
/* privilege.h - giving up the rights that are no longer needed */
#ifndef NFHOP_PRIVILEGE_H
#define NFHOP_PRIVILEGE_H

#include <stdbool.h>

/**
 * privilege_drop - keep what live sources go on to need, give up all else for good
 * @files: files will still be opened that root alone may read (a followed log after rotation)
 *
 * Kept, if they are there: CAP_NET_ADMIN (tables, groups, receive buffers), CAP_SYSLOG
 * (/dev/kmsg), CAP_NET_RAW (what iptables-legacy-save needs when it is run again), and for @files
 * CAP_DAC_READ_SEARCH. The user stays the same. Programs that are run get no more.
 *
 * Return: 0 or -errno: then nothing can be said of what is left
 */
int privilege_drop(bool files);

#endif
