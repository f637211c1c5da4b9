/* SPDX-License-Identifier: GPL-2.0-or-later */
/* body.h - the packet's own part of a log line, after the devices */
#ifndef NFHOP_DECODE_BODY_H
#define NFHOP_DECODE_BODY_H

#include "packet.h"

/**
 * body_parse - what nf_log (formats.md 1.4 to 1.8) or ulogd (4.6) print of a packet
 * @rest: the line after "OUT=device"
 * Return: 0 with the packet, the ports of a bridge, mark and owner in @ev, and ev->family;
 *	-EINVAL with @fault
 */
int body_parse(struct str rest, bool whole, struct event *ev, struct fault *fault);

/* ebt_parse - the same for what ebtables --log prints (formats.md 1.9) */
int ebt_parse(struct str rest, bool whole, struct event *ev, struct fault *fault);

#endif
